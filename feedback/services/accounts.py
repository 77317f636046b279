"""Customers as accounts: a name, a value and the colleague through whom we speak to them."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from feedback.models import Account
from products.models import User
from products.services.refusals import refusing


class AccountExists(Exception):
    """An account has this reference already."""


class ValueIncomplete(Exception):
    """An annual value says nothing without its currency and the day it was true."""


@transaction.atomic
def add_account(
    *,
    reference: str,
    name: str,
    segment: str,
    annual_value: Decimal | None,
    currency: str,
    valued_on: date | None,
    manager: User | None,
    consent: str,
) -> Account:
    """Add one account; never a person's name, address or number. Raises ``AccountExists`` and ``ValueIncomplete``."""
    refusals = {
        "feedback_account_reference_key": AccountExists(f"There is an account '{reference}' already."),
        "feedback_account_value_has_currency_and_date": ValueIncomplete(
            f"The value of {name} needs its currency (three capital letters, like EUR) and the day it was true."
        ),
    }
    with refusing(refusals):
        return Account.objects.create(
            reference=reference,
            name=name,
            segment=segment,
            annual_value=annual_value,
            currency=currency,
            valued_on=valued_on,
            manager=manager,
            consent=consent,
        )
