"""What holds for any series: shifts, units, the future, order, sharing, and nothing but reasons where there is nothing."""

from math import log

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as campaign
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from metrics.stats.cadence import DAILY, WEEKLY
from metrics.stats.effects import Estimate, estimate
from metrics.stats.past import Past
from metrics.stats.pictures import Picture, picture
from metrics.stats.reasons import NoEstimate
from metrics.stats.series import Floats, Form, Series, amounts, rates, scores
from metrics.stats.verdicts import Word, verdict
from metrics.stats.windows import Intervention
from tests.stats.made import money, siblings, with_gaps

SEEDS = st.integers(0, 10_000)
STARTS = st.integers(230, 440)
LATE_STARTS = st.integers(330, 440)
HORIZONS = st.sampled_from(DAILY.horizons)
DELTAS = st.floats(-0.6, 3)
FEW = campaign(max_examples=40, deadline=None)


def paid(values: Floats) -> Series:
    return amounts(values, form=Form.MONEY)


def read(series: Series, start: int, horizon: int = 14, **how: object) -> Estimate | NoEstimate:
    return estimate(Past(series), Intervention(start), horizon=horizon, **how)  # type: ignore[arg-type]


def sound(found: Estimate | NoEstimate) -> Estimate:
    assert isinstance(found, Estimate), found
    return found


def changed(values: Floats, start: int, delta: float) -> Floats:
    """The values with a change from ``start`` on; cases in which one falls to the floor are not asked about."""
    found = np.concatenate([values[:start], values[start:] * (1 + delta)])
    assume(np.nanmin(found) > np.nanmin(values[:start]) / 2)
    return found


@given(seed=SEEDS, start=STARTS, horizon=HORIZONS, roll_out=st.integers(0, 9), delta=DELTAS)
@FEW
def test_a_change_of_any_size_from_the_release_on_is_found_in_full(
    seed: int, start: int, horizon: int, roll_out: int, delta: float
) -> None:
    values = with_gaps(money(seed), seed, 0.04)
    release = Intervention(start, roll_out)
    before = estimate(Past(paid(values)), release, horizon=horizon)
    after = estimate(Past(paid(changed(values, start, delta))), release, horizon=horizon)
    if isinstance(before, NoEstimate):
        assert after == before
        return
    assert sound(after).effect - before.effect == pytest.approx(log(1 + delta), abs=1e-9)
    assert sound(after).error == before.error


@given(seed=SEEDS, start=STARTS, one=DELTAS, other=DELTAS)
@FEW
def test_a_larger_effect_of_the_same_sign_never_raises_p(seed: int, start: int, one: float, other: float) -> None:
    values = money(seed)
    small, large = sorted(
        (sound(read(paid(changed(values, start, delta)), start)) for delta in (one, other)), key=lambda r: abs(r.effect)
    )
    if small.effect * large.effect > 0:
        assert large.p <= small.p + 1e-12


@given(seed=SEEDS, start=STARTS, factor=st.floats(1e-3, 1e6))
@FEW
def test_money_in_another_currency_is_the_same_reading(seed: int, start: int, factor: float) -> None:
    here, there = sound(read(paid(money(seed)), start)), sound(read(paid(money(seed) * factor), start))
    assert there.effect == pytest.approx(here.effect, abs=1e-9)
    assert there.p == pytest.approx(here.p, rel=1e-6)
    assert there.natural == pytest.approx(here.natural * factor, rel=1e-6, abs=1e-6 * factor)


@given(seed=SEEDS, start=STARTS, horizon=HORIZONS, later=st.integers(0, 3))
@FEW
def test_nothing_after_the_window_matters(seed: int, start: int, horizon: int, later: int) -> None:
    values = with_gaps(money(seed), seed, 0.02)
    end = start + horizon
    spoilt = np.concatenate([values[:end], [9e9, np.nan, 0.0][:later]])
    assert read(paid(spoilt), start, horizon) == read(paid(values[:end]), start, horizon)


