"""What usage records say about help: that a team took an internal product up before its own work went live.

They show that the product was taken up for the work; how many days that saved only whoever did the work can say.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from metrics.queries.words import short_day
from products.access import Actor, is_known, writable_products
from products.catalog.words import counted
from products.models import Assignment, Product, ProductType

WEEKS_NEEDED = 2
WEEKS_BEFORE = 26
MOST_SUGGESTED = 10
MOST_PRODUCTS = 5
SUGGESTED_DAYS = 180

# Each feature with the first day its release went live, and the team that owned the product on that day.
SHIPPED = """
shipped AS (
    SELECT feature.id AS feature_id, feature.title, product.id AS product_id, product.name AS product, product.type,
        min((release.live_at AT TIME ZONE product.time_zone)::date) AS live_on
    FROM products_feature AS feature
    JOIN products_product AS product ON product.id = feature.product_id
    JOIN products_release AS release ON release.product_id = feature.product_id AND release.live_at IS NOT NULL
        AND release.state = 'live' AND release.feature_keys && ARRAY['W-' || feature.id, 'w-' || feature.id]::varchar[]
    {where}
    GROUP BY feature.id, feature.title, product.id, product.name, product.type
), used AS (
    SELECT shipped.*, team.id AS team_id, team.name AS team, team.slug AS team_slug
    FROM shipped
    JOIN products_productteam AS held ON held.product_id = shipped.product_id AND held.period @> shipped.live_on
    JOIN products_team AS team ON team.id = held.team_id
)
"""
# Weeks of use by that team: between {since} and the week in which the work went live, and the first one ever.
WEEKS = """
    JOIN LATERAL (
        SELECT count(*) FILTER (WHERE week.active_users > 0 AND week.week >= {since} AND week.week < used.live_on - 6) AS used,
            count(*) FILTER (WHERE week.week >= {since} AND week.week < used.live_on - 6) AS known,
            min(week.week) FILTER (WHERE week.active_users > 0) AS first, min(week.week) AS oldest
        FROM metrics_usage AS week WHERE week.product_id = {upstream} AND week.team_id = used.team_id
    ) AS weeks ON weeks.used >= %(needed)s
"""
# Confirmed and not yet measured, where the helped team took the product up after the helping release (half a year before,
# where none is named) and before its own work. A team that used it all along shows nothing about one release.
SINCE = "(coalesce((helping.live_at AT TIME ZONE upstream.time_zone)::date, used.live_on - %(before)s * 7) - 6)"
BACKED = (
    "WITH "
    + SHIPPED.format(
        where="WHERE feature.id IN (SELECT feature_id FROM metrics_enablement WHERE state IN ('confirmed', 'adjusted'))"
    )
    + """
SELECT said.id, used.team, upstream.name, used.title, weeks.used, weeks.known, weeks.first
FROM metrics_enablement AS said
JOIN used ON used.feature_id = said.feature_id
JOIN products_product AS upstream ON upstream.id = said.upstream_product_id
LEFT JOIN products_release AS helping ON helping.id = said.upstream_release_id
"""
    + WEEKS.format(upstream="said.upstream_product_id", since=SINCE)
    + f"""
WHERE said.state IN ('confirmed', 'adjusted') AND weeks.first > weeks.oldest AND weeks.first >= {SINCE}
    AND weeks.first < used.live_on - 6
ORDER BY said.id LIMIT 500
"""
)
# Work of others that went live after its team began to use the product, and that nobody said anything about yet.
UNSAID = (
    "WITH "
    + SHIPPED.format(where="WHERE product.id <> %(product)s AND release.live_at >= %(since)s")
    + """
SELECT used.feature_id, used.title, used.product, used.type, used.team, used.live_on, weeks.used, weeks.known, weeks.first
FROM used
"""
    + WEEKS.format(upstream="%(product)s", since="used.live_on - %(before)s * 7")
    + """
WHERE NOT EXISTS (
    SELECT FROM metrics_enablement AS said WHERE said.upstream_product_id = %(product)s AND said.feature_id = used.feature_id
)
ORDER BY used.live_on DESC, used.feature_id DESC LIMIT %(most)s
"""
)


@dataclass(frozen=True, slots=True)
class Record:
    """What the records say about one enablement."""

    enablement: int
    text: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Work of others that the product ``helper`` may have helped, with what the records say. A suggestion is no evidence."""

    helper: str
    slug: str
    feature: int
    title: str
    product: str
    type: str
    team: str
    live_text: str
    text: str

    @property
    def key(self) -> str:
        """``W-88``."""
        return f"W-{self.feature}"


def records_of_use() -> tuple[Record, ...]:
    """Confirmed enablements whose helped team took the product up after the helping release and before its own. One statement."""
    rows = _rows(BACKED, {"needed": WEEKS_NEEDED, "before": WEEKS_BEFORE})
    return tuple(Record(row[0], _told(*row[1:])[:500]) for row in rows)


def _told(team: str, product: str, title: str, used: int, known: int, first: date) -> str:
    return (
        f"Usage records: {team} began to use {product} in the week of {short_day(first)} "
        f"and used it in {used} of {counted(known, 'week')} before {title} went live."
    )


def suggestions_for(user: Actor, *, now: datetime, slug: str = "") -> tuple[Suggestion, ...]:
    """Suggestions for the internal products that the reader answers for, or for the one named, where he may claim for it.

    Ten at most; a statement for each product.
    """
    mine = writable_products(user, day=now.date()).filter(type=ProductType.INTERNAL)
    duties = Assignment.objects.filter(user_id=user.pk or 0, period__contains=now.date()).values("product")
    since = now.date() - timedelta(days=SUGGESTED_DAYS)
    held = (mine.filter(slug=slug) if slug else mine.filter(pk__in=duties)).order_by("pk")[:MOST_PRODUCTS]
    found = [one for product in held for one in suggestions(user, product, since=since)]
    return tuple(found[:MOST_SUGGESTED])


def suggestions(user: Actor, product: Product, *, since: date) -> tuple[Suggestion, ...]:
    """What to ask about: features that went live since, of teams that used ``product`` before. One statement."""
    if not is_known(user):
        return ()
    given = {
        "product": product.pk,
        "since": since,
        "needed": WEEKS_NEEDED,
        "before": WEEKS_BEFORE,
        "most": MOST_SUGGESTED,
    }
    return tuple(
        Suggestion(
            product.name, product.slug, feature, title, owner, type_, team, short_day(live_on),
            f"{team} used {product.name} in {used} of {counted(known, 'week')} before, first in the week of {short_day(first)}",
        )
        for feature, title, owner, type_, team, live_on, used, known, first in _rows(UNSAID, given)
    )  # fmt: skip


def _rows(sql: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
