"""Estimates as derived rows: what they say, when they are made again, and when they are left alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from metrics.models import Commitment, Estimate, Experiment, Kpi, KpiDefinition, Mark, Reading
from metrics.services.effect_check import check_effects, rebuild_effects
from metrics.services.rollups import refresh
from products.models import Release
from tests.conftest import Cast
from tests.factories import expose, make_commitment, make_event, make_kpi, make_product, make_release
from tests.metrics.daily import DAY, HISTORY, LIVE, NOW, START, amounts, fill, noon

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders(cast: Cast) -> Kpi:
    return make_kpi(cast.checkout, "orders")


@pytest.fixture
def release(cast: Cast, orders: Kpi) -> Release:
    """A release that named orders a month before it went live."""
    planned = make_release(cast.checkout, "2.0", name="One-page booking")
    make_commitment(cast.emil, planned, orders, is_main=True, declared_at=noon(LIVE - 30 * DAY))
    return expose(planned, noon(LIVE))


def read(kpi: Kpi, basis: str = "past") -> Estimate:
    """The one estimate of a KPI, after a refresh."""
    refresh(now=NOW)
    return Estimate.objects.get(kpi=kpi, basis=basis)


def stored() -> list[dict[str, Any]]:
    """Everything that is stored, with when it was computed."""
    return list(Estimate.objects.order_by("kpi", "release", "basis").values())


def test_a_lift_of_fifteen_in_a_hundred_is_clearly_better(release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    assert (row := read(orders)).words == "Clearly better"
    assert row.effect == pytest.approx(0.14, abs=0.04)
    assert (row.horizon, row.weeks, row.members, row.is_early, row.live_on) == (14, 4, 1, False, LIVE)
    assert row.as_of == LIVE + 13 * DAY
    assert row.quiet_dates > 200
    assert row.is_named_before
    assert row.picture is not None
    assert (len(row.picture["days"]), len(row.picture["dots"])) == (14, row.quiet_dates)


def test_nothing_that_happened_cannot_be_told(release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30))
    assert read(orders).words == "Cannot tell"


def test_a_fall_is_worse_where_up_is_good_and_better_where_down_is(release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=-0.2))
    assert read(orders).words == "Clearly worse"
    Kpi.objects.filter(pk=orders.pk).update(direction="down")
    assert read(orders).words == "Clearly better"


def test_before_seven_days_there_is_a_reason_then_an_early_reading_then_a_full_one(
    release: Release, orders: Kpi
) -> None:
    values = amounts(HISTORY + 30, lift=0.15)
    fill(orders, values[: HISTORY + 3])
    first = Estimate.objects.get()
    assert first.words.startswith("Not enough data: readings stopped")
    refresh(now=noon(LIVE + 4 * DAY))
    early = refreshed(orders, values, HISTORY + 4, LIVE + 4 * DAY)
    assert (early.word, early.reason, early.effect) == ("not_enough_data", "few_after", None)
    assert early.look_again_on == LIVE + 5 * DAY
    later = refreshed(orders, values, HISTORY + 9, LIVE + 9 * DAY)
    assert (later.word, later.horizon, later.is_early) == ("too_early", 9, True)
    full = refreshed(orders, values, HISTORY + 14, LIVE + 14 * DAY)
    assert (full.words, full.horizon, full.look_again_on) == ("Clearly better", 14, None)


def refreshed(kpi: Kpi, values: list[int], days: int, today: date) -> Estimate:
    """The estimate as of ``today`` when ``days`` days are loaded."""
    held = Reading.objects.filter(kpi=kpi).count()
    fill(kpi, values[held:days], start=START + held * DAY, is_fresh=False)
    refresh(now=noon(today))
    return Estimate.objects.get(kpi=kpi)


def test_readings_after_the_window_change_nothing_and_write_nothing(release: Release, orders: Kpi) -> None:
    values = amounts(HISTORY + 40, lift=0.15)
    fill(orders, values[: HISTORY + 20])
    refresh(now=NOW)
    before = stored()
    fill(orders, [3 * value for value in values[HISTORY + 20 :]], start=LIVE + 20 * DAY, is_fresh=False)
    refresh(now=NOW + DAY)
    assert stored() == before


def test_a_corrected_day_inside_the_window_is_read_again(release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    before = read(orders)
    Reading.objects.filter(kpi=orders, day__gte=LIVE).update(numerator=500)
    after = read(orders)
    assert (after.words, after.pk) == ("Clearly worse", before.pk)


def test_an_event_is_left_out_and_the_reading_with_it_stands_beside(cast: Cast, release: Release, orders: Kpi) -> None:
    values = amounts(HISTORY + 30, lift=0.15)
    values[HISTORY + 3 : HISTORY + 6] = [4 * value for value in values[HISTORY + 3 : HISTORY + 6]]
    fill(orders, values)
    assert not Estimate.objects.filter(basis="plain").exists()
    event = make_event(cast.emil, cast.checkout, LIVE + 3 * DAY, LIVE + 5 * DAY)
    masked, plain = read(orders), Estimate.objects.get(basis="plain")
    assert (masked.is_preferred, plain.is_preferred) == (True, False)
    assert masked.effect != plain.effect
    event.delete()
    read(orders)
    assert not Estimate.objects.filter(basis="plain").exists()


def test_public_holidays_of_the_products_country_are_left_out(cast: Cast, release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    cast.checkout.country = "DE"
    cast.checkout.save()
    read(orders)
    assert Estimate.objects.filter(basis="plain").count() == 1


def test_after_a_rollback_a_full_reading_stays_struck(release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    read(orders)
    take_back(release, LIVE + 20 * DAY)
    row = read(orders)
    assert (row.words, row.is_struck) == ("Withdrawn", True)
    assert row.effect is not None


def test_after_an_early_rollback_no_figure_is_said(release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    take_back(release, LIVE + 9 * DAY)
    row = read(orders)
    assert (row.words, row.is_struck, row.effect) == ("Withdrawn", False, None)


def take_back(release: Release, day: date) -> None:
    release.exposures.update(rolled_back_at=noon(day))
    release.state, release.rolled_back_at = "rolled_back", noon(day)
    release.save()


def test_an_experiment_is_preferred_and_its_withdrawal_brings_the_estimate_back(
    cast: Cast, release: Release, orders: Kpi
) -> None:
    fill(orders, amounts(HISTORY + 30))
    told = Experiment.objects.create(
        release=release, kpi=orders, effect="0.04", low="0.02", high="0.06", scale="relative", with_it=9_000,
        without_it=9_000, entered_by=cast.emil, entered_at=noon(LIVE + 20 * DAY),
    )  # fmt: skip
    refresh(now=NOW)
    preferred = Estimate.objects.get(is_preferred=True)
    assert (preferred.basis, preferred.words, preferred.method) == ("experiment", "Clearly better", "experiment")
    assert Estimate.objects.get(basis="past").words == "Cannot tell"
    Experiment.objects.filter(pk=told.pk).update(superseded_by=cast.emil, superseded_at=noon(LIVE + 30 * DAY))
    refresh(now=NOW)
    assert [row.basis for row in Estimate.objects.all()] == ["past"]
    assert Estimate.objects.get().is_preferred


def test_releases_close_together_share_one_joint_effect(cast: Cast, release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    other = make_release(cast.checkout, "2.1")
    make_commitment(cast.emil, other, orders, declared_at=noon(LIVE - 30 * DAY))
    expose(other, noon(LIVE + 3 * DAY))
    refresh(now=NOW)
    first, second = Estimate.objects.order_by("live_on")
    assert (first.members, first.effect, first.window_start) == (2, second.effect, second.window_start)


def test_controls_of_another_product_are_used_and_reach_the_estimate_when_they_change(cast: Cast) -> None:
    orders, trips = make_kpi(cast.checkout, "orders"), make_kpi(make_product("shipper", "E"), "trips")
    planned = make_release(cast.checkout, "2.0")
    make_commitment(cast.emil, planned, orders, trips, declared_at=noon(LIVE - 30 * DAY))
    expose(planned, noon(LIVE))
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    fill(trips, amounts(HISTORY + 30, seed=2))
    before = read(orders)
    assert len(before.shares) == 1
    Reading.objects.filter(kpi=trips, day__gte=LIVE).update(numerator=5_000)
    assert read(orders).effect != before.effect
    assert check_effects(now=NOW) == []


def test_a_kpi_that_nobody_named_any_more_loses_its_estimate(cast: Cast, orders: Kpi) -> None:
    release = make_release(cast.checkout, "2.0", live_at=noon(LIVE))
    named = make_commitment(cast.emil, release, orders, declared_at=noon(LIVE + DAY))
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    assert not read(orders).is_named_before
    Commitment.objects.filter(pk=named.pk).update(superseded_by=cast.emil, superseded_at=NOW)
    refresh(now=NOW)
    assert not Estimate.objects.exists()


def test_no_mark_is_left_and_the_check_finds_what_was_written_by_hand(release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    refresh(now=NOW)
    assert not Mark.objects.exists()
    call_command("check_estimates", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE metrics_estimate SET effect = effect + 1, words = 'Wonderful'")
    (difference,) = check_effects(now=NOW)
    assert "Wonderful" in str(difference.stored)
    assert "Clearly better" in str(difference.recomputed)
    with pytest.raises(CommandError, match="1 estimates differ"):
        call_command("check_estimates")
    rebuild_effects(now=NOW)
    assert check_effects(now=NOW) == []


def redefine(kpi: Kpi) -> None:
    KpiDefinition.objects.create(kpi=kpi, holds_from=START, wording="Orders")
    KpiDefinition.objects.create(kpi=kpi, holds_from=LIVE + 5 * DAY, wording="Orders, paid")


def name_and_expose(cast: Cast, kpi: Kpi, days: list[date]) -> None:
    for number, day in enumerate(days):
        one = make_release(cast.checkout, f"9.{number}")
        make_commitment(cast.emil, one, kpi, declared_at=noon(START - DAY))
        expose(one, noon(day))


@pytest.mark.parametrize(
    ("days", "reasons"),
    [
        ([START], {"short_history"}),
        ([START - 100 * DAY], {"short_history"}),
        ([LIVE + 300 * DAY], {"future"}),
        ([LIVE, LIVE], {""}),
        ([LIVE - 30 * DAY + number * DAY for number in range(30)], {"too_close"}),
    ],
)
def test_releases_on_day_one_long_before_in_the_future_twice_a_day_and_thirty_in_a_month_have_a_reason_or_a_figure(
    cast: Cast, orders: Kpi, days: list[date], reasons: set[str]
) -> None:
    name_and_expose(cast, orders, days)
    fill(orders, amounts(HISTORY + 35))
    refresh(now=NOW)
    rows = list(Estimate.objects.all())
    assert len(rows) == len(days)
    assert {row.reason for row in rows} == reasons
    assert all((row.effect is None) == bool(row.reason) for row in rows)
    assert not [row for row in rows if row.effect == 0]


def test_nothing_is_read_across_a_new_definition(release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    redefine(orders)
    row = read(orders)
    assert (row.reason, row.effect) == ("new_definition", None)


def test_a_rate_whose_denominator_is_zero_is_missing_and_never_an_error(cast: Cast) -> None:
    kpi = make_kpi(cast.checkout, "conversion", "ratio", unit="%")
    name_and_expose(cast, kpi, [LIVE])
    fill(kpi, [0] * (HISTORY + 30), denominator=0)
    assert read(kpi).reason in {"no_values", "short_history"}


def test_gaps_count_as_missing(release: Release, orders: Kpi) -> None:
    fill(orders, amounts(HISTORY + 30, lift=0.15))
    Reading.objects.filter(kpi=orders, day__gte=LIVE, day__lt=LIVE + 7 * DAY).delete()
    assert read(orders).reason == "missing"


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Kiritimati", LIVE + DAY), ("Pacific/Honolulu", LIVE)])
def test_a_release_near_midnight_is_live_on_the_day_of_the_kpis_product(
    cast: Cast, orders: Kpi, zone: str, day: date
) -> None:
    name_and_expose(cast, orders, [LIVE])
    fill(orders, amounts(HISTORY + 30))
    cast.checkout.time_zone = zone
    cast.checkout.save()
    assert read(orders).live_on == day


def test_a_weekly_kpi_is_read_week_by_week(cast: Cast) -> None:
    kpi = make_kpi(cast.checkout, "weekly-orders", cadence="week")
    weeks = 110
    first = LIVE - timedelta(weeks=weeks)
    planned = make_release(cast.checkout, "2.0")
    make_commitment(cast.emil, planned, kpi, declared_at=noon(LIVE - 30 * DAY), window_days=28)
    expose(planned, noon(LIVE))
    for number, value in enumerate([1_000 + number % 5 * 10 for number in range(weeks)] + 4 * [1_500]):
        fill(kpi, [value], start=first + timedelta(weeks=number), is_fresh=False)
    row = read(kpi)
    assert (row.horizon, row.words, row.window_start) == (4, "Clearly better", LIVE)
