"""Which figures are stale because their refresh fails."""

from dataclasses import dataclass
from datetime import date, datetime

from metrics.models import Trouble


@dataclass(frozen=True, slots=True)
class StaleBucket:
    """One product's week in quarantine; ``error`` is what the database said, empty if the process ended instead."""

    product: str
    week: date
    stale_since: datetime
    next_try_at: datetime
    attempts: int
    error: str


def quarantined_buckets() -> list[StaleBucket]:
    """Every bucket that failed too often, the longest stale first. One statement."""
    rows = Trouble.objects.filter(attempts__gte=Trouble.QUARANTINED_AFTER).order_by("stale_since", "product", "week")
    return [
        StaleBucket(*row)
        for row in rows.values_list("product__slug", "week", "stale_since", "next_try_at", "attempts", "error")
    ]
