"""Which figures are not up to date: products with a week that could not be computed and is in quarantine."""

from datetime import datetime

from django.db.models import Min, OuterRef, Subquery

from metrics.models import Trouble
from metrics.queries.words import instant_text


def stale_since(product: str) -> Subquery:
    """Since when facts of the product in the outer column ``product`` wait in vain, or None: a column, no statement."""
    held = Trouble.objects.filter(product=OuterRef(product), attempts__gte=Trouble.QUARANTINED_AFTER).order_by()
    return Subquery(held.values("product").annotate(since=Min("stale_since")).values("since"))


def stale_text(since: datetime | None) -> str:
    """``stale since 8 June 2026, 14:05 UTC``, or nothing."""
    return f"stale since {instant_text(since)}" if since else ""
