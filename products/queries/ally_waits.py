"""How long a product's releases wait for each function, against what is usual for that product."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from products.access import Actor, is_known
from products.catalog.words import took
from products.models import AllyFunction

NEEDED = 5
YEAR = timedelta(days=365)
# From asked to decided, of what was decided in the period; the usual is of the year before it. Waivers are no decision of the function.
WAITS = """
SELECT asked.function,
    count(*) FILTER (WHERE asked.requested_at >= %(start)s AND asked.requested_at < %(end)s),
    count(*) FILTER (WHERE is_inside), (percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY waited) FILTER (WHERE is_inside)),
    count(*) FILTER (WHERE is_before), (percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) FILTER (WHERE is_before)),
    count(*) FILTER (WHERE asked.decision = ''), min(asked.requested_at) FILTER (WHERE asked.decision = '')
FROM products_signoff AS asked
JOIN products_release AS release ON release.id = asked.release_id
JOIN products_product AS product ON product.id = release.product_id AND product.slug = %(slug)s
CROSS JOIN LATERAL (
    SELECT extract(epoch FROM asked.decided_at - asked.requested_at)::float8 AS waited,
        asked.decision IN ('approved', 'conditions', 'rejected') AND asked.decided_at >= %(start)s AND asked.decided_at < %(end)s AS is_inside,
        asked.decision IN ('approved', 'conditions', 'rejected') AND asked.decided_at >= %(before)s AND asked.decided_at < %(start)s AS is_before
) AS span
GROUP BY asked.function ORDER BY asked.function
"""


@dataclass(frozen=True, slots=True)
class FunctionWait:
    """What one function was asked and how long it took, in seconds; quartiles and the usual from five decisions on, else None."""

    function: str
    asked: int
    decided: int
    low: float | None
    median: float | None
    high: float | None
    usual: float | None
    usual_n: int
    open: int
    oldest: float | None

    @property
    def text(self) -> str:
        """``6 d (4 d to 9 d), n 7``; that nothing was decided; below five only the median."""
        if self.median is None:
            return "nothing was decided"
        if self.decided < NEEDED or self.low is None or self.high is None:
            return f"{took(self.median)}, n {self.decided}"
        return f"{took(self.median)} ({took(self.low)} to {took(self.high)}), n {self.decided}"

    @property
    def usual_text(self) -> str:
        """``usual 6 d, n 12``, or that there is none yet."""
        return (
            f"no usual yet, n {self.usual_n} of {NEEDED}"
            if self.usual is None
            else f"usual {took(self.usual)}, n {self.usual_n}"
        )

    @property
    def open_text(self) -> str:
        """``1 open for 12 d``, nothing where none is."""
        return f"{self.open} open, the oldest for {took(self.oldest)}" if self.oldest is not None else ""


def function_waits(
    user: Actor, slug: str, *, start: datetime, end: datetime, now: datetime
) -> tuple[FunctionWait, ...]:
    """Each function that was ever asked about the product's releases, over ``[start, end)``. One statement."""
    if not is_known(user):
        return ()
    with connection.cursor() as cursor:
        cursor.execute(WAITS, {"slug": slug, "start": start, "end": end, "before": start - YEAR})
        rows = cursor.fetchall()
    return tuple(_wait(*row, now=now) for row in rows)


def _wait(
    function: str, asked: int, decided: int, middle: list[float] | None, usual_n: int, usual: float | None, open: int,
    since: datetime | None, *, now: datetime,
) -> FunctionWait:  # fmt: skip
    low, median, high = middle or (None, None, None)
    oldest = (now - since).total_seconds() if since else None
    known = usual if usual_n >= NEEDED else None
    return FunctionWait(
        str(AllyFunction(function).label), asked, decided, low, median, high, known, usual_n, open, oldest
    )
