"""Tables that people chose to import, kept between looking at them and applying them."""

from typing import ClassVar

from django.db import models

from products.models.base import one_of
from products.models.people import User


class SheetKind(models.TextChoices):
    """What the rows of a table are."""

    TEAMS = "teams", "Teams"
    PEOPLE = "people", "Colleagues"
    ACCOUNTS = "accounts", "Accounts"
    USAGE = "usage", "Usage"


# What administrators bring in; usage is brought in by whoever answers for a product.
ADMINISTERED = (SheetKind.TEAMS, SheetKind.PEOPLE, SheetKind.ACCOUNTS)


class KeptSheet(models.Model):
    """A table as text, its owner's alone, gone after a day. Nothing in it is a fact before it is applied."""

    Kind = SheetKind
    kind = models.CharField(max_length=8, choices=SheetKind)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kept_sheets")
    name = models.CharField(max_length=200, help_text="The file's name, for its owner's eyes.")
    encoding = models.CharField(max_length=12)
    text = models.TextField()
    kept_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            one_of("kind", SheetKind.values, name="products_keptsheet_kind_is_known"),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("kept_at")), name="products_keptsheet_expires_later"
            ),
        ]
        # Serves the sweep.
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="products_sheets_by_expiry")]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_kind_display()}"
