"""Prove and mend the rollups: compare them with a recompute from the facts, or make them anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from metrics.models import Mark
from metrics.services.rollups import Refreshed, refresh
from metrics.sources.cells import CELLS, DAYS, SUM_COLUMNS, WEEKLY_CELLS
from products.models import Product

EVER = (date(1970, 1, 1), date(9999, 12, 31))
SHARES = 7


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that does not equal its facts: ``side`` says whether the row is stored or recomputed."""

    side: str
    grain: str
    product_id: int
    measure: str
    day: date
    sums: tuple[object, ...]


def rebuild(*, products: Sequence[Product] | None = None, now: datetime) -> Refreshed:
    """Make the rollups of ``products`` (None: all) anew from the facts; pages show the old ones until then."""
    chosen = Product.objects.all() if products is None else products
    Mark.objects.bulk_create(
        Mark(product=product, day=EVER[0], until=EVER[1], source="rebuild", marked_at=now) for product in chosen
    )
    total = refresh(now=now)
    while (more := refresh(now=now)).drained:
        total += more
    return total


def check(*, share: int | None = None) -> list[Difference]:
    """Every stored cell that differs from its facts; with ``share`` (0 to 6) one seventh of the products' weeks.

    Days with a mark waiting are left out: they are known to be behind.
    """
    found: list[Difference] = []
    for product_id in Product.objects.order_by("pk").values_list("pk", flat=True):
        with connection.cursor() as cursor:
            for grain, query in (("day", CHECK_DAYS), ("week", CHECK_WEEKS)):
                cursor.execute(query, {"product": product_id, "share": share, "shares": SHARES})
                found += [Difference(row[0], grain, row[1], row[2], row[3], row[4:]) for row in cursor.fetchall()]
    return found


MINE = "(%(share)s::int IS NULL OR (%(product)s + (found.week - DATE '1970-01-05') / 7) %% %(shares)s = %(share)s)"
QUIET = """NOT EXISTS (SELECT FROM metrics_mark AS mark WHERE mark.product_id = %(product)s
    AND mark.day < found.week + 7 AND mark.until > found.week)"""
WEEKS = f"""
SELECT DISTINCT %(product)s::bigint AS product_id, found.week FROM (
    SELECT date_trunc('week', days.day)::date AS week FROM ({DAYS}) AS days (day)
) AS found WHERE {MINE} AND {QUIET}
"""


def _compare(table: str, key: str, given: str, cells: str) -> str:
    columns = f"product_id, measure, {key}, {SUM_COLUMNS}"
    return f"""
    WITH {given}, cells ({columns}) AS MATERIALIZED ({cells}),
    stored AS (SELECT {columns} FROM {table} WHERE product_id = %(product)s
        AND date_trunc('week', {key})::date IN (SELECT week FROM chosen))
    SELECT * FROM (
        (SELECT 'stored' AS side, stored.* FROM stored EXCEPT ALL SELECT 'stored', cells.* FROM cells)
        UNION ALL
        (SELECT 'recomputed', cells.* FROM cells EXCEPT ALL SELECT 'recomputed', stored.* FROM stored)
    ) AS differences ORDER BY 4, 3, 1 DESC
    """


CHECK_DAYS = _compare(
    "metrics_rollup",
    "day",
    f"""chosen AS MATERIALIZED ({WEEKS}),
    wanted AS (SELECT product_id, week + step AS day FROM chosen CROSS JOIN generate_series(0, 6) AS step)""",
    CELLS,
)
CHECK_WEEKS = _compare(
    "metrics_weeklyrollup",
    "week",
    f"chosen AS MATERIALIZED ({WEEKS}), weeks AS (SELECT product_id, week FROM chosen)",
    WEEKLY_CELLS,
)
