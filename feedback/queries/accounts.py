"""Customers that the reader may know: who manages them, whether we may contact them, how often they spoke."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, Lower

from feedback.access import visible_accounts, visible_feedback, visible_voices
from feedback.catalog.wording import cut, day_of, time_of
from feedback.models import Account, Consent, ConsentChange, Voice
from products.access import Actor
from products.catalog.words import counted
from products.models import Product

PAGE_ROWS = 50
HEARD_ROWS = 50
LONGEST_QUESTION = 80
LONGEST_LINE = 160


@dataclass(frozen=True, slots=True)
class ProductName:
    """A product whose customer an account is."""

    slug: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One customer in the list. ``voices`` counts what it said, a merged group once, as far as the reader may know."""

    reference: str
    name: str
    segment: str
    manager: str
    consent: str
    consent_text: str
    value_text: str
    valued_text: str
    voices: int
    voices_text: str
    products: tuple[ProductName, ...]


@dataclass(frozen=True, slots=True)
class AccountList:
    """One page of customers by name; ``total`` counts all that were asked for."""

    rows: tuple[AccountRow, ...]
    asked: str
    consent: str
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ConsentStep:
    """One change of consent, in words."""

    text: str
    by: str
    at_text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that the customer said; ``where`` tells the entry that counts, where it was merged."""

    key: str
    number: int
    text: str
    product: str
    type: str
    heard_text: str
    via: str
    where: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One customer with its consent's history, the newest first, and what it said."""

    account: Account
    row: AccountRow
    steps: tuple[ConsentStep, ...]
    heard: tuple[Heard, ...]


def account_list(user: Actor, *, day: date, asked: str = "", consent: str = "", page: int = 1) -> AccountList:
    """Customers whose name, reference, segment or manager holds ``asked``, by name. Two statements."""
    asked = asked.replace("\x00", "").strip()[:LONGEST_QUESTION]
    rows = _counted(visible_accounts(user, day=day), user, day)
    if asked:
        holds = Q(name__icontains=asked) | Q(reference__icontains=asked) | Q(segment__icontains=asked)
        rows = rows.filter(holds | Q(manager__name__icontains=asked))
    if consent:
        rows = rows.filter(consent=consent)
    ordered = rows.annotate(total=Window(Count("*"))).order_by(Lower("name"), "pk")
    found = list(ordered[(page - 1) * PAGE_ROWS : page * PAGE_ROWS])
    total = found[0].total if found else 0
    return AccountList(_rows(found), asked, consent, total, page, max(1, -(-total // PAGE_ROWS)))


def account_page(user: Actor, reference: str, *, day: date) -> AccountPage | None:
    """One customer, None where there is none that the reader may know. Four statements."""
    account: Any = _counted(visible_accounts(user, day=day), user, day).filter(reference=reference).first()
    if account is None:
        return None
    steps = ConsentChange.objects.filter(account=account).select_related("via", "by").order_by("-at", "-pk")
    return AccountPage(account, _rows([account])[0], tuple(map(_step, steps)), _heard(user, account, day))


def _counted(accounts: QuerySet[Account], user: Actor, day: date) -> Any:
    """With the number of things that each one said: distinct over merged groups, what was taken back left out."""
    said = (
        visible_voices(user, day=day)
        .filter(account=OuterRef("pk"), feedback__withdrawn_at__isnull=True)
        .order_by()
        .values("account")
        .annotate(said=Count(Coalesce("feedback__merged_into", "feedback"), distinct=True))
        .values("said")
    )
    return accounts.select_related("manager", "consent_via").annotate(said=Coalesce(Subquery(said), 0))


def _rows(accounts: Iterable[Any]) -> tuple[AccountRow, ...]:
    """Rows with the products of all of them, looked up at once."""
    accounts = list(accounts)
    pairs = Product.objects.filter(accounts__in=accounts).order_by("name").annotate(customer=F("accounts"))
    products: dict[int, list[ProductName]] = {}
    for one in pairs if accounts else ():
        products.setdefault(one.customer, []).append(ProductName(one.slug, one.name, one.type))
    return tuple(_row(account, tuple(products.get(account.pk, ()))) for account in accounts)


def _row(account: Any, products: tuple[ProductName, ...]) -> AccountRow:
    return AccountRow(
        reference=account.reference,
        name=account.name,
        segment=account.segment,
        manager=account.manager.name if account.manager else "",
        consent=account.consent,
        consent_text=consent_text(account.consent, account.consent_via.name if account.consent_via else ""),
        value_text=value_text(account.annual_value, account.currency),
        valued_text=f"a year, on {_day_text(account.valued_on)}" if account.valued_on else "",
        voices=account.said,
        voices_text=counted(account.said, "entry", "entries"),
        products=products,
    )


def consent_text(consent: str, via: str) -> str:
    """``Yes, through Petra Holm``."""
    if consent == Consent.YES:
        return f"Yes, through {via}" if via else "Yes, through a colleague"
    return str(Consent(consent).label)


def value_text(value: Decimal | None, currency: str) -> str:
    """``EUR 117,000``, with cents only where there are some; "" where no value is known."""
    if value is None:
        return ""
    return f"{currency} {value:,.0f}" if value == value.to_integral_value() else f"{currency} {value:,.2f}"


def _day_text(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _step(change: Any) -> ConsentStep:
    after = consent_text(change.to_consent, change.via.name if change.via else "")
    before = Consent(change.from_consent).label
    learnt = f", learnt through {change.via.name}" if change.via and change.to_consent != Consent.YES else ""
    return ConsentStep(f"{after}{learnt}; before: {before[:1].lower()}{before[1:]}", change.by.name, time_of(change.at))


def _heard(user: Actor, account: Account, day: date) -> tuple[Heard, ...]:
    """The newest entries behind which the customer stands, as far as the reader may know."""
    shown = visible_feedback(user).filter(withdrawn_at__isnull=True)
    voices = (
        visible_voices(user, day=day)
        .filter(account=account, feedback__in=shown)
        .select_related("feedback__product", "via")
        .order_by("-feedback__received_at", "-pk")
    )
    return tuple(map(_entry, voices[:HEARD_ROWS]))


def _entry(voice: Voice) -> Heard:
    entry = voice.feedback
    product = entry.product
    at: datetime = entry.received_at
    return Heard(
        key=entry.key,
        number=entry.pk,
        text=cut(entry.text, LONGEST_LINE),
        product=product.name if product else "no product yet",
        type=product.type if product else "",
        heard_text=day_of(at) if product is None else _day_text(at.astimezone(ZoneInfo(product.time_zone)).date()),
        via=voice.via.name if voice.via else "",
        where=f"FB-{entry.merged_into_id}" if entry.merged_into_id else "",
    )
