"""Context events as their page lists them: whose, what, which days, and the public holidays of a product's country."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from metrics.access import notes_for_the_company, visible_events, writable_events
from metrics.models import ContextEvent
from metrics.queries.words import short_day
from products.access import Actor, manageable_products
from products.catalog.countries import country_name, public_holidays
from products.catalog.words import counted
from products.models import Product

MOST_EVENTS = 200
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; ``state`` is planned, goes on or over; ``product`` and ``slug`` are "" for the whole company."""

    id: int
    name: str
    kind: str
    product: str
    slug: str
    type: str
    days: str
    state: str
    by: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday that is left out of a product's effects."""

    day: str
    name: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, the newest first, of everybody or of one product with those of the company; ``holidays`` of one product."""

    rows: tuple[EventRow, ...]
    is_cut: bool
    product: Product | None
    country: str
    holidays: tuple[Holiday, ...]
    may_note: bool

    @property
    def title(self) -> str:
        """How many there are, as the page's finding."""
        going = sum(row.state == "goes on" for row in self.rows)
        told = counted(len(self.rows), "event") if self.rows else "No event yet"
        return f"{told}, {going} going on" if going else told


def event_page(user: Actor, product: Product | None, *, today: date) -> EventPage:
    """The events of one product and of the company, or all. Four statements at most."""
    rows = visible_events(user).select_related("product", "noted_by").order_by("-first_day", "-pk")
    if product is not None:
        rows = rows.filter(Q(product=product) | Q(product__isnull=True))
    found = list(rows[: MOST_EVENTS + 1])
    mine = set(writable_events(user, day=today).filter(pk__in=[row.pk for row in found]).values_list("pk", flat=True))
    country = ""
    if product is not None and product.country:
        country = ", ".join(filter(None, [country_name(product.country), product.subdivision]))
    holidays = _holidays(product, today) if product else []
    may_note = notes_for_the_company(user, day=today) or manageable_products(user, day=today).exists()
    listed = tuple(_row(row, today, row.pk in mine) for row in found[:MOST_EVENTS])
    return EventPage(listed, len(found) > MOST_EVENTS, product, country, tuple(holidays), may_note)


def _holidays(product: Product, today: date) -> list[Holiday]:
    """Those of the year before and the year to come."""
    found = public_holidays(product.country, product.subdivision, first=today - A_YEAR, last=today + A_YEAR)
    return [Holiday(short_day(day), name) for day, name in found]


def _row(row: ContextEvent, today: date, may_change: bool) -> EventRow:
    state = "planned" if row.first_day > today else "over" if row.last_day and row.last_day < today else "goes on"
    return EventRow(
        id=row.pk,
        name=row.name,
        kind=row.get_kind_display(),
        product=row.product.name if row.product else "",
        slug=row.product.slug if row.product else "",
        type=row.product.type if row.product else "",
        days=_days(row),
        state=state,
        by=row.noted_by.name,
        may_change=may_change,
    )


def _days(row: ContextEvent) -> str:
    if row.last_day is None:
        return f"since {short_day(row.first_day)}"
    if row.last_day == row.first_day:
        return short_day(row.first_day)
    length = (row.last_day - row.first_day).days + 1
    return f"{short_day(row.first_day)} to {short_day(row.last_day)}, {counted(length, 'day')}"
