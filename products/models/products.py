"""Products of both types, the team that owns them and the PM who answers for them, by date."""

from typing import ClassVar
from zoneinfo import available_timezones

from django.contrib.postgres.indexes import GistIndex
from django.core.exceptions import ValidationError
from django.db import models

from products.catalog.countries import NAMES, country_name, subdivisions
from products.models.base import LIKENESS, Dated, never_empty, never_overlapping, one_of
from products.models.people import Team, User


def known_time_zone(name: str) -> None:
    """Refuse what is no IANA time zone; the database refuses it too, since every day is cut with it."""
    if name not in available_timezones():
        raise ValidationError(f"'{name}' is no IANA time zone. Write it like Europe/Amsterdam.")


def known_country(code: str) -> None:
    """Refuse what is no country whose public holidays are known."""
    if code not in NAMES:
        raise ValidationError(f"'{code}' is no country that we know. Write its two letters, for example NL.")


class ProductType(models.TextChoices):
    """Used by colleagues (I) or by customers (E)."""

    INTERNAL = "I", "Internal"
    EXTERNAL = "E", "External"


class Product(models.Model):
    """Something PMs answer for. Its type never changes (a trigger sees to it)."""

    Type = ProductType
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=1, choices=ProductType)
    audience = models.CharField(max_length=160, blank=True, help_text="Who it is for, in a few words.")
    time_zone = models.CharField(
        max_length=64, default="UTC", validators=[known_time_zone], help_text="IANA name; days are cut here."
    )
    currency = models.CharField(max_length=3, default="EUR", help_text="ISO 4217.")
    production_environment = models.CharField(max_length=60, default="production")
    released_is_live = models.BooleanField(help_text="Whether a plain 'released' event starts the impact clock.")
    country = models.CharField(
        max_length=2,
        blank=True,
        default="",
        db_default="",
        validators=[known_country],
        help_text="ISO 3166; its public holidays are masked.",
    )
    subdivision = models.CharField(
        max_length=10, blank=True, default="", db_default="", help_text="A state or canton with holidays of its own."
    )
    continues = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="continued_by")

    class Meta:
        constraints: ClassVar = [
            one_of("type", ProductType.values, name="products_product_type_is_known"),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="products_product_currency_is_a_code"
            ),
            models.CheckConstraint(
                condition=models.Q(country="") & models.Q(subdivision="") | models.Q(country__regex=r"^[A-Z]{2}$"),
                name="products_product_country_is_a_code",
            ),
            models.CheckConstraint(
                condition=models.Q(continues__isnull=True) | ~models.Q(continues=models.F("id")),
                name="products_product_does_not_continue_itself",
            ),
        ]
        indexes: ClassVar = [GistIndex(fields=["name"], opclasses=[LIKENESS], name="products_product_by_likeness")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a subdivision that the country has not; forms of Django's admin ask here."""
        if self.subdivision and self.subdivision not in subdivisions(self.country):
            raise ValidationError({"subdivision": f"{country_name(self.country)} has no such subdivision."})


class ProductTeam(Dated):
    """Which team owned a product on which day: a transfer does not rewrite history."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="ownerships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="ownerships")

    class Meta:
        constraints: ClassVar = [
            never_overlapping("product", name="products_productteam_one_owner_at_a_time"),
            never_empty(name="products_productteam_period_is_never_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.product} of {self.team}"


class AssignmentRole(models.TextChoices):
    """How a PM answers for a product."""

    OWNER = "owner", "Owner"
    CO_OWNER = "co_owner", "Co-owner"
    COVERING = "covering", "Covering"


class Assignment(Dated):
    """Who was a product's PM on which day; credit belongs to the one on duty at live_at."""

    Role = AssignmentRole
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assignments")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=10, choices=AssignmentRole)

    class Meta:
        constraints: ClassVar = [
            one_of("role", AssignmentRole.values, name="products_assignment_role_is_known"),
            never_overlapping("user", "product", name="products_assignment_one_role_at_a_time"),
            never_overlapping(
                "product", name="products_assignment_one_owner_at_a_time", condition=models.Q(role="owner")
            ),
            never_empty(name="products_assignment_period_is_never_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.user} for {self.product}"


class AllyFunction(models.TextChoices):
    """What a colleague from another function brings."""

    ACCOUNT_MANAGEMENT = "account_management", "Account management"
    MARKETING = "marketing", "Marketing"
    LEGAL = "legal", "Legal"
    REVENUE = "revenue", "Revenue"
    COMMUNICATIONS = "communications", "Communications"
    SUPPORT = "support", "Support"
    SECURITY = "security", "Security"
    PRIVACY = "privacy", "Privacy"
    DATA = "data", "Data"


class Ally(Dated):
    """A colleague who works on a product in another function, for example its account manager."""

    Function = AllyFunction
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="allies")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="alliances")
    function = models.CharField(max_length=20, choices=AllyFunction)

    class Meta:
        constraints: ClassVar = [
            one_of("function", AllyFunction.values, name="products_ally_function_is_known"),
            never_overlapping("product", "user", "function", name="products_ally_one_row_at_a_time"),
            never_empty(name="products_ally_period_is_never_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_function_display()} for {self.product}"
