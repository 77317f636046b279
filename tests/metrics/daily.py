"""Made-up days of KPIs for tests of effects: weekdays, noise that is the same every time, and a step where a release did something."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np

from metrics.models import Kpi, Reading
from metrics.services.rollups import refresh

START = date(2025, 6, 2)
LIVE = date(2026, 5, 11)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HISTORY = (LIVE - START).days


def noon(day: date) -> datetime:
    """The middle of a day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def amounts(days: int, *, lift: float = 0.0, since: int = HISTORY, level: float = 1_000.0, seed: int = 1) -> list[int]:
    """Counts with weekdays and noise of three in a hundred; from day number ``since`` on there is ``lift`` more of them."""
    random = np.random.default_rng(seed)
    week = np.array([1.1, 1.15, 1.1, 1.05, 1.0, 0.7, 0.6])[np.arange(days) % 7]
    made = level * week * np.exp(random.normal(0, 0.03, days))
    made[since:] *= 1 + lift
    return [round(value) for value in made]


def fill(kpi: Kpi, values: list[int], *, start: date = START, denominator: int = 0, is_fresh: bool = True) -> None:
    """Store the days of a KPI as its pushes would, and let them be drained."""
    Kpi.objects.filter(pk=kpi.pk).update(source="erp")
    rows = [
        Reading(
            product_id=kpi.product_id,
            kpi=kpi,
            day=start + number * DAY,
            source="erp",
            numerator=Decimal(value),
            denominator=Decimal(denominator),
            n=denominator,
            recorded_at=noon(start + (number + 1) * DAY),
        )
        for number, value in enumerate(values)
    ]
    Reading.objects.bulk_create(rows)
    if is_fresh:
        refresh(now=NOW)
