"""What happened to a release, in words: how long users had it, how late we were told, what may be said of its effect."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from metrics.queries.words import number, short_day
from products.catalog.words import counted

ON_TIME = timedelta(minutes=5)


def length_text(length: timedelta) -> str:
    """``14 minutes``, ``5 hours``, ``12 days``: one unit, the largest of which there are two."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 120:
        return counted(minutes, "minute")
    return counted(round(minutes / 1440), "day") if minutes >= 2 * 1440 else f"{number(minutes / 60, 0)} hours"


def rolled_back_text(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """``rolled back 8 Jun 2026 after 14 minutes``, on the product's own day."""
    return f"rolled back {short_day(end.astimezone(zone).date())} after {length_text(end - start)}"


def exposed_again_text(start: datetime, zone: ZoneInfo) -> str:
    """``exposed again 9 Jun 2026``."""
    return f"exposed again {short_day(start.astimezone(zone).date())}"


def local_text(at: datetime, zone: ZoneInfo) -> str:
    """``8 Jun 2026, 14:05`` on the product's clock."""
    local = at.astimezone(zone)
    return f"{short_day(local.date())}, {local:%H:%M}"


def lateness_text(occurred_at: datetime, recorded_at: datetime) -> str:
    """How long after it happened we were told."""
    late = recorded_at - occurred_at
    if late < timedelta(0):
        return "ahead of our clock"
    return "at once" if late <= ON_TIME else f"{length_text(late)} later"


def effect_text(state: str) -> str:
    """What may be said of a release's effect while none is estimated."""
    return {"live": "Not measured yet", "rolled_back": "Withdrawn"}.get(state, "Not live yet")
