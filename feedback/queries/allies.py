"""The allies of a product: what they passed on, whom they introduced, and that they were thanked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from feedback.models import AllyThank
from products.access import Actor, is_known, manageable_products, visible_products
from products.catalog.words import counted
from products.models import AllyFunction, Product, User

MOST_THANKS = 20
# Today's allies by function and name. Entries count where the ally speaks for the customer; introductions are talks with customers that
# the ally was asked to arrange: those that were held, of those that were asked for.
ALLIES = """
SELECT ally.user_id, person.name, ally.function, lower(ally.period),
    (SELECT count(*) FROM feedback_voice AS voice JOIN feedback_feedback AS entry ON entry.id = voice.feedback_id
        WHERE voice.via_id = ally.user_id AND voice.account_id IS NOT NULL AND entry.product_id = ally.product_id
            AND entry.withdrawn_at IS NULL AND entry.received_at >= %(start)s AND entry.received_at < %(end)s),
    talks.asked, talks.held, thank.by, thank.at, thank.words
FROM products_ally AS ally
JOIN products_user AS person ON person.id = ally.user_id
CROSS JOIN LATERAL (
    SELECT count(*) AS asked, count(*) FILTER (WHERE held_at IS NOT NULL) AS held FROM feedback_outreach
    WHERE product_id = ally.product_id AND via_id = ally.user_id AND account_id IS NOT NULL AND called_off_at IS NULL
        AND asked_at >= %(start)s AND asked_at < %(end)s
) AS talks
LEFT JOIN LATERAL (
    SELECT who.name AS by, said.at, said.words FROM feedback_allythank AS said JOIN products_user AS who ON who.id = said.by_id
    WHERE said.product_id = ally.product_id AND said.ally_id = ally.user_id ORDER BY said.id DESC LIMIT 1
) AS thank ON TRUE
WHERE ally.product_id = %(product)s AND ally.period @> %(today)s::date
ORDER BY ally.function, person.name
"""


@dataclass(frozen=True, slots=True)
class AllyRow:
    """One ally of today. ``introductions`` talks with customers were held of ``asked`` that were asked for through them."""

    number: int
    name: str
    function: str
    since: date
    entries: int
    asked: int
    introductions: int
    thanked: str
    words: str

    @property
    def introductions_text(self) -> str:
        """``2 of 3 held``; that none was asked for."""
        return f"{self.introductions} of {self.asked} held" if self.asked else "none asked for"


@dataclass(frozen=True, slots=True)
class Allies:
    """Today's allies of a product, by function and name; ``may_thank`` where the reader stands for it."""

    rows: tuple[AllyRow, ...]
    may_thank: bool

    @property
    def title(self) -> str:
        """What came through them, as the panel's finding."""
        entries, held = sum(row.entries for row in self.rows), sum(row.introductions for row in self.rows)
        came = f"{counted(entries, 'entry', 'entries')} and {counted(held, 'introduction')} came through them"
        return f"{counted(len(self.rows), 'ally', 'allies')}: {came}"


@dataclass(frozen=True, slots=True)
class Thank:
    """A thank as whoever was thanked reads it."""

    by: str
    product: str
    slug: str
    words: str
    on: date


def allies_of(user: Actor, slug: str, *, start: datetime, end: datetime, day: date) -> Allies:
    """The allies of a product with what came through them in ``[start, end)``. Three statements at most."""
    product = visible_products(user).filter(slug=slug).first()
    if product is None:
        return Allies((), may_thank=False)
    given: Mapping[str, Any] = {"product": product.pk, "today": day, "start": start, "end": end}
    with connection.cursor() as cursor:
        cursor.execute(ALLIES, given)
        rows = tuple(_row(*row) for row in cursor.fetchall())
    may = bool(rows) and manageable_products(user, day=day).filter(pk=product.pk).exists()
    return Allies(rows, may)


def thanks_to(person: User, *, start: datetime, end: datetime) -> Sequence[Thank]:
    """The newest thanks to a person in ``[start, end)``. One statement."""
    rows = AllyThank.objects.filter(ally=person, at__gte=start, at__lt=end).select_related("by", "product")
    return tuple(
        Thank(one.by.name, one.product.name, one.product.slug, one.words, one.at.date())
        for one in rows.order_by("-pk")[:MOST_THANKS]
    )


def ally_asked(user: Actor, product: Product, number: int) -> User | None:
    """Somebody who is or was an ally of the product. One statement."""
    return User.objects.filter(pk=number, alliances__product=product).distinct().first() if is_known(user) else None


def _row(
    number: int, name: str, function: str, since: date, entries: int, asked: int, held: int, by: str | None,
    at: datetime | None, words: str | None,
) -> AllyRow:  # fmt: skip
    thanked = f"by {by} on {at.day} {at:%b %Y}" if by and at else ""
    return AllyRow(number, name, str(AllyFunction(function).label), since, entries, asked, held, thanked, words or "")
