"""What a push leaves alone: rows that say what is known already."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from metrics.models import Kpi, Reading
from metrics.services.readings import NewReading, push_readings
from tests.conftest import Cast
from tests.factories import make_kpi

MONDAY = date(2026, 6, 8)


@pytest.fixture
def revenue(cast: Cast) -> Kpi:
    """Checkout's revenue, with thirty days of readings to come."""
    return make_kpi(cast.checkout, "revenue", source="erp")


def thirty_days() -> list[NewReading]:
    """A reading a day."""
    return [NewReading(MONDAY + timedelta(days=number), Decimal(number)) for number in range(30)]


def test_a_replay_does_not_even_lock_the_rows_that_it_repeats(revenue: Kpi, now: datetime) -> None:
    push_readings(kpi=revenue, source="erp", readings=thirty_days(), now=now)
    assert push_readings(kpi=revenue, source="erp", readings=thirty_days(), now=now).unchanged == 30
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM metrics_reading WHERE xmax <> 0")
        assert cursor.fetchone() == (0,)


def test_a_batch_that_repeats_corrects_and_adds_touches_no_more_than_it_must(revenue: Kpi, now: datetime) -> None:
    push_readings(kpi=revenue, source="erp", readings=thirty_days()[:20], now=now)
    later = now + timedelta(hours=1)
    mixed = [NewReading(reading.day, Decimal(99)) for reading in thirty_days()[:5]] + thirty_days()[5:]
    pushed = push_readings(kpi=revenue, source="erp", readings=mixed, now=later)
    assert (pushed.created, pushed.corrected, pushed.unchanged) == (10, 5, 15)
    assert Reading.objects.filter(recorded_at=now).count() == 15
