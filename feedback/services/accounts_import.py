"""Accounts from an imported table: added and updated by reference; none is ever taken away."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from feedback.models import Account, Consent, ConsentChange
from feedback.services.accounts_rows import AccountRow, account_rows
from pmtrack.web.tables.files import Table
from products.models import Product, ProductType, User
from products.services.refusals import refusing
from products.services.sheets import (
    Line,
    Looked,
    one_import_at_a_time,
    refusals_of,
    refuse_unless_asked,
    rows_that_disagree,
)

FIELDS = ("name", "segment", "annual_value", "currency", "valued_on", "manager", "consent", "consent_via")
VALUE = ("annual_value", "currency", "valued_on")


class AccountsMoved(Exception):
    """Somebody added one of these accounts while the file was being applied; nothing was."""


class _Refused(Exception):
    """A row that names what is not there."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows name, looked up at once."""

    accounts: Mapping[str, Account]
    people: Mapping[str, User]
    products: Mapping[str, Product]
    customers_of: Mapping[int, frozenset[str]]


@dataclass(slots=True)
class _Change:
    """An account as it shall be (unsaved where new), its consent before, its products where the file tells them."""

    row: AccountRow
    account: Account
    consent_before: str
    products: frozenset[str] | None
    words: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Plan:
    looked: Looked
    changes: tuple[_Change, ...]
    products: Mapping[str, Product]


def look_at_accounts(*, table: Table) -> Looked:
    """What applying the table would do. Writes nothing; four statements. Raises ``Unreadable``."""
    return _plan(table).looked


@transaction.atomic
def apply_accounts(*, table: Table, by: User, keep_good_rows: bool, now: datetime) -> Looked:
    """Bring accounts to what the table says, consent with its history; what was done.

    Raises ``Unreadable``, ``NothingToApply``, ``RowsRefused`` and ``AccountsMoved``; then nothing is changed.
    """
    one_import_at_a_time()
    plan = _plan(table, hold=True)
    refuse_unless_asked(plan.looked, keep_good_rows=keep_good_rows)
    moved = AccountsMoved("Somebody added one of these accounts at the same time. Look at the file again.")
    with refusing({"feedback_account_reference_key": moved}):
        Account.objects.bulk_create(change.account for change in plan.changes if change.account.pk is None)
    held = [change.account for change in plan.changes if change.words != ["new account"]]
    Account.objects.bulk_update(held, FIELDS, batch_size=500)
    ConsentChange.objects.bulk_create(
        ConsentChange(
            account=change.account,
            from_consent=change.consent_before,
            to_consent=change.account.consent,
            via=change.account.consent_via,
            by=by,
            at=now,
        )
        for change in plan.changes
        if change.account.consent != change.consent_before
    )
    _set_products(plan)
    return plan.looked


def _set_products(plan: _Plan) -> None:
    """The products of accounts whose rows tell them."""
    through = Account.products.through
    told = [change for change in plan.changes if change.products is not None]
    through._default_manager.filter(account__in=[change.account.pk for change in told]).delete()
    through._default_manager.bulk_create(
        through(account_id=change.account.pk, product_id=plan.products[slug].pk)
        for change in told
        for slug in sorted(change.products or ())
    )


def _plan(table: Table, *, hold: bool = False) -> _Plan:
    rows, reasons = account_rows(table)
    reasons |= rows_that_disagree((row.number, row.reference, _without_number(row)) for row in rows)
    once = {row.reference: row for row in reversed(rows) if row.number not in reasons}
    known = _look_up(once, hold=hold)
    changes = []
    for row in sorted(once.values(), key=lambda row: row.number):
        try:
            changes.append(_change(row, known))
        except _Refused as error:
            reasons[row.number] = str(error)
    doing = tuple(change for change in changes if change.words)
    lines = [(change, Line(change.row.number, change.account.name, "; ".join(change.words))) for change in doing]
    looked = Looked(
        new=tuple(line for change, line in lines if change.account.pk is None),
        changed=tuple(line for change, line in lines if change.account.pk is not None),
        ended=(),
        same=len(table.rows) - len(reasons) - len(doing),
        refused=refusals_of(dict(table.rows), reasons),
    )
    return _Plan(looked, doing, known.products)


