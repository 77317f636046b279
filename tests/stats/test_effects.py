"""The estimator against the same method in plain loops: every form, gap, roll-out, cut, control and cadence."""

from dataclasses import replace
from math import isclose, log

import numpy as np
import pytest

from metrics.stats.cadence import METHOD, WEEKLY
from metrics.stats.effects import Estimate, detectable, estimate
from metrics.stats.past import Past
from metrics.stats.series import Form, Series, amounts, rates, scores
from metrics.stats.student import LEVELS
from metrics.stats.windows import Intervention
from tests.stats import naive
from tests.stats.made import counts, level, money, siblings, with_gaps

START = 430


def money_series(seed: int, steps: int = 460) -> Series:
    return amounts(money(seed, steps), form=Form.MONEY)


def read(series: Series, start: int = START, **how: object) -> Estimate:
    found = estimate(Past(series), Intervention(start), **{"horizon": 14, **how})  # type: ignore[arg-type]
    assert isinstance(found, Estimate), found
    return found


def assert_same(ours: Estimate, theirs: naive.Reading) -> None:
    assert ours.effect == pytest.approx(theirs.effect, abs=1e-12)
    assert ours.error.se == pytest.approx(theirs.se, rel=1e-9)
    assert ours.error.df == pytest.approx(theirs.df)
    assert ours.p == pytest.approx(theirs.p, rel=1e-9)
    assert ours.quiet_dates == len(theirs.past)
    for one in LEVELS:
        interval = ours.interval(one)
        assert (interval.low, interval.high) == pytest.approx(theirs.interval(one), abs=1e-9)
    assert ours.usual == pytest.approx(np.quantile(np.abs(theirs.past), 0.9))


@pytest.mark.parametrize("horizon", [7, 14, 28])
@pytest.mark.parametrize("roll_out", [0, 3])
def test_money_is_read_as_the_method_says(horizon: int, roll_out: int) -> None:
    series = money_series(1)
    ours = estimate(Past(series), Intervention(400, roll_out), horizon=horizon)
    assert isinstance(ours, Estimate)
    assert_same(ours, naive.read(naive.Case(list(np.log(series.values)), 400, horizon, roll_out)))
    assert ours.method == METHOD


def test_missing_days_are_left_out_everywhere() -> None:
    values = with_gaps(money(2), seed=2)
    assert_same(read(amounts(values, form=Form.MONEY)), naive.read(naive.Case(naive.log_of(values), START)))


def test_masked_days_are_missing_days() -> None:
    values, mask = money(3), np.random.default_rng(3).random(460) < 0.08
    masked = read(amounts(values, form=Form.MONEY, mask=mask))
    assert masked == read(amounts(np.where(mask, np.nan, values), form=Form.MONEY))


def test_small_counts_are_at_least_as_uncertain_as_counts_are() -> None:
    values = np.random.default_rng(4).poisson(3, 460).astype(float)
    floor = 1 / values[START : START + 14].sum() + 1 / values[START - 28 : START].sum()
    ours = read(amounts(values))
    assert_same(ours, naive.read(naive.Case(naive.log_of(values), START, floor=floor)))


def test_steady_counts_get_their_error_from_their_number() -> None:
    values = 2000.0 + np.arange(460) // 150  # so steady that the past alone would say nearly nothing is chance
    floor = 1 / values[START : START + 14].sum() + 1 / values[START - 28 : START].sum()
    ours = read(amounts(values))
    assert ours.error.se == pytest.approx((floor * (1 + 1 / ours.error.df)) ** 0.5)


def test_rates_are_read_as_log_odds_with_the_error_of_their_denominators() -> None:
    random = np.random.default_rng(5)
    den = random.integers(200, 400, 460).astype(float)
    num = random.binomial(den.astype(int), 0.2).astype(float)

    def variance(steps: slice) -> float:
        n, hits = den[steps].sum(), num[steps].sum()
        share = (hits + 0.5) / (n + 1)
        return float(1 / (n * share * (1 - share)))

    floor = variance(slice(START, START + 14)) + variance(slice(START - 28, START))
    z = list(np.log((num + 0.5) / (den - num + 0.5)))
    assert_same(read(rates(num, den)), naive.read(naive.Case(z, START, floor=floor)))


def test_nps_is_read_as_points_with_the_error_of_its_answers() -> None:
    random = np.random.default_rng(6)
    n = random.integers(5, 9, 460).astype(float)
    promoters = random.binomial(n.astype(int), 0.5).astype(float)
    detractors = np.minimum(n - promoters, 1.0)

    def variance(steps: slice) -> float:
        total = n[steps].sum()
        p, d = promoters[steps].sum() / total, detractors[steps].sum() / total
        return float(100**2 * (p + d - (p - d) ** 2) / total)

    sums, squares = 100 * (promoters - detractors), 100**2 * (promoters + detractors)
    floor = variance(slice(START, START + 14)) + variance(slice(START - 28, START))
    ours = read(scores(sums, n, squares))
    assert_same(ours, naive.read(naive.Case(list(sums / n), START, floor=floor)))
    assert ours.natural == ours.effect


