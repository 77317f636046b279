"""What is drawn and said of a reading: bands about single days, dots, units and sentences."""

from dataclasses import replace

import numpy as np
import pytest

from metrics.stats.effects import Estimate, estimate
from metrics.stats.natural import Expected, levels_of
from metrics.stats.past import Past
from metrics.stats.pictures import Picture, picture
from metrics.stats.reasons import NoEstimate
from metrics.stats.sentences import sentence, span
from metrics.stats.series import Form, amounts, rates
from metrics.stats.verdicts import verdict
from metrics.stats.windows import Intervention
from tests.stats import naive
from tests.stats.made import money, siblings, with_gaps

START = 430
RELEASE = Intervention(START)


def drawn(past: Past, reading: Estimate | NoEstimate, **how: object) -> tuple[Estimate, Picture]:
    assert isinstance(reading, Estimate)
    found = picture(past, reading, **how)  # type: ignore[arg-type]
    assert isinstance(found, Picture)
    return reading, found


def test_bands_are_the_quantiles_of_single_quiet_days_around_the_expectation() -> None:
    values = money(1)
    past = Past(amounts(values, form=Form.MONEY))
    reading, found = drawn(past, estimate(past, RELEASE, horizon=14))
    case = naive.Case(list(np.log(values)), START)
    gaps = [
        case.z[one + offset] - naive.expectation(case, case.z, one, offset)
        for one in range(START - 400, START - 13)
        for offset in range(14)
    ]
    gaps = [gap for gap in gaps if not np.isnan(gap)]
    for offset, day in enumerate(found.days):
        expected = naive.expectation(case, case.z, START, offset)
        assert day.step == START + offset
        assert day.observed == pytest.approx(values[START + offset])
        assert day.expected == pytest.approx(np.exp(expected))
        for band, (low, high) in zip((0.5, 0.9), day.bands, strict=True):
            ends = np.exp(expected + np.quantile(gaps, [(1 - band) / 2, (1 + band) / 2]))
            assert (low, high) == pytest.approx(tuple(ends), rel=1e-2)
    assert [dot.effect for dot in found.dots] == pytest.approx(naive.read(case).past)
    assert len(found.dots) == reading.quiet_dates


def test_controls_move_the_expectation_and_narrow_the_bands() -> None:
    own, other = siblings(2, 2)
    past, control = Past(amounts(own, form=Form.MONEY)), Past(amounts(other, form=Form.MONEY))
    _, plain = drawn(past, estimate(past, RELEASE, horizon=14))
    reading, found = drawn(past, estimate(past, RELEASE, horizon=14, controls=[control]), controls=[control])
    ratios = [day.expected / bare.expected for day, bare in zip(found.days, plain.days, strict=True)]  # type: ignore[operator]
    assert np.ptp(ratios) < 1e-12
    assert ratios[0] != pytest.approx(1)
    gaps = [np.log(day.observed / day.expected) for day in found.days]  # type: ignore[operator]
    assert np.median(gaps) == pytest.approx(reading.effect)


def test_days_that_are_not_known_are_left_open() -> None:
    values = with_gaps(money(3), 3, 0.02)
    values[[START + 2, START - 4, START - 11, START - 18, START - 25]] = np.nan
    past = Past(amounts(values, form=Form.MONEY))
    _, found = drawn(past, estimate(past, RELEASE, horizon=14))
    assert found.days[2].observed is None
    assert found.days[2].expected is not None
    assert (found.days[3].expected, found.days[3].bands) == (None, ())


def test_rates_are_drawn_as_shares() -> None:
    random = np.random.default_rng(4)
    past = Past(rates(random.binomial(500, 0.2, 460), np.full(460, 500.0)))
    _, found = drawn(past, estimate(past, RELEASE, horizon=7))
    assert all(0.1 < low < (day.expected or 0) < high < 0.3 for day in found.days for low, high in day.bands)


def test_there_is_no_picture_of_what_cannot_be_read() -> None:
    past = Past(amounts(money(5), form=Form.MONEY))
    reading = estimate(past, RELEASE, horizon=14)
    assert isinstance(reading, Estimate)
    assert isinstance(picture(Past(amounts(np.ones(460))), reading), NoEstimate)


def test_natural_units_are_sums_points_and_percentages() -> None:
    assert Expected(Form.COUNT, 200.0, 14).natural(np.log(1.1)) == pytest.approx(20)
    assert Expected(Form.RATE, 0.0, 14).natural(np.log(3)) == pytest.approx(25)
    assert Expected(Form.SCORE, 40.0, 14).natural(-3) == -3
    assert Expected(Form.MONEY, 1.0, 14).natural(1e6) < float("inf")
    assert levels_of(Form.RATE, [-1e9, 0.0, 1e9]) == pytest.approx([0, 0.5, 1])


def said(**how: object) -> str:
    past = Past(amounts(money(6), form=Form.MONEY))
    found = estimate(past, RELEASE, horizon=14)
    assert isinstance(found, Estimate)
    reading = replace(found, **{"effect": np.log(1.08), "p": 0.4, "usual": np.log(1.24), "quiet_dates": 359, **how})  # type: ignore[arg-type]
    return sentence(reading, verdict(reading), release="One-page booking", kpi="revenue")


def test_the_sentence_says_what_was_expected_and_what_quiet_dates_do() -> None:
    assert said() == (
        "In the 14 days after One-page booking, revenue was 8 % above what the four weeks before, weekday by weekday, led us to expect. "
        "On 359 quiet dates in the year before, the same comparison stayed within ±24 %: we cannot tell."
    )


def test_the_sentence_changes_with_what_it_says() -> None:
    assert "was 7.4 % below what" in said(effect=-np.log(1.08))
    assert "On 359 dates in the year before, other releases among them, the same" in said(is_busy=True)
    found = said(expected=Expected(Form.RATE, 0.0, 14), effect=0.02)
    assert "was 0.5 percentage points above" in found
    past = Past(amounts(money(6), form=Form.MONEY))
    cut = estimate(past, RELEASE, horizon=14, others=[Intervention(START - 8)])
    assert isinstance(cut, Estimate)
    assert "what the week before, weekday" in sentence(cut, verdict(cut), release="it", kpi="revenue")


def test_an_interval_is_said_with_its_signs() -> None:
    past = Past(amounts(money(6), form=Form.MONEY))
    reading = estimate(past, RELEASE, horizon=14)
    assert isinstance(reading, Estimate)
    low, high = span(reading, 0.95).split(" to ")
    assert low.startswith("−")
    assert high.startswith("+")
