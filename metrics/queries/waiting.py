"""How far the figures are behind their facts."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from metrics.models import Mark, Trouble


@dataclass(frozen=True, slots=True)
class Waiting:
    """Marks not drained yet, the age in seconds of the oldest (0 when none), and the buckets in quarantine."""

    marks: int
    oldest_seconds: float
    quarantined: int


def what_waits(*, now: datetime) -> Waiting:
    """Two statements, whatever waits."""
    found = Mark.objects.aggregate(marks=Count("pk"), oldest=Min("marked_at"))
    oldest = max(0.0, (now - found["oldest"]).total_seconds()) if found["oldest"] else 0.0
    quarantined = Trouble.objects.filter(attempts__gte=Trouble.QUARANTINED_AFTER).count()
    return Waiting(found["marks"], oldest, quarantined)