@given(seed=SEEDS, start=LATE_STARTS, order=st.permutations([0, 1, 2]))
@FEW
def test_the_order_of_controls_and_releases_does_not_matter(seed: int, start: int, order: list[int]) -> None:
    own, *others = siblings(seed, 4)
    releases = [Intervention(day) for day in (start - 120, start - 31, start + 12)]
    first = sound(read(paid(own), start, controls=[Past(paid(one)) for one in others], others=releases))
    second = sound(
        read(
            paid(own),
            start,
            controls=[Past(paid(others[place])) for place in order],
            others=[releases[place] for place in order],
        )
    )
    assert second.effect == pytest.approx(first.effect, abs=1e-9)
    assert second.p == pytest.approx(first.p, rel=1e-6)
    assert [second.shares[order.index(place)] for place in range(3)] == pytest.approx(first.shares, abs=1e-9)


@given(seed=SEEDS, days=st.lists(st.integers(0, 470), min_size=1, max_size=12), horizon=HORIZONS, closed=st.booleans())
@FEW
def test_many_releases_read_together_are_exactly_each_read_alone(
    seed: int, days: list[int], horizon: int, closed: bool
) -> None:
    values = with_gaps(money(seed), seed, 0.05)
    if closed:
        values[200::7] = 0
    series, control = paid(values), paid(siblings(seed, 1)[0])
    shared, shared_control = Past(series), Past(control)
    releases = [Intervention(day, day % 3) for day in days]
    for release in releases:
        others = [one for one in releases if one is not release]
        together = estimate(shared, release, horizon=horizon, others=others)
        assert together == estimate(Past(series), release, horizon=horizon, others=others)
        controlled = estimate(shared, release, horizon=horizon, controls=[shared_control])
        assert controlled == estimate(Past(series), release, horizon=horizon, controls=[Past(control)])


@given(start=LATE_STARTS, roll_out=st.integers(0, 20))
@FEW
def test_roll_outs_line_up_with_the_weekdays(start: int, roll_out: int) -> None:
    weekday = np.array([5.0, 6, 7, 8, 9, 2, 1])[np.arange(480) % 7]
    values = weekday * np.exp(np.arange(480) // 97 * 0.05)  # small steps, so that the past is not all the same
    found = sound(
        estimate(
            Past(paid(np.where(np.arange(480) < start, values, weekday * 3))), Intervention(start, roll_out), horizon=14
        )
    )
    expected = log(3) - np.arange(480)[start - 1] // 97 * 0.05
    assert found.effect == pytest.approx(expected, abs=0.06)


NASTY = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 1e-300, 1e300, float("nan"), float("inf"), float("-inf")]), st.floats(0, 1e6)
)


@given(
    first=arrays.arrays(np.float64, st.integers(0, 60), elements=NASTY),
    second=arrays.arrays(np.float64, 60, elements=NASTY),
    repeats=st.integers(1, 8),
    form=st.sampled_from([*Form]),
    start=st.integers(-10, 500),
    others=st.lists(st.integers(-10, 500), max_size=10),
)
@campaign(max_examples=150, deadline=None)
def test_no_series_whatsoever_is_an_exception(
    first: Floats, second: Floats, repeats: int, form: Form, start: int, others: list[int]
) -> None:
    one, two = np.tile(first, repeats), np.tile(second[: len(first)], repeats)
    made = {
        Form.COUNT: lambda: amounts(one),
        Form.MONEY: lambda: amounts(one, form=Form.MONEY),
        Form.RATE: lambda: rates(one, two),
        Form.SCORE: lambda: scores(one, two, two),
    }
    with np.errstate(all="ignore"):
        past = Past(made[form]())
        known = [Intervention(day) for day in others]
        found = estimate(past, Intervention(start), horizon=7, others=known)
        if isinstance(found, NoEstimate):
            assert verdict(found).word is Word.NOT_ENOUGH_DATA
            return
        assert verdict(found).words
        assert 0 < found.p <= 1
        assert isinstance(picture(past, found, known), Picture)


@given(seed=SEEDS, start=st.integers(40, 110), horizon=st.sampled_from(WEEKLY.horizons), delta=DELTAS)
@FEW
def test_weekly_kpis_find_a_change_in_full(seed: int, start: int, horizon: int, delta: float) -> None:
    values = money(seed, 116)

    def weekly(numbers: Floats) -> Estimate:
        past = Past(amounts(numbers, form=Form.MONEY, cadence=WEEKLY))
        return sound(estimate(past, Intervention(start), horizon=horizon))

    found = weekly(changed(values, start, delta)).effect - weekly(values).effect
    assert found == pytest.approx(log(1 + delta), abs=1e-9)
