"""Customers as accounts: never names, addresses or numbers of people outside the company."""

from typing import ClassVar

from django.db import models

from products.models import Product, User
from products.models.base import one_of


class Consent(models.TextChoices):
    """Whether we may contact an account about what it said."""

    NOT_ASKED = "not_asked", "Not asked yet"
    YES = "yes", "Yes, through a colleague"
    NO = "no", "No"


class Account(models.Model):
    """A customer, known through a colleague who manages it."""

    reference = models.SlugField(max_length=60, unique=True, help_text="The id that clients and imports use.")
    name = models.CharField(max_length=160)
    segment = models.CharField(max_length=60, blank=True)
    annual_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    valued_on = models.DateField(null=True, blank=True)
    manager = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts")
    consent = models.CharField(max_length=10, choices=Consent, default=Consent.NOT_ASKED)
    consent_via = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Through whom.",
    )
    products = models.ManyToManyField(Product, related_name="accounts", blank=True, help_text="Whose customer it is.")

    class Meta:
        constraints: ClassVar = [
            one_of("consent", Consent.values, name="feedback_account_consent_is_known"),
            models.CheckConstraint(
                condition=models.Q(annual_value__isnull=True)
                | models.Q(currency__regex=r"^[A-Z]{3}$", valued_on__isnull=False),
                name="feedback_account_value_has_currency_and_date",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ConsentChange(models.Model):
    """What an account's consent was before and after, and who learnt it. Only ever added to."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="consent_changes")
    from_consent = models.CharField(max_length=10, choices=Consent)
    to_consent = models.CharField(max_length=10, choices=Consent)
    via = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            one_of("from_consent", Consent.values, name="feedback_consentchange_from_is_known"),
            one_of("to_consent", Consent.values, name="feedback_consentchange_to_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_to_consent_display()}"
