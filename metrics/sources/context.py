"""Days of context: what else moved a product's figures. Campaigns, outages and offers of it or of the company, and public holidays."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from metrics.models import ContextEvent
from products.catalog.countries import public_holidays
from products.models import Product

PUBLIC_HOLIDAY = "public_holiday"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Context:
    """Days from ``first`` to ``last``, both included, with what they are: a kind of event, or ``public_holiday``."""

    first: date
    last: date
    name: str
    kind: str
    event: int | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """Each of its days."""
        return tuple(self.first + ONE_DAY * step for step in range((self.last - self.first).days + 1))


def context_of(products: Collection[int], *, first: date, last: date) -> dict[int, tuple[Context, ...]]:
    """For each product what touches ``first`` to ``last``, cut to these days, by day and name. Two statements.

    An event without a last day goes on to ``last``.
    """
    rows = ContextEvent.objects.filter(Q(product__in=products) | Q(product__isnull=True), first_day__lte=last)
    events = list(rows.filter(Q(last_day__isnull=True) | Q(last_day__gte=first)))
    found: dict[int, tuple[Context, ...]] = {}
    for product in Product.objects.filter(pk__in=products).only("country", "subdivision"):
        mine = [_event(row, first, last) for row in events if row.product_id in (None, product.pk)]
        holidays = public_holidays(product.country, product.subdivision, first=first, last=last)
        mine += [Context(day, day, name, PUBLIC_HOLIDAY) for day, name in holidays]
        found[product.pk] = tuple(sorted(mine, key=lambda one: (one.first, one.last, one.name)))
    return found


def masked_days(context: Collection[Context]) -> frozenset[date]:
    """The days that an estimate leaves out."""
    return frozenset(day for one in context for day in one.days)


def _event(row: ContextEvent, first: date, last: date) -> Context:
    ends = min(row.last_day, last) if row.last_day else last
    return Context(max(row.first_day, first), ends, row.name, row.kind, row.pk)