def test_closed_weekdays_are_left_out_and_not_missed() -> None:
    values = money(7)
    values[5::7] = 0
    values[6::7] = np.nan
    values[[40, 47]] = 900.5  # somebody opened on two Saturdays
    z = naive.log_of(np.where(np.isin(np.arange(460) % 7, (5, 6)), np.nan, values))
    ours = read(amounts(values, form=Form.MONEY))
    assert_same(ours, naive.read(naive.Case(z, START, closed=frozenset({5, 6}))))
    assert ours.expected.steps == 10


def test_other_releases_in_the_past_are_left_out_of_it() -> None:
    others = (60, 200, 320)
    ours = read(money_series(8), others=[Intervention(one) for one in others])
    assert_same(ours, naive.read(naive.Case(list(np.log(money(8))), START, others=others)))
    assert not ours.is_busy


def test_a_past_full_of_releases_is_used_whole_and_flagged() -> None:
    others = [Intervention(one) for one in range(10, 400, 21)]
    ours = read(money_series(9), others=others)
    assert ours.is_busy
    assert_same(ours, naive.read(naive.Case(list(np.log(money(9))), START)))


def test_neighbouring_releases_cut_the_windows_of_the_past_as_well() -> None:
    others = [Intervention(START - 17), Intervention(START + 9)]
    ours = read(money_series(10), others=others)
    assert (ours.window.weeks, ours.window.horizon, ours.window.is_cut) == (2, 9, True)
    case = naive.Case(list(np.log(money(10))), START, horizon=9, weeks=2, others=(START - 17,))
    assert_same(ours, naive.read(case))


def test_a_bundle_is_one_effect_from_its_first_release_to_after_its_last() -> None:
    others = [Intervention(START - 3), Intervention(START + 4, roll_out=2)]
    ours = read(money_series(11), others=others)
    assert (ours.window.start, ours.window.roll_out, ours.window.members) == (START - 3, 9, 3)
    assert_same(ours, naive.read(naive.Case(list(np.log(money(11))), START - 3, roll_out=9)))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_controls_take_off_what_would_have_happened_anyway(number: int) -> None:
    own, *others = siblings(12, number + 1)
    own, others = with_gaps(own, 1, 0.03), [with_gaps(one, 2, 0.02) for one in others]
    controls = [Past(amounts(one, form=Form.MONEY)) for one in others]
    ours = read(amounts(own, form=Form.MONEY), controls=controls)
    case = naive.Case(naive.log_of(own), START, controls=tuple(naive.log_of(one) for one in others))
    assert_same(ours, naive.read(case))
    alone = read(amounts(own, form=Form.MONEY))
    assert ours.error.se < 0.8 * alone.error.se


def test_weekly_kpis_have_no_season_and_four_weeks_before() -> None:
    z = level(13, 120)
    ours = estimate(Past(amounts(np.exp(z), form=Form.MONEY, cadence=WEEKLY)), Intervention(110, 1), horizon=4)
    assert isinstance(ours, Estimate)
    assert_same(ours, naive.read(naive.Case(list(z), 110, 4, 1, season=1, reach=104)))


def test_a_reading_before_the_window_is_full_has_its_own_horizon() -> None:
    series = money_series(14, START + 9)
    early = read(series)
    assert early.window.is_early
    assert early == replace(read(series, horizon=9), window=early.window)


def test_a_rate_says_percentage_points_and_an_amount_its_sum() -> None:
    n = np.full(460, 1000.0)
    shares = np.full(460, 200.0) + np.arange(460) % 3
    shares[START:] = 250 + np.arange(460 - START) % 3
    assert read(rates(shares, n)).natural == pytest.approx(5, abs=0.1)
    values = 100 + np.arange(460) % 3 + 0.5
    values[START:] *= 1.1
    assert read(amounts(values, form=Form.MONEY)).natural == pytest.approx(14 * 101.5 * 0.1, rel=0.05)


def test_what_can_be_detected_is_said_from_the_past_alone() -> None:
    series = money_series(15)
    spoilt = replace(series, values=np.concatenate([series.values[:START], np.full(30, np.nan)]))
    before = detectable(Past(series), START, horizon=14)
    assert isinstance(before, float)
    assert before == detectable(Past(spoilt), START, horizon=14)
    reading = read(series)
    assert isclose(before, reading.error.detectable)  # money has no sampling floor


def test_an_effect_of_the_detectable_size_is_found_in_four_of_five_cases_of_the_past() -> None:
    reading = read(money_series(16))
    theirs = naive.read(naive.Case(list(np.log(money(16))), START))
    both = naive.student.ppf(0.975, theirs.df) + naive.student.ppf(0.8, theirs.df)
    assert reading.error.detectable == pytest.approx(both * theirs.se)


def test_a_count_that_falls_to_nothing_is_seen() -> None:
    values = counts(17)
    values[START:] = 0
    ours = read(amounts(values))
    assert ours.effect == pytest.approx(log(0.5 / 2000), abs=2)
    assert ours.p < 0.05
