"""Forms about KPIs: a new one, what may change about one, and a new wording of it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from metrics.models import Kpi, KpiCadence, KpiDirection, KpiFamily, KpiForm
from metrics.services.kpis import KPI_COLUMNS
from products.forms.fields import Choice, Day, EditForm, SettingsForm, Slug, Words, standing

NUMBER_WORDS = "Write a number like 0.44 or 117000."
SHARE_HINT = "For a ratio write the share: 0.44 stands for 44 %."
WORDING_HINT = "What counts, over what, from which source, so that two people would count the same."
WORDING_MISSING = "Write what exactly is counted."


class Number(forms.DecimalField):
    """A number of the size and precision that its column holds, or nothing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            localize=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            error_messages={"invalid": NUMBER_WORDS},
            **kwargs,
        )


class Wording(forms.CharField):
    """A definition in words."""

    def __init__(self) -> None:
        super().__init__(
            label="Definition",
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=WORDING_HINT,
            error_messages={"required": WORDING_MISSING},
        )


class KpiFields(SettingsForm):
    """What every KPI has and may change."""

    name = Words(label="Name", max_length=120, missing="Write the name that people use.")
    family = Choice(label="What it is about", choices=KpiFamily.choices, missing="Choose one from the list.")
    unit = Words(label="Unit", max_length=20, help_text="For example %, bookings or points.")
    currency = forms.RegexField(
        label="Currency",
        required=False,
        regex=r"\A[A-Z]{3}\Z",
        help_text="For money only: three capital letters, for example EUR. Fixed once readings are there.",
        error_messages={"invalid": "Write the currency as three capital letters, like EUR, or nothing."},
    )
    direction = Choice(label="Which way is good", choices=KpiDirection.choices, missing="Choose up or down.")
    target = Number(label="Target", max_digits=24, decimal_places=6, help_text=SHARE_HINT)
    smallest_change_worth = Number(
        label="Smallest change worth having",
        max_digits=12,
        decimal_places=4,
        min_value=0,
        help_text="For a sum its part: 0.02 stands for 2 %. For a ratio or a mean in its own points: 0.01 stands for one point of a share.",
    )
    is_main = forms.BooleanField(
        label="Main KPI of the product",
        required=False,
        help_text="One at most: it takes the place of the one that was.",
    )


class NewKpiForm(KpiFields):
    """A KPI to be. Product, short name and form are chosen here and never again."""

    product = Choice(label="Product", missing="Choose one of your products.")
    slug = Slug(max_length=80)
    form = Choice(
        label="How a day’s value is made",
        choices=[("", "Choose"), *KpiForm.choices],
        missing="Choose how a day’s value is made.",
        help_text="Chosen once: the readings are stored for it.",
    )
    cadence = Choice(
        label="How often it is read",
        choices=KpiCadence.choices,
        missing="Choose every day or every week.",
        help_text="Chosen once. Effects show sooner on what is read every day.",
    )
    wording = Wording()
    holds_from = Day(label="Holds from", missing="Write the first day that this definition speaks for.")
    field_order = ("product", "name", "slug", "wording", "holds_from", "family", "form", "cadence", "unit", "currency")

    def __init__(self, data: QueryDict | None, *, products: Sequence[tuple[str, str]], today: date, own: str) -> None:
        super().__init__(data, initial={"holds_from": today, "product": own, "cadence": KpiCadence.DAY})
        self.fields["is_main"].help_text = "One at most. Where there is one, tick this on the new one’s page later."
        for name in ("family", "direction"):
            self.fields[name].choices = [("", "Choose"), *self.fields[name].choices]
        self.fields["product"].choices = [("", "Choose"), *products]


class ChangeKpiForm(EditForm, KpiFields):
    """A KPI that is there."""

    @classmethod
    def of(cls, kpi: Kpi, data: QueryDict | None) -> "ChangeKpiForm":
        """The form for the KPI as it stands; numbers without the zeros of their column."""
        return cls(data, initial={name: _plain(value) for name, value in standing(kpi, KPI_COLUMNS).items()})


class WordingForm(SettingsForm):
    """Another wording from a day on."""

    wording = Wording()
    holds_from = Day(
        label="Holds from",
        missing="Write the first day that the new wording speaks for.",
        help_text="A day after the present wording began. Nothing is read across it: the line breaks there.",
    )


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
