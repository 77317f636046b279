"""Customers as accounts: a name, a value and the colleague through whom we speak to them."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction

from feedback.models import Account, Consent
from products.models import Product, User
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
    products: Iterable[Product] = (),
) -> Account:
    """Add one account, a customer of ``products``; never a person's name, address or number.

    A consent that was given is taken to be given through the manager. Raises ``AccountExists`` and ``ValueIncomplete``.
    """
    refusals = {
        "feedback_account_reference_key": AccountExists(f"There is an account '{reference}' already."),
        "feedback_account_value_has_currency_and_date": ValueIncomplete(
            f"The value of {name} needs its currency (three capital letters, like EUR) and the day it was true."
        ),
    }
    with refusing(refusals):
        account = Account.objects.create(
            reference=reference,
            name=name,
            segment=segment,
            annual_value=annual_value,
            currency=currency,
            valued_on=valued_on,
            manager=manager,
            consent=consent,
            consent_via=manager if consent == Consent.YES else None,
        )
    account.products.set(products)
    return account
