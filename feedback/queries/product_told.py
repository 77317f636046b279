"""What a product's releases were announced with, what came back, and what was rolled back: two lists for its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from feedback.catalog.origins import ANNOUNCEMENT_REPLIES
from products.access import Actor, is_known
from products.catalog.words import counted, day_on, took
from products.queries.recovery import AGAIN

MOST = 12
# Of a post nobody knows who opened it. A reply became feedback where an entry names the copy as its source.
TOLD = """
SELECT said.id, release.id, coalesce(nullif(release.name, ''), release.version), said.channel = 'post', said.written_at, copies.*,
    product.time_zone
FROM products_announcement AS said
JOIN products_release AS release ON release.id = said.release_id
JOIN products_product AS product ON product.id = release.product_id AND product.slug = %(slug)s
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE copy.sent_at IS NOT NULL), count(*) FILTER (WHERE copy.opened_at IS NOT NULL),
        count(*) FILTER (WHERE copy.replied_at IS NOT NULL), count(entry.id)
    FROM products_announcementcopy AS copy
    LEFT JOIN feedback_feedback AS entry ON entry.source = %(source)s AND entry.source_id = copy.id::text
    WHERE copy.announcement_id = said.id
) AS copies (sent, opened, replied, taken)
WHERE said.written_at >= %(start)s AND said.written_at < %(end)s
ORDER BY said.id DESC LIMIT %(most)s
"""
BACK = f"""
SELECT release.id, coalesce(nullif(release.name, ''), release.version), span.exposed_at, span.rolled_back_at, again.at, note.id IS NOT NULL,
    product.time_zone
FROM products_exposure AS span
JOIN products_release AS release ON release.id = span.release_id
JOIN products_product AS product ON product.id = release.product_id AND product.slug = %(slug)s
    AND release.environment = product.production_environment
{AGAIN}LEFT JOIN LATERAL (
    SELECT id FROM products_announcement WHERE release_id = release.id AND follows_id IS NOT NULL
        AND written_at >= span.rolled_back_at LIMIT 1
) AS note ON TRUE
WHERE span.rolled_back_at >= %(start)s AND span.rolled_back_at < %(end)s
ORDER BY span.rolled_back_at DESC, span.id DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One announcement and what came back."""

    number: int
    release: str
    release_number: int
    when: str
    text: str


@dataclass(frozen=True, slots=True)
class BackRow:
    """One rollback: how long users had it, and when they had a release again."""

    release: str
    release_number: int
    when: str
    text: str


@dataclass(frozen=True, slots=True)
class ProductTold:
    """The newest announcements and rollbacks of the period."""

    told: tuple[ToldRow, ...]
    back: tuple[BackRow, ...]

    @property
    def title(self) -> str:
        """How many there are, as the panel's finding."""
        return f"{counted(len(self.told), 'announcement')}, {counted(len(self.back), 'rollback')}"


def product_told(user: Actor, slug: str, *, start: datetime, end: datetime, now: datetime) -> ProductTold:
    """Both lists of a product over ``[start, end)``, at most a dozen each. Two statements."""
    if not is_known(user):
        return ProductTold((), ())
    given = {"slug": slug, "start": start, "end": end, "now": now, "source": ANNOUNCEMENT_REPLIES, "most": MOST}
    return ProductTold(
        tuple(_told(*row) for row in _rows(TOLD, given)), tuple(_back(*row) for row in _rows(BACK, given))
    )


def _rows(statement: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _told(
    number: int, release: int, title: str, is_post: bool, at: datetime, sent: int, opened: int, replied: int, taken: int,
    zone: str,
) -> ToldRow:  # fmt: skip
    if is_post:
        text = "posted" if sent else "waits to be posted"
    else:
        text = f"{sent:,} sent, {opened:,} opened, {counted(replied, 'reply', 'replies')}"
        text += f", {taken} became feedback" if replied else ""
    return ToldRow(number, title, release, day_on(at, ZoneInfo(zone)), text)


def _back(
    release: int, title: str, exposed: datetime, gone: datetime, again: datetime | None, is_noted: bool, zone: str
) -> BackRow:
    had = f"after {took((gone - exposed).total_seconds())}"
    live = f"users had a release again in {took((again - gone).total_seconds())}" if again else "no release since"
    noted = ", told the same audience" if is_noted else ""
    return BackRow(title, release, day_on(gone, ZoneInfo(zone)), f"{had}{noted}; {live}")