def _without_number(row: AccountRow) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in AccountRow.__slots__ if name != "number")


def _look_up(rows: Mapping[str, AccountRow], *, hold: bool) -> _Known:
    """Accounts, people and products that the rows name."""
    asked = Account.objects.filter(reference__in=rows).select_related("manager", "consent_via").order_by("pk")
    accounts = {row.reference: row for row in (asked.select_for_update(of=("self",)) if hold else asked)}
    mails = {row.manager for row in rows.values() if row.manager}
    slugs = {slug for row in rows.values() for slug in row.products}
    pairs = Account.products.through._default_manager.filter(account__in=accounts.values())
    customers: dict[int, set[str]] = {}
    for account, slug in pairs.values_list("account_id", "product__slug"):
        customers.setdefault(account, set()).add(slug)
    return _Known(
        accounts,
        {user.email: user for user in User.objects.filter(email__in=mails)},
        {product.slug: product for product in Product.objects.filter(slug__in=slugs)},
        {account: frozenset(found) for account, found in customers.items()},
    )


def _change(row: AccountRow, known: _Known) -> _Change:
    """What a row makes of its account. Raises ``_Refused``."""
    account = known.accounts.get(row.reference)
    is_new = account is None
    account = account or Account(reference=row.reference)
    before = {name: getattr(account, name) for name in FIELDS}
    account.name = row.name
    if "segment" in row.said:
        account.segment = row.segment
    if "annual_value" in row.said:
        account.annual_value, account.currency, account.valued_on = row.annual_value, row.currency, row.valued_on
    if "manager" in row.said:
        account.manager = _manager(row, account, known)
    if row.consent and row.consent != account.consent:
        _consent(row, account)
    products = _products(row, known)
    words = ["new account"] if is_new else _differences(before, account)
    held = known.customers_of.get(account.pk, frozenset())
    if products is not None and products == held:
        products = None
    if products is not None and not is_new:
        words.append(f"products become {', '.join(sorted(products)) or 'none'}")
    return _Change(row, account, str(before["consent"]), products, words)


def _manager(row: AccountRow, account: Account, known: _Known) -> User | None:
    """The colleague who manages the account; one who left may stay, and does not come anew. Raises ``_Refused``."""
    if not row.manager:
        return None
    manager = known.people.get(row.manager)
    if manager is None or not (manager.is_active or manager.pk == account.manager_id):
        told = "has left" if manager else "is no colleague’s mail address"
        raise _Refused(f"manager: “{row.manager}” {told}. Name somebody who is here.")
    return manager


def _consent(row: AccountRow, account: Account) -> None:
    """The account's consent as the row says it, through its manager. Raises ``_Refused``."""
    if row.consent == Consent.YES and account.manager is None:
        raise _Refused(f"consent: name the manager through whom we may contact {row.name}.")
    account.consent = row.consent
    account.consent_via = account.manager if row.consent == Consent.YES else None


def _products(row: AccountRow, known: _Known) -> frozenset[str] | None:
    """The slugs that the row names, None where the file has no such column. Raises ``_Refused``."""
    if "products" not in row.said:
        return None
    for slug in row.products:
        product = known.products.get(slug)
        if product is None:
            raise _Refused(f"products: there is no product “{slug}”. Write slugs with spaces between.")
        if product.type != ProductType.EXTERNAL:
            raise _Refused(f"products: {product.name} is internal, and has colleagues in place of customers.")
    return frozenset(row.products)


def _differences(before: Mapping[str, Any], account: Account) -> list[str]:
    """What an account becomes. What it was is not told: who imports accounts may not know what they held."""
    words = []
    if any(before[name] != getattr(account, name) for name in VALUE):
        words.append(f"value becomes {_worth(account)}")
    for name in ("name", "segment", "manager"):
        if before[name] != getattr(account, name):
            words.append(f"{name} becomes {getattr(account, name) or 'none'}")
    if before["consent"] != account.consent:
        words.append(f"consent becomes “{Consent(account.consent).label.lower()}”")
    return words


def _worth(account: Account) -> str:
    """``90,000.00 EUR on 1 Jun 2026``."""
    day = account.valued_on
    if account.annual_value is None or day is None:
        return "none"
    return f"{account.annual_value:,.2f} {account.currency} on {day.day} {day:%b %Y}"
