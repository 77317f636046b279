"""Two forms of an upload: the file, and how to read it."""

from collections.abc import Mapping
from typing import Any

from django import forms

from metrics.models import Kpi
from metrics.sheets.columns import DAY, PARTS, Part, Plan, propose
from pmtrack.web.tables.cells import DAY_FORMATS
from pmtrack.web.tables.files import Table

USUAL_SOURCE = "csv"
NOT_IN_FILE = ""
MARKS = [("", "Choose"), ("point", "1234.5, with a point"), ("comma", "1234,5, with a comma")]


class PlanForm(forms.Form):
    """Which column says what. Opened without data it holds what the file itself decides."""

    source = forms.CharField(
        max_length=80,
        initial=USUAL_SOURCE,
        error_messages={"required": "Name the program that the figures come from, such as csv."},
    )

    def __init__(self, data: Mapping[str, Any], *, table: Table, kpi: Kpi) -> None:
        self.table, self.kpi_form = table, kpi.form
        self.is_proposal = "day" not in data
        super().__init__(self._proposal(kpi) if self.is_proposal else data, auto_id="up-%s", initial={})
        columns = [(str(index), heading) for index, heading in enumerate(table.headings)]
        self.fields[DAY] = _choice(columns, "Choose the column that holds the day.")
        formats = [("", "Choose"), *DAY_FORMATS.items()]
        asked = "Say how days are written: 3/4/2026 could be 3 April or March 4, and the file does not decide it."
        self.fields["day_format"] = _choice(formats, asked)
        for part in PARTS[kpi.form]:
            offered = columns if part.is_needed else [(NOT_IN_FILE, "Not in the file"), *columns]
            told = f"Choose the column that holds “{part.label.lower()}”."
            self.fields[part.name] = _choice(offered, told, required=part.is_needed)
            marks = MARKS if part.is_needed else [(NOT_IN_FILE, "Not in the file"), *MARKS[1:]]
            self.fields[f"{part.name}_decimal"] = _choice(marks, "", required=False)

    def _proposal(self, kpi: Kpi) -> dict[str, str]:
        plan = propose(self.table, kpi.form, names=(kpi.slug, kpi.name))
        said = {name: str(index) for name, index in plan.columns.items()}
        marks = {f"{name}_decimal": mark for name, mark in plan.decimals.items()}
        return {**said, **marks, "day_format": plan.day_format, "source": USUAL_SOURCE}

    def clean(self) -> dict[str, Any]:
        """Each column says one thing, and every number column says how its decimals are written."""
        given = self.cleaned_data
        taken: dict[str, str] = {}
        for name, label in [(DAY, "Day"), *[(part.name, part.label) for part in self.parts]]:
            column = given.get(name)
            if not column:
                continue
            if column in taken:
                self.add_error(name, f"“{label}” and “{taken[column]}” cannot stand in the same column.")
            taken.setdefault(column, label)
            if name != DAY and not given.get(f"{name}_decimal"):
                heading = self.table.headings[int(column)]
                told = f"Say how decimals are written in “{heading}”: 1,234 could be a thousand or a little over one."
                self.add_error(f"{name}_decimal", told)
        return given

    @property
    def parts(self) -> tuple[Part, ...]:
        """What a row of this KPI says beside its day."""
        return PARTS[self.kpi_form]

    @property
    def rows(self) -> list[tuple[Part, forms.BoundField, forms.BoundField]]:
        """Each part with its two fields, for the page."""
        return [(part, self[part.name], self[f"{part.name}_decimal"]) for part in self.parts]

    def plan(self) -> Plan:
        """What a valid form says."""
        given = self.cleaned_data
        columns = {name: int(given[name]) for name in (DAY, *[part.name for part in self.parts]) if given.get(name)}
        decimals = {name: given[f"{name}_decimal"] for name in columns if name != DAY}
        return Plan(columns, decimals, given["day_format"])

    def said(self) -> list[tuple[str, str]]:
        """Every field with its value, for links and for the form that stores."""
        return [(name, str(self[name].value() or "")) for name in self.fields]


def _choice(choices: list[tuple[str, str]], told: str, *, required: bool = True) -> forms.ChoiceField:
    errors = {"required": told, "invalid_choice": told or "Choose one from the list."}
    return forms.ChoiceField(choices=choices, required=required, error_messages=errors)
