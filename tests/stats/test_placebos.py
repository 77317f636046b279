"""Dates on which nothing happened: how often the estimator says that something did, and how often it covers what we put in."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from metrics.stats.cadence import DAILY
from metrics.stats.effects import Estimate, estimate
from metrics.stats.past import Past
from metrics.stats.series import Floats, Form, amounts, rates
from metrics.stats.verdicts import Word, verdict
from metrics.stats.windows import Intervention
from tests.stats.made import level, siblings


@dataclass(frozen=True)
class Seen:
    """What became of many placebo dates: shares of them."""

    false_alarms: float
    covered: float
    number: int


def kinds(seed: int, steps: int) -> Iterator[Past]:
    """Calm, drifting, noisy, weekly changing and rare: what KPIs are like."""
    random = np.random.default_rng(seed)
    yield Past(amounts(np.exp(8 + level(seed, steps, drift=0.002)), form=Form.MONEY))
    yield Past(amounts(np.exp(8 + level(seed, steps, drift=0.03)), form=Form.MONEY))
    weeks = np.repeat(random.normal(0, 0.1, steps // 7 + 1), 7)[:steps]
    yield Past(amounts(np.exp(8 + level(seed, steps) + weeks), form=Form.MONEY))
    yield Past(amounts(random.poisson(6 * np.exp(level(seed, steps, drift=0.005))).astype(float)))
    den = random.integers(300, 500, steps).astype(float)
    yield Past(rates(random.binomial(den.astype(int), 1 / (1 + np.exp(1.5 - level(seed, steps)))), den))


def readings(seeds: range, steps: int, horizon: int) -> list[Estimate]:
    found = []
    for seed in seeds:
        for past in kinds(seed, steps):
            for start in range(440 + seed % 7, steps - horizon, 61):
                reading = estimate(past, Intervention(start), horizon=horizon)
                assert isinstance(reading, Estimate)
                found.append(reading)
    return found


def seen(found: list[Estimate]) -> Seen:
    inside = [reading.interval(0.95).low <= 0 <= reading.interval(0.95).high for reading in found]
    return Seen(float(np.mean([one.p < 0.05 for one in found])), float(np.mean(inside)), len(found))


@pytest.mark.parametrize("horizon", DAILY.horizons)
def test_of_dates_without_an_effect_few_are_called_one(horizon: int) -> None:
    result = seen(readings(range(12), 800, horizon))
    assert result.number > 300
    assert result.false_alarms <= 0.10
    assert result.covered >= 0.90


@pytest.mark.long
@pytest.mark.parametrize("horizon", DAILY.horizons)
def test_over_thousands_of_dates_the_rates_are_near_their_names(horizon: int) -> None:
    result = seen(readings(range(200), 1500, horizon))
    assert result.number > 10_000
    assert result.false_alarms <= 0.085
    assert result.covered >= 0.91


def changed(values: Floats, start: int) -> Past:
    factor = np.where(np.arange(len(values)) >= start, 1.1, 1.0)
    return Past(amounts(values * factor, form=Form.MONEY))


def test_with_controls_more_is_found_and_no_more_is_made_up() -> None:
    alone, controlled, false_alarms = [], [], []
    for seed in range(40):
        own, *others = siblings(seed, 4)
        controls = [Past(amounts(one, form=Form.MONEY)) for one in others]
        past, release = changed(own, 430), Intervention(430)
        one, two = (estimate(past, release, horizon=14, controls=used) for used in ((), controls))
        three = estimate(Past(amounts(own, form=Form.MONEY)), release, horizon=14, controls=controls)
        alone.append(verdict(one).word is Word.CLEARLY)
        controlled.append(verdict(two).word is Word.CLEARLY)
        false_alarms.append(verdict(three).word is Word.CLEARLY)
    assert np.mean(controlled) > np.mean(alone) + 0.2
    assert np.mean(false_alarms) <= 0.10
