"""Naming KPIs before release: versions, one main, what could be shown at all, and what is refused in words."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from metrics.models import Commitment, Kpi
from metrics.queries.detectable import outlook_of
from metrics.services.commitments import (
    AnotherMain,
    BadControl,
    BadExpectation,
    BadWindow,
    CommitmentFacts,
    NamedMeanwhile,
    NotNamed,
    name_kpi,
    standing_of,
    take_back,
)
from metrics.sources.named import named_by
from products.models import Feature, Release
from tests.conftest import Cast
from tests.factories import NOW, expose, make_days, make_kpi, make_product, make_release

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def orders(cast: Cast) -> Kpi:
    return make_kpi(cast.checkout, "orders", unit="orders")


@pytest.fixture
def planned(cast: Cast) -> Release:
    return make_release(cast.checkout, "2.0")


def noise(days: int, seed: int = 1) -> list[float]:
    """Whole numbers around 1,000 with a weekly pattern."""
    random = np.random.default_rng(seed)
    return [float(round(1000 * (1 + 0.2 * (day % 7 == 0)) * random.normal(1, 0.1))) for day in range(days)]


def named(
    subject: Feature | Release, kpi: Kpi, by: Any, *, at: Any = NOW, version: int | None = None, **said: Any
) -> Commitment:
    facts = CommitmentFacts(**{"direction": "rise", **said})
    return name_kpi(subject=subject, kpi=kpi, facts=facts, by=by, now=at, version=version)


def test_every_edit_is_a_version_and_the_old_ones_stay(cast: Cast, orders: Kpi, planned: Release) -> None:
    first = named(planned, orders, cast.emil)
    second = named(planned, orders, cast.lena, at=NOW + DAY, window_days=28)
    first.refresh_from_db()
    assert (first.version, first.superseded_at, first.superseded_by) == (1, NOW + DAY, cast.lena)
    assert (second.version, second.window_days, second.superseded_at) == (2, 28, None)


def test_saying_the_same_again_changes_nothing(cast: Cast, orders: Kpi, planned: Release) -> None:
    control = make_kpi(make_product("search", "E"), "searches")
    first = named(planned, orders, cast.emil, expected_change=Decimal("0.05"), controls=[control])
    again = named(planned, orders, cast.lena, at=NOW + DAY, expected_change=Decimal("0.050"), controls=[control])
    assert again.pk == first.pk
    assert Commitment.objects.count() == 1


def test_what_is_said_after_users_had_it_leaves_the_locked_version_alone(
    cast: Cast, orders: Kpi, planned: Release
) -> None:
    first = named(planned, orders, cast.emil)
    expose(planned, NOW + DAY)
    named(planned, orders, cast.emil, at=NOW + 2 * DAY, window_days=28)
    (held,) = named_by(planned.pk)
    assert (held.commitment, held.is_named_before) == (first.pk, True)
    take_back(subject=planned, kpi=orders, by=cast.emil, now=NOW + 3 * DAY)
    assert named_by(planned.pk) == (held,)


def test_a_kpi_named_while_the_release_goes_live_by_another_clock_is_named_afterwards(
    cast: Cast, orders: Kpi, planned: Release
) -> None:
    expose(planned, NOW + timedelta(seconds=5))
    assert named(planned, orders, cast.emil).declared_at == NOW + timedelta(seconds=5)
    assert [one.is_named_before for one in named_by(planned.pk)] == [False]


def test_a_kpi_may_be_taken_back_and_named_again(cast: Cast, orders: Kpi, planned: Release) -> None:
    named(planned, orders, cast.emil, is_main=True)
    take_back(subject=planned, kpi=orders, by=cast.emil, now=NOW + DAY)
    assert not standing_of(planned).exists()
    with pytest.raises(NotNamed, match="is not named for R-"):
        take_back(subject=planned, kpi=orders, by=cast.emil, now=NOW + DAY)
    assert named(planned, orders, cast.emil, at=NOW, is_main=True).version == 2


def test_one_kpi_is_the_main_one(cast: Cast, orders: Kpi, planned: Release) -> None:
    named(planned, orders, cast.emil, is_main=True)
    with pytest.raises(AnotherMain, match="Orders is the main KPI of R-"):
        named(planned, make_kpi(cast.checkout, "revenue"), cast.emil, is_main=True)
    with pytest.raises(AnotherMain, match="is a guardrail"):
        named(planned, make_kpi(cast.checkout, "churn"), cast.emil, is_main=True, direction="stay")


def test_two_people_at_one_form_are_told(cast: Cast, orders: Kpi, planned: Release) -> None:
    named(planned, orders, cast.lena, version=0)
    with pytest.raises(NamedMeanwhile, match=r"Lena named Orders for R-\d+ 2 minutes ago"):
        named(planned, orders, cast.emil, version=0, at=NOW + timedelta(minutes=2), window_days=28)
    take_back(subject=planned, kpi=orders, by=cast.lena, now=NOW, version=1)
    with pytest.raises(NamedMeanwhile, match="was taken back"):
        named(planned, orders, cast.emil, version=1)


def test_bad_controls_are_refused_in_words(cast: Cast, orders: Kpi, planned: Release) -> None:
    other, far = make_product("search", "E"), make_product("search-japan", "E", time_zone="Asia/Tokyo")
    searches = [make_kpi(other, f"searches-{number}") for number in range(4)]
    for controls, words in (
        ([orders], "Orders is the KPI itself"),
        ([make_kpi(cast.checkout, "revenue")], "is of Checkout, which the release may touch"),
        ([make_kpi(other, "weekly", cadence="week")], "is read every week, Orders is not"),
        ([make_kpi(far, "japan")], "are cut in Asia/Tokyo"),
        (searches, "At most 3 controls"),
        ([searches[0], searches[0]], "named once"),
    ):
        with pytest.raises(BadControl, match=words):
            named(planned, orders, cast.emil, controls=controls)
    assert named(planned, orders, cast.emil, controls=searches[:3]).controls.count() == 3


def test_bad_windows_and_expectations_are_refused_in_words(cast: Cast, orders: Kpi, planned: Release) -> None:
    weekly = make_kpi(cast.checkout, "weekly", cadence="week")
    for kpi, said, problem, words in (
        (orders, {"window_days": 10}, BadWindow, "7, 14 or 28 days, not 10"),
        (weekly, {"window_days": 7}, BadWindow, "one week is too little"),
        (orders, {"expected_change": Decimal(-1)}, BadExpectation, "without a sign"),
        (orders, {"expected_change": Decimal(2), "direction": "fall"}, BadExpectation, "more than all of it"),
        (orders, {"expected_change": Decimal(1), "direction": "stay"}, BadExpectation, "no change is expected"),
    ):
        with pytest.raises(problem, match=words):
            named(planned, kpi, cast.emil, **said)


def test_the_smallest_detectable_effect_is_stored_and_not_worked_out_again(
    cast: Cast, orders: Kpi, planned: Release
) -> None:
    make_days(orders, NOW.date(), noise(450))
    held = named(planned, orders, cast.emil)
    assert held.detectable == pytest.approx(0.1, abs=0.06)
    assert held.detectable_natural == pytest.approx(14_000 * np.expm1(held.detectable), rel=0.1)
    make_days(orders, NOW.date() + 28 * DAY, [1.0] * 28)
    expose(planned, NOW + DAY)
    held.refresh_from_db()
    assert named_by(planned.pk)[0].detectable == held.detectable


def test_what_comes_later_is_not_looked_at(cast: Cast, orders: Kpi) -> None:
    make_days(orders, NOW.date(), noise(450))
    asked = {"window_days": 14, "roll_out_days": 0, "now": NOW}
    before = outlook_of(orders, **asked)
    make_days(orders, NOW.date() + 28 * DAY, [1.0] * 28)
    assert outlook_of(orders, **asked) == before


def test_without_enough_past_the_reason_is_stored(cast: Cast, orders: Kpi, planned: Release) -> None:
    assert named(planned, orders, cast.emil).undetectable == "no reading has arrived yet"
    make_days(orders, NOW.date(), noise(100))
    held = named(planned, orders, cast.emil, at=NOW + DAY, window_days=28)
    assert (held.detectable, held.undetectable) == (None, "needs 224 days before; has 100")


def test_a_control_that_moves_with_the_kpi_makes_smaller_effects_detectable(cast: Cast, orders: Kpi) -> None:
    searches = make_kpi(make_product("search", "E"), "searches")
    shared, own = np.random.default_rng(3).normal(1, 0.1, (2, 450))
    make_days(orders, NOW.date(), [float(round(1000 * value)) for value in shared])
    make_days(searches, NOW.date(), [float(round(500 * value)) for value in shared * (0.98 + 0.02 * own)])
    asked = {"window_days": 14, "roll_out_days": 0, "now": NOW}
    alone, beside = outlook_of(orders, **asked), outlook_of(orders, controls=[searches], **asked)
    assert beside.detectable < alone.detectable / 2
    assert alone.text.endswith("orders in 14 days")


def test_rates_are_told_in_percentage_points_and_weeks_are_read_by_their_mondays(cast: Cast) -> None:
    rate = make_kpi(cast.checkout, "conversion", "ratio", unit="%")
    random = np.random.default_rng(5)
    make_days(rate, NOW.date(), [float(value) for value in random.binomial(2000, 0.3, 300)], of=2000)
    assert outlook_of(rate, window_days=14, roll_out_days=0, now=NOW).text.endswith("percentage points")
    weekly = make_kpi(cast.checkout, "weekly", cadence="week")
    make_days(weekly, NOW.date(), noise(60))
    found = outlook_of(weekly, window_days=28, roll_out_days=0, now=NOW)
    assert found.detectable is not None
