"""Forms about a release's way to its users."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms

from products.forms.fields import Choice, Colleague, Day, EditForm, SettingsForm, Words
from products.models import AllyFunction, Feature, Product, SignOffDecision
from products.models.signoffs import MOST_DUE_DAYS

REASON_LENGTH = 1000
DECISIONS = [("", "Choose")] + [
    (one.value, one.label) for one in (SignOffDecision.APPROVED, SignOffDecision.CONDITIONS, SignOffDecision.REJECTED)
]
FUNCTIONS = [("", "Choose"), *AllyFunction.choices]


class Reason(forms.CharField):
    """A few lines of text."""

    def __init__(self, *, label: str, help_text: str = "", missing: str = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            max_length=REASON_LENGTH,
            required=bool(missing),
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": missing},
        )


class PlanForm(SettingsForm):
    """A release that is to come. ``form`` tells one press of the button from two."""

    form = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)
    product = Choice(label="Product", missing="Choose the product.")
    version = Words(label="Version", max_length=200, missing="Write the version, as your build calls it.")
    name = Words(label="Name", max_length=200, help_text="What people call it. Without one the version stands.")
    planned_for = Day(label="Planned for")
    features = Words(label="Features", max_length=400, help_text="Their keys, for example W-12, W-15.")

    def __init__(self, data: Any = None, *, products: list[Product], initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"form": uuid4().hex, **(initial or {})})
        self.products = {product.slug: product for product in products}
        self.fields["product"].choices = [  # type: ignore[attr-defined]
            ("", "Choose"),
            *((slug, product.name) for slug, product in self.products.items()),
        ]

    def clean_product(self) -> Product:
        """The product itself."""
        return self.products[self.cleaned_data["product"]]

    def clean_features(self) -> list[str]:
        """Keys, each once."""
        text = str(self.cleaned_data.get("features") or "").upper().replace(",", " ")
        return list(dict.fromkeys(text.split()))

    def clean(self) -> dict[str, Any]:
        """Features are the product's own; the day is noon on its clock."""
        given: dict[str, Any] = super().clean() or {}
        product, keys = given.get("product"), given.get("features") or []
        if product is not None and keys:
            numbers = [
                int(key[2:])
                for key in keys
                if key.startswith("W-") and key[2:].isascii() and key[2:].isdigit() and len(key) < 20
            ]
            known = {row.key for row in Feature.objects.filter(product=product, pk__in=numbers)}
            if unknown := [key for key in keys if key not in known]:
                self.add_error("features", f"{product.name} has no feature {unknown[0]}. Write keys like W-12.")
        if product is not None and given.get("planned_for"):
            noon = datetime.combine(given["planned_for"], time(12), ZoneInfo(product.time_zone))
            given["planned_for"] = noon.astimezone(UTC)
        return given


class LiveForm(SettingsForm):
    """Nothing to fill in."""


class RollBackForm(SettingsForm):
    """Why, where anybody wants to say it; and whether those who read the announcement are told."""

    note = Reason(label="Note", help_text="Stays in the journal. It may be left empty.")
    tell = forms.BooleanField(label="Tell the people to whom it was announced", required=False)

    def __init__(self, data: Any = None, *, announced: bool) -> None:
        super().__init__(data)
        if not announced:
            del self.fields["tell"]

    def clean(self) -> dict[str, Any]:
        """Whoever is told is told something."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("tell") and not str(given.get("note") or "").strip():
            self.add_error("note", "Write what they are told, or do not tell them.")
        return given


class RequestForm(SettingsForm):
    """Whom to ask for which function's sign-off."""

    function = Choice(label="Function", choices=FUNCTIONS, missing="Choose the function that signs off.")
    approver = Colleague(label="Who decides")
    due_on = Day(label="Due on", missing="Choose the day until which you need it.")


class DecideForm(EditForm):
    """One screen: the decision, its words, its evidence."""

    decision = Choice(
        label="Decision", choices=DECISIONS, missing="Choose: approve, approve with conditions, or reject."
    )
    words = Reason(label="Conditions or reason", help_text="Needed unless you simply approve.")
    evidence_url = Words(label="Evidence", max_length=1000, help_text="A link to what your decision rests on, if any.")


class WaiveForm(SettingsForm):
    """Why it goes without."""

    words = Reason(
        label="Why it goes without this sign-off",
        help_text="Stays on the release for everybody to read.",
        missing="Say why it goes without this sign-off. The reason stays on the release.",
    )


class StageForm(SettingsForm):
    """From which day on how many have it."""

    day = Day(label="From", missing="Choose the day.")
    percent = forms.IntegerField(
        label="Share of users, per cent",
        required=False,
        min_value=0,
        max_value=100,
        help_text="Leave it empty to take the stage of that day back.",
        error_messages={
            "invalid": "Write a whole number from 0 to 100.",
            "min_value": "Write a share from 0 to 100 per cent.",
            "max_value": "Write a share from 0 to 100 per cent.",
        },
    )


class RuleForm(SettingsForm):
    """Within how many days a function signs releases off."""

    function = Choice(label="Function", choices=FUNCTIONS, missing="Choose the function that signs off.")
    due_days = forms.IntegerField(
        label="Due within, days",
        required=False,
        min_value=1,
        max_value=MOST_DUE_DAYS,
        help_text="Leave it empty where no sign-off is needed.",
        error_messages={
            "invalid": "Write a whole number of days.",
            "min_value": f"Write 1 to {MOST_DUE_DAYS} days.",
            "max_value": f"Write 1 to {MOST_DUE_DAYS} days.",
        },
    )
