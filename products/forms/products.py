"""Forms about products: new, facts, whose it is, who answers for it, who helps."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import QueryDict

from products.catalog.countries import NAMES
from products.forms.fields import Choice, Colleague, Day, EditForm, SettingsForm, Slug, Words, standing
from products.models import Ally, AllyFunction, Assignment, AssignmentRole, Product, ProductType
from products.services.products import PRODUCT_COLUMNS
from products.services.roles import ALLY_COLUMNS, ASSIGNMENT_COLUMNS

ZONES = [(name, name) for name in sorted(available_timezones())]
COUNTRIES = [("", "None: no public holidays are left out"), *sorted(NAMES.items(), key=lambda one: one[1])]
GONE = "gone"


class ProductFields(SettingsForm):
    """What every product has and may change."""

    name = Words(label="Name", max_length=120, missing="Write the name that people use.")
    audience = Words(
        label="Who it is for", max_length=160, help_text="In a few words, for example “shippers in the EU”."
    )
    time_zone = Choice(
        label="Time zone",
        choices=ZONES,
        missing="Choose a time zone from the list, for example Europe/Amsterdam.",
        help_text="Days are cut here. After a change every figure of the product is worked out again.",
    )
    currency = forms.RegexField(
        label="Currency",
        regex=r"\A[A-Z]{3}\Z",
        help_text="Three capital letters, for example EUR.",
        error_messages={
            "required": "Write the currency as three capital letters, like EUR.",
            "invalid": "Write the currency as three capital letters, like EUR.",
        },
    )
    country = forms.ChoiceField(
        label="Country of its users",
        required=False,
        choices=COUNTRIES,
        help_text="On its public holidays the figures are not like other days: effects are read without them.",
        error_messages={"invalid_choice": "Choose a country from the list."},
    )
    subdivision = Words(
        label="State, province or canton",
        max_length=10,
        help_text="Its code, where it has public holidays of its own, for example BY for Bavaria.",
    )


class NewProductForm(ProductFields):
    """A product to be. The type is chosen here and never again."""

    slug = Slug(max_length=60)
    type = Choice(
        label="Who uses it",
        choices=[
            ("", "Choose"),
            (ProductType.INTERNAL, "Colleagues: Type I"),
            (ProductType.EXTERNAL, "Customers: Type E"),
        ],
        missing="Choose whether colleagues or customers use it.",
        help_text="This is chosen once and can never change. A product that changes sides is continued by a new one.",
    )
    continues = forms.ChoiceField(
        label="Continues",
        required=False,
        help_text="The product that this one takes over from, for example an internal tool that opens to customers.",
        error_messages={"invalid_choice": "Choose a product from the list, or “No other product”."},
    )
    field_order = ("name", "slug", "type", "audience", "continues", "time_zone", "currency", "country", "subdivision")

    def __init__(self, data: QueryDict | None, *, products: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"time_zone": "UTC", "currency": "EUR"})
        self.fields["continues"].choices = [("", "No other product"), *products]


class ProductForm(EditForm, ProductFields):
    """A product that is there."""

    production_environment = Words(
        label="Production environment",
        max_length=60,
        missing="Write the name of the environment that users see, for example production.",
        help_text="Releases in this environment start the impact clock. After a change every release is read again.",
    )
    released_is_live = forms.BooleanField(
        label="A release is live as soon as it is released",
        required=False,
        help_text="Off: the clock starts when users are exposed to it. After a change every release is read again.",
    )

    @classmethod
    def of(cls, product: Product, data: QueryDict | None) -> "ProductForm":
        """The form for the product as it stands."""
        return cls(data, initial=standing(product, PRODUCT_COLUMNS))


class TransferForm(SettingsForm):
    """Another team from a day on."""

    team = Choice(label="New team", missing="Choose the team that owns it from then on.")
    start = Day(label="From", missing="Write the first day on which the new team owns it.")

    def __init__(self, data: QueryDict | None, *, teams: Sequence[tuple[str, str]], today: date) -> None:
        super().__init__(data, initial={"start": today})
        self.fields["team"].choices = [("", "Choose"), *teams]


class NewAssignmentForm(SettingsForm):
    """Somebody who will answer for a product."""

    user = Colleague(label="Who")
    role = Choice(
        label="As",
        choices=AssignmentRole.choices,
        missing="Choose a role from the list.",
        help_text="One owner at a time; any number of co-owners and people covering.",
    )
    start = Day(label="From", missing="Write the first day on duty.")
    end = Day(label="Until, if that is known", help_text="The first day off duty. Empty: until further notice.")


class AssignmentForm(EditForm):
    """What somebody who answers for a product becomes."""

    role = Choice(
        label="Then",
        choices=[*AssignmentRole.choices, (GONE, "No longer answers for it")],
        missing="Choose what they are from then on.",
    )
    start = Day(
        label="From", missing="Write the day of the change.", help_text="The first day on which the new role holds."
    )

    @classmethod
    def of(cls, row: Assignment, data: QueryDict | None, *, today: date) -> "AssignmentForm":
        """The form for the row as it stands."""
        return cls(data, initial={**standing(row, ASSIGNMENT_COLUMNS), "start": today})


class NewAllyForm(SettingsForm):
    """A colleague of another function."""

    user = Colleague(label="Who")
    function = Choice(
        label="In which function",
        choices=[("", "Choose"), *AllyFunction.choices],
        missing="Choose a function from the list.",
        help_text="An ally sees the customer accounts that spoke about this product.",
    )
    start = Day(label="From", missing="Write the first day.")
    end = Day(label="Until, if that is known", help_text="The first day without. Empty: until further notice.")


class EndForm(EditForm):
    """The first day on which something no longer holds."""

    start = Day(label="First day without", missing="Write the first day on which it no longer holds.")

    @classmethod
    def of(cls, row: Ally, data: QueryDict | None, *, today: date) -> "EndForm":
        """The form for the row as it stands."""
        return cls(data, initial={**standing(row, ALLY_COLUMNS), "start": today})


def role_or_none(given: dict[str, Any]) -> str | None:
    """The chosen role, or None for “no longer”."""
    return None if given["role"] == GONE else str(given["role"])
