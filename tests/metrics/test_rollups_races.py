"""Forced interleavings: what would be lost without each part of the recipe, and is not with it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from feedback.models import Feedback, Voice
from feedback.services.feedback import log_feedback
from metrics.catalog.measures import FEEDBACK, kpi_measure
from metrics.models import Kpi, Mark, Rollup
from metrics.services.buckets import EFFECTS
from metrics.services.readings import NewReading, push_readings
from metrics.services.rebuild import check
from metrics.services.rollups import Bucket, drain, refresh, take_buckets, take_marks, write_cells
from products.models import Product, ReleaseState
from products.models.releases import Exposure, Release
from tests.conftest import Cast
from tests.factories import make_kpi, make_product
from tests.metrics.connections import Elsewhere, gate

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = date(2026, 6, 8)
NOON = datetime(2026, 6, 8, 12, tzinfo=UTC)


@pytest.fixture
def revenue(cast: Cast) -> Kpi:
    """Checkout's revenue."""
    return make_kpi(cast.checkout, "revenue", source="erp")


def push(kpi: Kpi, value: int, now: datetime) -> None:
    """Say what Monday's revenue is."""
    push_readings(kpi=kpi, source="erp", readings=[NewReading(MONDAY, Decimal(value))], now=now)


def shown(kpi: Kpi) -> int:
    """What pages say Monday's revenue is."""
    return int(Rollup.objects.get(measure=kpi_measure(kpi.pk), day=MONDAY).numerator)


def hear(cast: Cast, number: int, now: datetime) -> Feedback:
    """One entry about Checkout on the Monday."""
    return log_feedback(
        text=f"Entry {number}",
        product=cast.checkout,
        channel="call",
        logged_by=cast.emil,
        received_at=NOON,
        source="test",
        source_id=str(number),
        now=now,
    ).feedback


def test_a_drain_leaves_a_bucket_that_is_being_drained_and_its_mark_waits(revenue: Kpi, now: datetime) -> None:
    bucket = Bucket(revenue.product_id, MONDAY, now)
    push(revenue, 1, now)
    with gate() as open_gate:
        slow = Elsewhere("gated", lambda: drain([bucket])).waits()
        push(revenue, 2, now)
        assert drain([bucket]) == 0, "busy, and nobody waited"
        open_gate()
        slow.done()
    assert shown(revenue) == 1
    assert Mark.objects.exclude(day=EFFECTS).count() == 1
    assert check() == [], "a bucket whose mark waits is behind, not wrong"
    refresh(now=now)
    assert shown(revenue) == 2


def take_like_a_queue(cursor: CursorWrapper) -> list[tuple[int, date]]:
    """Take marks as job queues do, past those that another drain holds."""
    cursor.execute(
        """DELETE FROM metrics_mark WHERE id IN (SELECT id FROM metrics_mark FOR UPDATE SKIP LOCKED)
        RETURNING product_id, day"""
    )
    return list(cursor.fetchall())


@pytest.mark.parametrize(("lock", "truth"), [(True, 2), (False, 1)])
def test_the_lock_alone_keeps_an_older_drain_from_overwriting_a_newer_one(
    revenue: Kpi, now: datetime, *, lock: bool, truth: int
) -> None:
    bucket = Bucket(revenue.product_id, MONDAY, now)

    def take_and_write() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if not lock or take_buckets(cursor, [bucket]):
                write_cells(cursor, take_like_a_queue(cursor))

    push(revenue, 1, now)
    with gate() as open_gate:
        older = Elsewhere("gated", take_and_write).waits()
        push(revenue, 2, now)
        take_and_write()
        open_gate()
        older.done()
    refresh(now=now)
    assert shown(revenue) == truth
    assert bool(check()) is not lock, "the check finds what is lost without the lock"


def delete_first(bucket: Bucket, meanwhile: Callable[[], None]) -> None:
    """The right order, with something happening between its steps."""
    with transaction.atomic(), connection.cursor() as cursor:
        take_buckets(cursor, [bucket])
        days = take_marks(cursor, [(bucket.product_id, bucket.week)])
        meanwhile()
        write_cells(cursor, days)


def aggregate_first(bucket: Bucket, meanwhile: Callable[[], None]) -> None:
    """The wrong order: a fact that commits between the two steps loses its mark unseen."""
    with transaction.atomic(), connection.cursor() as cursor:
        take_buckets(cursor, [bucket])
        write_cells(cursor, [(bucket.product_id, MONDAY)])
        meanwhile()
        take_marks(cursor, [(bucket.product_id, bucket.week)])


