"""Rollups equal their facts: what each fact amounts to, and what a change of each does."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import Feedback
from feedback.services.feedback import NewVoice, log_feedback
from metrics.catalog.measures import FEEDBACK, REACH_PEOPLE, REACH_TEAMS, ROLLED_BACK, WENT_LIVE, kpi_measure
from metrics.models import Mark, Rollup, Usage, WeeklyRollup
from metrics.services.readings import NewReading, push_readings
from metrics.services.rebuild import check, rebuild
from metrics.services.rollups import refresh
from metrics.services.usage import NewUsage, push_usage
from products.models import Product
from products.services.releases import NewReleaseEvent, ingest_release_event
from tests.conftest import Cast
from tests.factories import make_kpi, make_product

MONDAY = date(2026, 6, 8)


def cell(product: Product, measure: str, day: date = MONDAY) -> Rollup | None:
    """The cell of one day, or None."""
    return Rollup.objects.filter(product=product, measure=measure, day=day).first()


def hear(cast: Cast, number: int, at: datetime, now: datetime, **fields: object) -> Feedback:
    """Log one entry about Checkout."""
    defaults = {"product": cast.checkout, "channel": "call", "logged_by": cast.emil, "text": f"Entry {number}"}
    values = {**defaults, **fields}
    return log_feedback(received_at=at, source="test", source_id=str(number), now=now, **values).feedback  # type: ignore[arg-type]


def test_a_reading_becomes_a_cell_and_a_correction_restates_it(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "conversion", "ratio")
    first = NewReading(MONDAY, Decimal(44), Decimal(100), 100)
    push_readings(kpi=kpi, source="ga", readings=[first], now=now)
    refresh(now=now)
    before = cell(cast.checkout, kpi_measure(kpi.pk))
    assert before is not None
    assert (before.numerator, before.denominator, before.restated_on) == (44, 100, None)
    push_readings(kpi=kpi, source="ga", readings=[NewReading(MONDAY, Decimal(45), Decimal(100), 100)], now=now)
    refresh(now=now)
    after = cell(cast.checkout, kpi_measure(kpi.pk))
    assert after is not None
    assert (after.numerator, after.restated_on) == (45, now.date())


def test_the_same_reading_again_leaves_no_mark(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "revenue")
    readings = [NewReading(MONDAY + timedelta(days=i), Decimal(i)) for i in range(30)]
    assert push_readings(kpi=kpi, source="erp", readings=readings, now=now).created == 30
    refresh(now=now)
    assert push_readings(kpi=kpi, source="erp", readings=readings, now=now).unchanged == 30
    assert not Mark.objects.exists()


def test_a_week_is_merged_from_its_days(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "revenue")
    readings = [NewReading(MONDAY + timedelta(days=i), Decimal(10), n=2) for i in range(8)]
    push_readings(kpi=kpi, source="erp", readings=readings, now=now)
    refresh(now=now)
    weeks = WeeklyRollup.objects.filter(measure=kpi_measure(kpi.pk)).order_by("week")
    assert [(week.week, week.numerator, week.n) for week in weeks] == [
        (MONDAY, 70, 14),
        (MONDAY + timedelta(days=7), 10, 2),
    ]


def test_feedback_counts_entries_and_distinct_voices_in_the_products_time_zone(cast: Cast, now: datetime) -> None:
    Product.objects.filter(pk=cast.checkout.pk).update(time_zone="Asia/Tokyo")
    late = datetime(2026, 6, 7, 23, tzinfo=UTC)  # Monday morning in Tokyo
    for number in (1, 2):
        hear(cast, number, late, now, voice=NewVoice(colleague=cast.paula))
    refresh(now=now)
    monday = cell(cast.checkout, FEEDBACK)
    assert monday is not None
    assert (monday.n, monday.total) == (2, 1)


def test_a_moved_a_deleted_and_a_merged_entry_restate_both_days(cast: Cast, now: datetime) -> None:
    at = datetime(2026, 6, 8, 12, tzinfo=UTC)
    moved, deleted, merged, root = (hear(cast, number, at, now) for number in range(4))
    refresh(now=now)
    Feedback.objects.filter(pk=moved.pk).update(received_at=at + timedelta(days=1))
    deleted.delete()
    Feedback.objects.filter(pk=merged.pk).update(merged_into=root)
    refresh(now=now)
    monday, tuesday = cell(cast.checkout, FEEDBACK), cell(cast.checkout, FEEDBACK, MONDAY + timedelta(days=1))
    assert monday is not None
    assert tuesday is not None
    assert (monday.n, tuesday.n) == (1, 1)
    assert check() == []


def test_an_entry_without_a_product_leaves_no_mark(cast: Cast, now: datetime) -> None:
    hear(cast, 1, now, now, product=None)
    assert not Mark.objects.exists()


def release_event(cast: Cast, kind: str, hour: int) -> NewReleaseEvent:
    """An event of Checkout 1.0 on the Monday."""
    at = datetime(2026, 6, 8, hour, tzinfo=UTC)
    return NewReleaseEvent("ci", f"{kind}-{hour}", cast.checkout, "1.0", kind, at)


def test_releases_and_rollbacks_are_counted_on_their_days(cast: Cast, now: datetime) -> None:
    for kind, hour in (("exposed", 8), ("rolled_back", 9), ("exposed", 10)):
        ingest_release_event(event=release_event(cast, kind, hour), now=now)
    refresh(now=now)
    live, back = cell(cast.checkout, WENT_LIVE), cell(cast.checkout, ROLLED_BACK)
    assert live is not None
    assert back is not None
    assert (live.n, back.n) == (2, 1)


def test_usage_becomes_reach_in_people_and_teams(cast: Cast, now: datetime) -> None:
    rows = [
        NewUsage(cast.switchyard, cast.booking, MONDAY, 3, 10, 40),
        NewUsage(cast.switchyard, cast.finance, MONDAY, 0, 5),
    ]
    push_usage(rows=rows, source="logs", now=now)
    refresh(now=now)
    people, teams = cell(cast.switchyard, REACH_PEOPLE), cell(cast.switchyard, REACH_TEAMS)
    assert people is not None
    assert teams is not None
    assert (people.numerator, people.denominator, people.total) == (3, 15, 40)
    assert (teams.numerator, teams.denominator) == (1, 2)


def test_a_cell_without_facts_goes(cast: Cast, now: datetime) -> None:
    push_usage(rows=[NewUsage(cast.switchyard, cast.booking, MONDAY, 3, 10)], source="logs", now=now)
    refresh(now=now)
    Usage.objects.filter(product=cast.switchyard).delete()
    refresh(now=now)
    assert not Rollup.objects.exists()
    assert not WeeklyRollup.objects.exists()


def test_another_time_zone_moves_the_whole_history(cast: Cast, now: datetime) -> None:
    hear(cast, 1, datetime(2026, 6, 7, 23, tzinfo=UTC), now)
    refresh(now=now)
    assert cell(cast.checkout, FEEDBACK) is None
    Product.objects.filter(pk=cast.checkout.pk).update(time_zone="Asia/Tokyo")
    refresh(now=now)
    assert cell(cast.checkout, FEEDBACK) is not None
    assert check() == []


def test_a_rebuild_equals_what_was_kept_up_to_date(cast: Cast, now: datetime) -> None:
    kpi = make_kpi(cast.checkout, "revenue")
    readings = [NewReading(MONDAY - timedelta(days=i), Decimal(i)) for i in range(40)]
    push_readings(kpi=kpi, source="erp", readings=readings, now=now)
    hear(cast, 1, now, now)
    refresh(now=now)
    kept = list(Rollup.objects.order_by("measure", "day").values())
    rebuild(now=now)
    assert list(Rollup.objects.order_by("measure", "day").values()) == kept


def test_the_check_finds_a_cell_that_was_tampered_with(cast: Cast, now: datetime) -> None:
    hear(cast, 1, datetime(2026, 6, 8, 12, tzinfo=UTC), now)
    refresh(now=now)
    assert check() == []
    Rollup.objects.update(n=7)
    found = check()
    assert {(difference.side, difference.grain) for difference in found} >= {("stored", "day"), ("recomputed", "day")}


@pytest.mark.parametrize("share", range(7))
def test_each_night_checks_a_seventh(cast: Cast, now: datetime, share: int) -> None:
    hear(cast, 1, datetime(2026, 6, 8, 12, tzinfo=UTC), now)
    refresh(now=now)
    Rollup.objects.update(n=7)
    week = (MONDAY - date(1970, 1, 5)).days // 7
    assert bool(check(share=share)) == ((cast.checkout.pk + week) % 7 == share)


def test_draining_many_buckets_takes_as_many_statements_as_draining_few(cast: Cast, now: datetime) -> None:
    """Estimates are made for ten products at a time (memory): inside one such group the cost must not grow."""
    refresh(now=now)
    counts = []
    for number in (2, 10):
        for i in range(number):
            kpi = make_kpi(make_product(f"p-{number}-{i}", "E"), f"k-{number}-{i}")
            push_readings(kpi=kpi, source="erp", readings=[NewReading(MONDAY, Decimal(1))], now=now)
        with CaptureQueriesContext(connection) as seen:
            assert refresh(now=datetime.now(UTC)).drained == number
        counts.append(len(seen))
    assert counts[0] == counts[1]
