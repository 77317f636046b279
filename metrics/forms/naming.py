"""The form on which a KPI is named for a feature or a release: which way, by how much, over which days, beside which controls."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from metrics.forms.kpis import Number
from metrics.models import Commitment, ExpectedChange, Kpi, KpiCadence, KpiDirection, KpiForm
from metrics.models.commitments import LONGEST_ROLL_OUT, MOST_CONTROLS, WINDOWS
from metrics.services.commitments import CommitmentFacts
from products.forms.fields import Choice, SettingsForm

PERCENT = 100
NO_CONTROL = ("", "None")
# How a change is typed, by the KPI's form.
UNITS = {KpiForm.SUM: "in %", KpiForm.RATIO: "in percentage points", KpiForm.MEAN: "in points"}


class NameKpiForm(SettingsForm):
    """What is to happen to one KPI. ``version`` is that of the page's KPI, 0 where none stood."""

    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    direction = Choice(label="What is to happen", missing="Choose what is to happen.")
    is_main = forms.BooleanField(
        label="It is the main KPI", required=False, help_text="The one that the verdict is about. One at most."
    )
    expected_change = Number(label="", max_digits=18, decimal_places=6)
    window_days = Choice(
        label="Read over",
        missing="Choose 7, 14 or 28 days.",
        help_text="The longer, the surer, and the more releases come in between. 14 days fit most.",
    )
    roll_out_days = forms.IntegerField(
        label="Days until everybody has it",
        min_value=0,
        max_value=LONGEST_ROLL_OUT,
        initial=0,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="These days are not read. 0 where all get it at once.",
        error_messages={
            "required": "Write 0 where everybody has it at once.",
            "invalid": "Write whole days, for example 3.",
            "min_value": "A roll-out takes 0 days at least.",
            "max_value": f"A roll-out takes {LONGEST_ROLL_OUT} days at most.",
        },
    )
    control_1 = forms.ChoiceField(label="First control", required=False)
    control_2 = forms.ChoiceField(label="Second control", required=False)
    control_3 = forms.ChoiceField(label="Third control", required=False)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        kpi: Kpi,
        held: Commitment | None,
        controls: Sequence[Kpi],
        looked_at: Sequence[str],
    ) -> None:
        super().__init__(data, initial=_initial(kpi, held, looked_at))
        self.kpi = kpi
        self.known = {control.slug: control for control in controls}
        self.fields["direction"].choices = _directions(kpi)
        self.fields["expected_change"].label = f"By how much, {UNITS[KpiForm(kpi.form)]}"
        self.fields["expected_change"].help_text = "What you expect, without a sign. It is compared with what came."
        weekly = kpi.cadence == KpiCadence.WEEK
        windows = [days for days in WINDOWS if days > min(WINDOWS) or not weekly]
        self.fields["window_days"].choices = [(str(days), f"{days} days") for days in windows]
        named = [(control.slug, f"{control.product.name}: {control.name}") for control in controls]
        for place in range(1, MOST_CONTROLS + 1):
            field = self.fields[f"control_{place}"]
            field.choices = [NO_CONTROL, *named]
            field.error_messages["invalid_choice"] = (
                "Choose a control from the list: another product’s KPI that is read on the same days."
            )
        self.fields[
            "control_1"
        ].help_text = "KPIs that this release cannot touch and that move with this one. With three good ones, effects a third as large can show."

    def clean(self) -> dict[str, Any]:
        """``facts`` is what a valid form says."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            given["facts"] = self._facts(given)
        return given

    def _facts(self, given: dict[str, Any]) -> CommitmentFacts:
        change: Decimal | None = given["expected_change"]
        if change is not None and self.kpi.form == KpiForm.SUM:
            change /= PERCENT
        chosen = [given[f"control_{place}"] for place in range(1, MOST_CONTROLS + 1)]
        return CommitmentFacts(
            direction=given["direction"],
            is_main=given["is_main"],
            expected_change=change,
            window_days=int(given["window_days"]),
            roll_out_days=given["roll_out_days"],
            controls=[self.known[slug] for slug in chosen if slug],
        )

    @property
    def chosen(self) -> list[str]:
        """The controls that the form shows."""
        return [slug for place in range(1, MOST_CONTROLS + 1) if (slug := self[f"control_{place}"].value())]

    @property
    def roll_out(self) -> int:
        """The days of roll-out that the form shows, 0 for what is no number of days."""
        shown = str(self["roll_out_days"].value())
        return min(int(shown), LONGEST_ROLL_OUT) if shown.isascii() and shown.isdigit() and len(shown) < 4 else 0


def _directions(kpi: Kpi) -> list[tuple[str, str]]:
    worse = "fall" if kpi.direction == KpiDirection.UP else "rise"
    ways = [(ExpectedChange.RISE, "It rises"), (ExpectedChange.FALL, "It falls")]
    if kpi.direction == KpiDirection.DOWN:
        ways.reverse()
    return [
        *[(way.value, words) for way, words in ways],
        (ExpectedChange.STAY.value, f"It does not {worse}: a guardrail"),
    ]


def _initial(kpi: Kpi, held: Commitment | None, looked_at: Sequence[str]) -> dict[str, Any]:
    said: dict[str, Any] = {"version": 0, "window_days": "14"}
    controls = list(looked_at)
    if held is not None:
        change = held.expected_change
        if change is not None and kpi.form == KpiForm.SUM:
            change *= PERCENT
        said = {
            "version": held.version,
            "direction": held.direction,
            "is_main": held.is_main,
            "expected_change": None if change is None else f"{change.normalize():f}",
            "window_days": str(held.window_days),
            "roll_out_days": held.roll_out_days,
        }
        controls = controls or [one.kpi.slug for one in held.controls.select_related("kpi").order_by("place")]
    return said | {f"control_{place}": slug for place, slug in enumerate(controls[:MOST_CONTROLS], start=1)}
