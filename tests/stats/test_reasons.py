"""Whatever cannot be read gives a reason in words; nothing gives an exception or a zero."""

from collections.abc import Sequence

import numpy as np
import pytest

from metrics.stats.effects import Estimate, detectable, estimate
from metrics.stats.past import Past
from metrics.stats.reasons import NoEstimate, Reason
from metrics.stats.series import Form, Numbers, Series, amounts, rates, scores
from metrics.stats.windows import Intervention
from tests.stats.made import money, siblings

START = 430


def read(series: Series, start: int = START, horizon: int = 14, controls: Sequence[Past] = ()) -> Estimate | NoEstimate:
    return estimate(Past(series), Intervention(start), horizon=horizon, controls=controls)


def reason(found: object) -> Reason:
    assert isinstance(found, NoEstimate), found
    assert found.words
    return found.reason


ONES, ZEROS, NOTHING = np.ones(460), np.zeros(460), np.full(460, np.nan)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (amounts(ONES * 100), Reason.NO_VARIATION),
        (amounts(ONES * 0.1, form=Form.MONEY), Reason.NO_VARIATION),
        (scores(ONES * 7, ONES * 3), Reason.NO_VARIATION),
        (rates(ONES, ONES * 3), Reason.NO_VARIATION),
        (rates(ONES, ONES), Reason.NO_VARIATION),
        (amounts(ZEROS), Reason.NO_VALUES),
        (amounts(NOTHING), Reason.NO_VALUES),
        (rates(ZEROS, ZEROS), Reason.NO_VALUES),
        (rates(ZEROS, ONES), Reason.NO_VALUES),
        (rates(ONES * 2, ONES), Reason.NO_VALUES),
        (scores(ZEROS, ZEROS), Reason.NO_VALUES),
        (amounts(money(1), mask=[True] * 460), Reason.NO_VALUES),
        (amounts([]), Reason.FUTURE),
    ],
)
def test_series_that_say_nothing_give_a_reason(series: Series, expected: Reason) -> None:
    assert reason(read(series)) is expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (0, Reason.SHORT_HISTORY),
        (-5, Reason.SHORT_HISTORY),
        (20, Reason.SHORT_HISTORY),
        (459, Reason.FEW_AFTER),
        (460, Reason.FUTURE),
        (9999, Reason.FUTURE),
    ],
)
def test_dates_at_and_past_the_edges_give_a_reason(start: int, expected: Reason) -> None:
    assert reason(read(amounts(money(1), form=Form.MONEY), start)) is expected


@pytest.mark.parametrize(("horizon", "days"), [(7, 140), (14, 168), (28, 224)])
def test_each_horizon_needs_its_days_before(horizon: int, days: int) -> None:
    series = amounts(money(2), form=Form.MONEY)
    assert isinstance(read(series, days, horizon), Estimate)
    short = read(series, days - 1, horizon)
    assert short == NoEstimate(Reason.SHORT_HISTORY, f"needs {days} days before; has {days - 1}")


def test_a_window_with_more_than_three_in_ten_missing_is_missing() -> None:
    values = money(3)
    values[START : START + 4] = np.nan
    assert isinstance(read(amounts(values, form=Form.MONEY)), Estimate)
    values[START + 4] = np.nan
    assert reason(read(amounts(values, form=Form.MONEY))) is Reason.MISSING


def test_a_past_with_too_many_gaps_is_no_past() -> None:
    values = money(4)
    values[40:330] = np.nan
    found = read(amounts(values, form=Form.MONEY))
    assert reason(found) is Reason.FEW_PAST
    assert "needs 126 dates before to compare with; has " in found.words  # type: ignore[union-attr]


@pytest.mark.parametrize("step", [START - 27, START, START + 13])
def test_nothing_is_read_across_a_new_definition(step: int) -> None:
    assert reason(read(amounts(money(5), form=Form.MONEY, breaks=[step]))) is Reason.NEW_DEFINITION


@pytest.mark.parametrize("step", [START - 200, START + 14])
def test_a_definition_that_holds_over_the_window_is_read(step: int) -> None:
    values = money(5)
    found = read(amounts(values, form=Form.MONEY, breaks=[step]))
    assert isinstance(found, Estimate)
    if step < START:
        values[:step] = np.nan
    assert found == read(amounts(values, form=Form.MONEY))


def test_a_young_definition_has_a_short_history() -> None:
    found = read(amounts(money(5), form=Form.MONEY, breaks=[START - 100]))
    assert found == NoEstimate(Reason.SHORT_HISTORY, "needs 168 days before under its present definition; has 100")


def control(values: Numbers, **how: Sequence[int]) -> Past:
    return Past(amounts(values, form=Form.MONEY, **how))


def test_a_control_without_values_is_named_as_the_reason() -> None:
    own, other = siblings(6, 2)
    missing = other.copy()
    missing[START : START + 5] = np.nan
    series = amounts(own, form=Form.MONEY)
    for useless in (control(NOTHING), control(missing), control(other, breaks=[START - 3])):
        assert reason(read(series, controls=[useless])) is Reason.CONTROL_MISSING


def test_each_control_costs_a_degree_of_freedom() -> None:
    own, *others = siblings(7, 4, 250)
    series, start = amounts(own, form=Form.MONEY), 230
    assert isinstance(read(series, start), Estimate)
    found = read(series, start, controls=[control(one) for one in others])
    assert reason(found) is Reason.FEW_PAST


def test_a_control_that_never_moves_explains_nothing() -> None:
    own = money(8)
    series = amounts(own, form=Form.MONEY)
    found, alone = read(series, controls=[control(ONES)]), read(series)
    assert isinstance(found, Estimate)
    assert isinstance(alone, Estimate)
    assert (found.effect, found.shares) == (alone.effect, (0.0,))


def test_controls_over_other_days_and_a_fourth_one_are_errors() -> None:
    own, *others = siblings(9, 5)
    series = amounts(own, form=Form.MONEY)
    with pytest.raises(ValueError, match="At most 3 control KPIs"):
        read(series, controls=[control(one) for one in others])
    with pytest.raises(ValueError, match="the same steps"):
        read(series, controls=[control(others[0][:-1])])


def test_what_can_be_detected_has_the_same_reasons() -> None:
    assert reason(detectable(Past(amounts(ONES)), START, horizon=14)) is Reason.NO_VARIATION
    assert reason(detectable(Past(amounts(money(1))), 100, horizon=14)) is Reason.SHORT_HISTORY
    assert isinstance(detectable(Past(amounts(money(1))), 9999, horizon=14), float)
