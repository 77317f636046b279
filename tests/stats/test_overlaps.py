"""Sums over releases of one KPI whose windows share days."""

import numpy as np
import pytest

from metrics.stats.effects import Estimate, estimate
from metrics.stats.multiplicity import total
from metrics.stats.overlaps import correlations
from metrics.stats.past import Past
from metrics.stats.series import Form, amounts
from metrics.stats.windows import Intervention, Window
from tests.stats import naive
from tests.stats.made import level, money, with_gaps


def past_of(seed: int) -> Past:
    return Past(amounts(money(seed, 600), form=Form.MONEY))


def readings(past: Past, *starts: int) -> list[Estimate]:
    releases = [Intervention(start) for start in starts]
    found = []
    for one in releases:
        reading = estimate(past, one, horizon=14, others=[other for other in releases if other is not one])
        assert isinstance(reading, Estimate)
        found.append(reading)
    return found


def test_windows_without_a_common_day_are_independent() -> None:
    past = past_of(1)
    found = readings(past, 430, 472)
    assert correlations(past, [one.window for one in found]).tolist() == [[1, 0], [0, 1]]


def test_common_days_count_as_they_did_on_pairs_of_earlier_dates() -> None:
    values = with_gaps(money(2, 600), 2, 0.04)
    past = Past(amounts(values, form=Form.MONEY))
    windows = [Window(start, 0, 14, 2, 1, 14, is_early=False) for start in (450, 430)]
    case = naive.Case(naive.log_of(values), 430, weeks=2)
    pairs = [(naive.effect(case, case.z, one), naive.effect(case, case.z, one + 20)) for one in range(30, 430 - 34 + 1)]
    own, other = np.array([pair for pair in pairs if not np.isnan(pair).any()]).T
    expected = (own * other).sum() / np.sqrt((own**2).sum() * (other**2).sum())
    found = correlations(past, windows)
    assert found[0, 1] == found[1, 0] == pytest.approx(expected)


def test_too_little_past_to_see_says_independent() -> None:
    past = past_of(3)
    windows = [Window(start, 0, 14, 2, 1, 14, is_early=False) for start in (20, 30)]
    assert correlations(past, windows)[0, 1] == 0


def test_joint_errors_are_nearer_to_what_sums_do_than_independent_ones() -> None:
    sums, joint, independent = [], [], []
    for seed in range(60):
        past = Past(amounts(np.exp(9 + level(seed, 600, drift=0.03)), form=Form.MONEY))
        both = readings(past, 430, 444)
        effects, ses = [one.effect for one in both], [one.error.se for one in both]
        sums.append(sum(effects))
        joint.append(total(effects, ses, correlations(past, [one.window for one in both])).se)
        independent.append(total(effects, ses).se)
    seen = np.sqrt(np.mean(np.square(sums)))
    assert abs(np.mean(joint) - seen) < abs(np.mean(independent) - seen)
