"""How long products take from a rollback until users have a release again, by type. It counts neither for nor against anyone."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from products.access import Actor, is_known
from products.catalog.words import counted, took
from products.models import ProductType

LEAST_FOR_A_MEDIAN = 5
# After a rolled-back exposure ``span`` of ``release``: the same release or another of the product, in production, whichever is there first.
AGAIN = """LEFT JOIN LATERAL (
    SELECT min(later.exposed_at) AS at FROM products_exposure AS later
    JOIN products_release AS other ON other.id = later.release_id
    WHERE other.product_id = release.product_id AND other.environment = release.environment
        AND later.exposed_at >= span.rolled_back_at AND later.exposed_at <= %(now)s AND later.id <> span.id
) AS again ON TRUE
"""
RECOVERIES = f"""
SELECT product.type, count(*), count(again.at),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM again.at - span.rolled_back_at))
FROM products_exposure AS span
JOIN products_release AS release ON release.id = span.release_id
JOIN products_product AS product ON product.id = release.product_id
    AND release.environment = product.production_environment
{AGAIN}WHERE span.rolled_back_at > %(now)s - interval '12 months' AND span.rolled_back_at <= %(now)s
GROUP BY product.type
"""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Rollbacks of one product type in twelve months: how many, after how many users have a release again, and the median wait."""

    type: str
    rollbacks: int
    recovered: int
    seconds: float | None

    @property
    def text(self) -> str:
        """``4 d in the middle, n 7; 1 not live again yet``; says so where nobody can tell."""
        if not self.rollbacks:
            return "no rollback in twelve months"
        waits = self.rollbacks - self.recovered
        open_text = f"; {waits} not live again yet" if waits else ""
        if self.seconds is None:
            told = f"no usual yet, n {self.recovered} of {LEAST_FOR_A_MEDIAN}"
            return f"{counted(self.rollbacks, 'rollback')}, {told}{open_text}"
        return f"{took(self.seconds)} in the middle, n {self.recovered}{open_text}"

    @property
    def type_text(self) -> str:
        """``Internal``."""
        return str(ProductType(self.type).label)


def recoveries(user: Actor, *, now: datetime) -> tuple[Recovery, ...]:
    """One for each product type, over all products. One statement."""
    if not is_known(user):
        return ()
    with connection.cursor() as cursor:
        cursor.execute(RECOVERIES, {"now": now})
        found = {type: rest for type, *rest in cursor.fetchall()}
    return tuple(_recovery(str(type), *found.get(type, (0, 0, None))) for type in ProductType.values)


def _recovery(type: str, rollbacks: int, recovered: int, seconds: float | None) -> Recovery:
    return Recovery(type, rollbacks, recovered, seconds if recovered >= LEAST_FOR_A_MEDIAN else None)
