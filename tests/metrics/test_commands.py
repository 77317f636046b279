"""The commands that keep, prove and mend rollups, as an operator calls them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DataError, connection, transaction

from metrics.catalog.measures import kpi_measure
from metrics.management.commands.sweep import Command
from metrics.models import Kpi, Mark, Rollup, Upload, WeeklyRollup
from metrics.services.readings import NewReading, push_readings
from metrics.services.rebuild import rebuild
from metrics.services.rollups import refresh
from metrics.services.uploads import keep_upload
from pmtrack.web.tables.files import SheetText
from products.models import ApiCall, ApiToken
from products.services.push_log import KEPT_CALLS, Call, log_call
from tests.conftest import Cast
from tests.factories import make_kpi, make_token

MONDAY = date(2026, 6, 8)


@pytest.fixture
def revenue(cast: Cast, now: datetime) -> Kpi:
    """Checkout's revenue, with ten days that wait to be rolled up."""
    kpi = make_kpi(cast.checkout, "revenue", source="erp")
    readings = [NewReading(MONDAY + timedelta(days=number), Decimal(10)) for number in range(10)]
    push_readings(kpi=kpi, source="erp", readings=readings, now=now)
    return kpi


def test_one_round_of_the_sweep_drains_what_waits(revenue: Kpi) -> None:
    call_command("sweep", once=True)
    assert Rollup.objects.filter(measure=kpi_measure(revenue.pk)).count() == 10
    assert not Mark.objects.exists()


def test_the_check_is_silent_about_what_is_right(revenue: Kpi, now: datetime) -> None:
    refresh(now=now)
    out = StringIO()
    call_command("check_rollups", stdout=out)
    assert out.getvalue() == "Every rollup equals its facts.\n"


def test_the_check_fails_and_shows_both_sides_of_a_difference(revenue: Kpi, now: datetime) -> None:
    refresh(now=now)
    Rollup.objects.filter(day=MONDAY).update(numerator=11)
    out = StringIO()
    with pytest.raises(CommandError, match="Mend them with --rebuild"):
        call_command("check_rollups", stdout=out)
    stored, recomputed = (
        next(line for line in out.getvalue().splitlines() if side in line) for side in ("stored", "recomputed")
    )
    for line in (stored, recomputed):
        assert f"product {revenue.product_id} {kpi_measure(revenue.pk)} {MONDAY}" in line
    assert "11.000000" in stored
    assert "10.000000" in recomputed


def test_a_rebuild_mends_cells_that_were_changed_lost_or_invented(revenue: Kpi, cast: Cast, now: datetime) -> None:
    refresh(now=now)
    Rollup.objects.filter(day=MONDAY).update(numerator=11)
    Rollup.objects.filter(day=MONDAY + timedelta(days=1)).delete()
    Rollup.objects.create(product=cast.checkout, measure="feedback", day=date(2025, 1, 1), n=3)
    WeeklyRollup.objects.create(product=cast.checkout, measure="feedback", week=date(2024, 1, 1), n=3)
    out = StringIO()
    call_command("check_rollups", rebuild=True, stdout=out)
    assert out.getvalue() == "Every rollup equals its facts.\n"
    assert Rollup.objects.count() == 10
    assert WeeklyRollup.objects.count() == 2


def test_a_rebuild_of_one_product_leaves_the_others_alone(revenue: Kpi, cast: Cast, now: datetime) -> None:
    refresh(now=now)
    Rollup.objects.filter(day=MONDAY).update(numerator=11)
    rebuild(products=[cast.switchyard], now=now)
    assert Rollup.objects.get(day=MONDAY).numerator == 11
    rebuild(products=[cast.checkout], now=now)
    assert Rollup.objects.get(day=MONDAY).numerator == 10


def test_an_unknown_time_zone_is_refused_in_words_by_forms_and_by_the_database(cast: Cast) -> None:
    cast.checkout.time_zone = "Mars/Phobos"
    with pytest.raises(ValidationError, match="Write it like Europe/Amsterdam"):
        cast.checkout.full_clean()
    with pytest.raises(DataError, match="Mars/Phobos"), transaction.atomic():
        cast.checkout.save()


def test_a_history_that_cannot_be_expanded_stops_nobody_else(revenue: Kpi, cast: Cast, now: datetime) -> None:
    refresh(now=now)
    Rollup.objects.create(product=cast.switchyard, measure="feedback", day=MONDAY, n=3)
    Rollup.objects.filter(product=cast.checkout).update(numerator=11)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE FUNCTION test_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'this history cannot be expanded'; END $$;
            CREATE TRIGGER test_refuse BEFORE INSERT ON metrics_mark FOR EACH ROW
                WHEN (new.product_id = {cast.switchyard.pk} AND new.until = new.day + 1)
                EXECUTE FUNCTION test_refuse();
            """
        )
    rebuild(products=[cast.switchyard, cast.checkout], now=now)
    assert set(Rollup.objects.filter(measure=kpi_measure(revenue.pk)).values_list("numerator", flat=True)) == {10}
    assert Mark.objects.get().product_id == cast.switchyard.pk, "it waits for the next round"


@pytest.mark.django_db(transaction=True)
def test_the_sweep_tidies_up_once_an_hour_without_a_broker(cast: Cast, now: datetime) -> None:
    make_token(cast.emil, product=cast.checkout)
    token = ApiToken.objects.get()
    sweep = Command()

    call = Call(token.pk, now, "GET", "/api/v1/products", 200, 0, 0, 0, 0, 1, uuid4())

    def calls_after_a_round(*, at: float) -> int:
        for _ in range(KEPT_CALLS + 5):
            log_call(call=call)
        sweep.sweep(at=at)
        return ApiCall.objects.count()

    assert calls_after_a_round(at=1.0) == KEPT_CALLS, "the first round tidies up"
    assert calls_after_a_round(at=3599.0) > KEPT_CALLS
    assert calls_after_a_round(at=3601.0) == KEPT_CALLS


def test_the_sweep_forgets_uploads_whose_day_is_over(cast: Cast, revenue: Kpi) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    keep_upload(kpi=revenue, owner=cast.emil, name="old.csv", sheet=SheetText("a;b", "utf-8"), now=long_ago)
    call_command("sweep", once=True)
    assert not Upload.objects.exists()
