"""A bucket that cannot be drained: counted, quarantined, tried hourly, and never in the way of the others."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from metrics.models import Kpi, Mark, Rollup, Trouble
from metrics.services.readings import NewReading, push_readings
from metrics.services.rebuild import check
from metrics.services.rollups import Bucket, Refreshed, refresh, take_buckets
from tests.factories import make_kpi, make_product
from tests.metrics.connections import Elsewhere

MONDAY = date(2026, 6, 8)
REFUSE = "RAISE EXCEPTION 'this figure cannot be computed'"
KILL = "PERFORM pg_terminate_backend(pg_backend_pid())"


def poison(kpi: Kpi, deed: str) -> None:
    """Let the database do ``deed`` whenever a cell of this KPI's product is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE FUNCTION test_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {deed}; RETURN NEW; END $$;
            CREATE TRIGGER test_poison BEFORE INSERT ON metrics_rollup FOR EACH ROW
                WHEN (new.product_id = {kpi.product_id}) EXECUTE FUNCTION test_poison();
            """
        )


def heal() -> None:
    """Take the poison away."""
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS test_poison CASCADE")


@pytest.fixture
def kpis(db: None) -> Iterator[list[Kpi]]:
    """Six products with one KPI each, and a reading that waits; the third will be poisoned."""
    kpis = [make_kpi(make_product(f"p{i}", "E"), f"k{i}", source="erp") for i in range(6)]
    for kpi in kpis:
        push_readings(kpi=kpi, source="erp", readings=[NewReading(MONDAY, Decimal(1))], now=datetime.now(UTC))
    yield kpis
    if not connection.needs_rollback:
        heal()


def test_a_poison_bucket_in_a_group_does_not_fail_its_neighbours(kpis: list[Kpi], now: datetime) -> None:
    poison(kpis[2], REFUSE)
    assert refresh(now=now) == Refreshed(drained=5, busy=0, failed=1)
    assert Rollup.objects.count() == 5
    trouble = Trouble.objects.get()
    assert (trouble.product_id, trouble.week, trouble.attempts) == (kpis[2].product_id, MONDAY, 1)
    assert "this figure cannot be computed" in trouble.error
    assert trouble.stale_since == Mark.objects.get().marked_at


def test_it_is_tried_after_growing_pauses_then_hourly_and_clears_once_it_is_mended(
    kpis: list[Kpi], now: datetime
) -> None:
    poison(kpis[2], REFUSE)
    tries = []
    for second in range(0, 2 * 3600, 5):
        if refresh(now=now + timedelta(seconds=second)).failed:
            tries.append(second)
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert pauses[:3] == [5, 20, 3600]
    assert Trouble.objects.get().attempts >= Trouble.QUARANTINED_AFTER
    heal()
    assert refresh(now=now + timedelta(hours=2)).drained == 0, "not before its hour"
    assert refresh(now=now + timedelta(hours=4)).drained == 1
    assert not Trouble.objects.exists()
    assert check() == []


def test_new_facts_of_a_quarantined_bucket_wait_and_others_do_not(kpis: list[Kpi], now: datetime) -> None:
    poison(kpis[2], REFUSE)
    for pause in (0, 5, 25):
        refresh(now=now + timedelta(seconds=pause))
    for kpi in kpis[2:4]:
        push_readings(kpi=kpi, source="erp", readings=[NewReading(MONDAY, Decimal(9))], now=now)
    assert refresh(now=now + timedelta(minutes=5)) == Refreshed(drained=1, busy=0, failed=0)
    assert Rollup.objects.get(product=kpis[3].product).numerator == 9


@pytest.mark.django_db(transaction=True)
def test_a_bucket_that_breaks_the_connection_does_not_stop_the_others(kpis: list[Kpi]) -> None:
    poison(kpis[2], KILL)
    now = datetime.now(UTC)
    assert refresh(now=now) == Refreshed(drained=5, busy=0, failed=1)
    assert Trouble.objects.get().product_id == kpis[2].product_id


class Killed(BaseException):
    """The end of the process, as far as a transaction can tell."""


@pytest.mark.django_db(transaction=True)
def test_a_bucket_that_kills_its_process_is_found_out_and_the_others_go_on(kpis: list[Kpi]) -> None:
    def die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "INSERT INTO metrics_rollup" in sql and kpis[2].product_id in params[0]:
            raise Killed
        return execute(sql, params, many, context)

    now = datetime.now(UTC) + timedelta(minutes=1)
    deaths = 0
    with connection.execute_wrapper(die):
        for minute in range(10):
            try:
                refresh(now=now + timedelta(minutes=minute))
            except Killed:
                deaths += 1
    assert deaths == Trouble.QUARANTINED_AFTER
    assert Rollup.objects.count() == 5
    assert Trouble.objects.get().product_id == kpis[2].product_id
    assert refresh(now=now + timedelta(hours=2)).drained == 1
    assert not Trouble.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_bucket_that_another_worker_holds_is_not_blamed_for_it(kpis: list[Kpi]) -> None:
    held = threading.Event()
    over = threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            assert take_buckets(cursor, [Bucket(kpis[2].product_id, MONDAY, datetime.now(UTC))])
            held.set()
            over.wait(20)

    elsewhere = Elsewhere("holder", hold)
    assert held.wait(10)
    later = datetime.now(UTC) + timedelta(minutes=1)
    for minute in range(4):
        done = refresh(now=later + timedelta(minutes=minute))
        assert (done.busy, done.failed) == (1, 0)
        assert not Trouble.objects.exists()
    over.set()
    elsewhere.done()
    assert refresh(now=later + timedelta(minutes=5)).drained == 1


def test_a_quarantined_bucket_is_named_and_tried_at_once_when_asked(
    kpis: list[Kpi], now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    poison(kpis[2], REFUSE)
    for pause in (0, 5, 25):
        refresh(now=now + timedelta(seconds=pause))
    with pytest.raises(CommandError, match="In quarantine: 1"):
        call_command("check_rollups")
    said = capsys.readouterr().out
    assert f"p2, week of {MONDAY}: stale since" in said
    assert "this figure cannot be computed" in said
    heal()
    call_command("check_rollups", "--retry")
    assert "Every rollup equals its facts." in capsys.readouterr().out
    assert not Trouble.objects.exists()
    assert Rollup.objects.count() == 6
