"""Forms about a release: the result of an experiment, and what becomes of the release."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from metrics.forms.kpis import NUMBER_WORDS
from metrics.models import Decided, EffectScale, Experiment, Kpi, KpiForm
from metrics.services.evidence import ExperimentFacts
from products.forms.fields import Choice, SettingsForm

PERCENT = 100
LEVELS = [("0.9", "90 %"), ("0.95", "95 %"), ("0.99", "99 %")]
LARGEST_GROUP = 10**15


class Figure(forms.DecimalField):
    """A number that has to be there, with its sign."""

    def __init__(self, *, label: str, help_text: str = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            max_digits=18,
            decimal_places=4,
            localize=False,
            widget=forms.TextInput(attrs={"inputmode": "text"}),
            error_messages={"required": "Write a number, with a minus where it fell.", "invalid": NUMBER_WORDS},
        )


class Group(forms.IntegerField):
    """How many units were in a group."""

    def __init__(self, *, label: str, help_text: str = "") -> None:
        missing = "Write how many there were."
        super().__init__(
            label=label,
            help_text=help_text,
            min_value=1,
            max_value=LARGEST_GROUP,
            widget=forms.TextInput(attrs={"inputmode": "numeric"}),
            error_messages={
                "required": missing,
                "invalid": "Write a whole number.",
                "min_value": "A group has somebody in it.",
                "max_value": "That is more than anybody can count.",
            },
        )


class ExperimentForm(SettingsForm):
    """The result for one KPI. ``standing`` is the key of the result on the page, 0 for none."""

    standing = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    scale = Choice(label="How the effect is said", missing="Choose how the effect is said.")
    effect = Figure(label="Effect", help_text="With the release against without it; with a minus where it fell.")
    low = Figure(label="From")
    high = Figure(label="To")
    level = Choice(label="Level of the interval", choices=LEVELS, missing="Choose the level of the interval.")
    with_it = Group(label="Units that had the release", help_text="People, sessions, accounts: what was drawn by lot.")
    without_it = Group(label="Units that did not")
    url = forms.URLField(
        label="Where it is written down",
        required=False,
        max_length=1000,
        assume_scheme="https",
        error_messages={"invalid": "Write a whole address, like https://example.com/result."},
    )
    note = forms.CharField(
        label="What a reader should know", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: QueryDict | None, *, kpi: Kpi, held: Experiment | None) -> None:
        super().__init__(data, initial=_initial(held))
        points = "Percentage points" if kpi.form == KpiForm.RATIO else "Points"
        relative = (EffectScale.RELATIVE.value, "Per cent of what it was without the release")
        ways = [(EffectScale.POINTS.value, points), relative]
        self.fields["scale"].choices = [relative] if kpi.form == KpiForm.SUM else ways

    def clean(self) -> dict[str, Any]:
        """``facts`` is what a valid form says; per cent become parts."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            part = PERCENT if given["scale"] == EffectScale.RELATIVE else 1
            effect, low, high = (given[name] / part for name in ("effect", "low", "high"))
            rest = {name: given[name] for name in ("scale", "with_it", "without_it", "url", "note")}
            given["facts"] = ExperimentFacts(effect=effect, low=low, high=high, level=Decimal(given["level"]), **rest)
        return given


def _initial(held: Experiment | None) -> dict[str, Any]:
    if held is None:
        return {"standing": 0, "level": "0.95"}
    part = PERCENT if held.scale == EffectScale.RELATIVE else 1
    said = {name: f"{(getattr(held, name) * part).normalize():f}" for name in ("effect", "low", "high")}
    rest = {name: getattr(held, name) for name in ("scale", "with_it", "without_it", "url", "note")}
    return {"standing": held.pk, "level": f"{held.level.normalize():f}", **said, **rest}


class DecideForm(SettingsForm):
    """What becomes of a release, and why."""

    decided = Choice(
        label="What becomes of it",
        choices=[("", "Choose"), *Decided.choices],
        missing="Choose: keep it, change it, or roll it back.",
    )
    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What you saw, and what you made of it. It stays beside the release.",
        error_messages={"required": "Say why: whoever comes after you will ask."},
    )