@pytest.mark.parametrize(("order", "truth"), [(delete_first, 2), (aggregate_first, 1)])
def test_marks_are_deleted_before_the_facts_are_read_because_the_other_order_loses(
    revenue: Kpi, now: datetime, order: Callable[[Bucket, Callable[[], None]], None], truth: int
) -> None:
    push(revenue, 1, now)
    order(Bucket(revenue.product_id, MONDAY, now), lambda: Elsewhere("writer", lambda: push(revenue, 2, now)).done())
    refresh(now=now)
    assert shown(revenue) == truth


def test_a_fact_that_commits_late_is_not_lost(cast: Cast, revenue: Kpi, now: datetime) -> None:
    other = make_kpi(cast.checkout, "bookings", source="erp")
    with gate():  # any lock will do for the late writer to wait on

        def late() -> None:
            with transaction.atomic():
                push(revenue, 5, now)
                with connection.cursor() as cursor:
                    cursor.execute("INSERT INTO metrics_rollup SELECT * FROM metrics_rollup WHERE FALSE")

        writer = Elsewhere("gated", late).waits()
        push(other, 1, now)
        assert refresh(now=now).drained == 1, "a drain never waits for a writer"
        assert not Rollup.objects.filter(measure=kpi_measure(revenue.pk)).exists()
    writer.done()
    refresh(now=now)
    assert shown(revenue) == 5


def test_a_drain_that_dies_half_way_leaves_its_marks(revenue: Kpi, now: datetime) -> None:
    push(revenue, 1, now)
    with suppress(ZeroDivisionError):
        delete_first(Bucket(revenue.product_id, MONDAY, now), lambda: 1 / 0 and None)
    assert Mark.objects.count() == 1
    refresh(now=now)
    assert shown(revenue) == 1


def test_a_voice_heard_while_its_entry_moves_is_counted_at_the_new_place(cast: Cast, now: datetime) -> None:
    entry, elsewhere = hear(cast, 1, now), make_product("elsewhere", "E")
    with transaction.atomic():
        Voice.objects.create(feedback=entry, colleague=cast.paula)
        move = Elsewhere("mover", lambda: Feedback.objects.filter(pk=entry.pk).update(product=elsewhere)).waits()
    move.done()
    refresh(now=now)
    assert Rollup.objects.get(measure=FEEDBACK).product_id == elsewhere.pk
    assert Rollup.objects.get(measure=FEEDBACK).total == 1
    assert check() == []


def test_a_merge_while_the_root_moves_is_counted_at_the_new_place(cast: Cast, now: datetime) -> None:
    entry, root, elsewhere = hear(cast, 1, now), hear(cast, 2, now), make_product("elsewhere", "E")
    Voice.objects.create(feedback=entry, colleague=cast.paula)
    refresh(now=now)
    with transaction.atomic():
        Feedback.objects.filter(pk=entry.pk).update(merged_into=root)
        move = Elsewhere("mover", lambda: Feedback.objects.filter(pk=root.pk).update(product=elsewhere)).waits()
    move.done()
    refresh(now=now)
    assert Rollup.objects.get(measure=FEEDBACK).product_id == elsewhere.pk
    assert check() == []


def test_an_exposure_while_its_release_moves_is_counted_at_the_new_place(cast: Cast, now: datetime) -> None:
    release = Release.objects.create(
        product=cast.checkout, environment="production", version="1", state=ReleaseState.PLANNED
    )
    with transaction.atomic():
        Exposure.objects.create(release=release, exposed_at=NOON)
        move = Elsewhere("mover", lambda: Release.objects.update(product=cast.switchyard)).waits()
    move.done()
    refresh(now=now)
    assert list(Rollup.objects.values_list("product", flat=True)) == [cast.switchyard.pk]
    assert check() == []


def test_a_fact_written_while_the_time_zone_moves_is_cut_in_the_new_one(cast: Cast, now: datetime) -> None:
    def move_clock() -> None:
        Product.objects.filter(pk=cast.checkout.pk).update(time_zone="Pacific/Kiritimati")
        refresh(now=now)

    with transaction.atomic():
        hear(cast, 1, now)
        move = Elsewhere("mover", move_clock).waits()
    move.done()
    refresh(now=now)
    assert Rollup.objects.get(measure=FEEDBACK).day == date(2026, 6, 9)
    assert check() == []
