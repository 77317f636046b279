"""How values become z: floors, closed weekdays, definitions, and what is no value."""

import numpy as np
import pytest

from metrics.stats.scale import era_of, z_of
from metrics.stats.series import Floats, Form, Series, amounts, rates, scores


def z(series: Series, before: int, begin: int = 0) -> Floats:
    return z_of(series, era_of(series, begin).scale(before))


def test_whole_numbers_have_a_floor_of_one_half() -> None:
    values = np.concatenate([np.full(70, 6.0), [3, 0, 5, 9]])
    assert z(amounts(values), 72)[70:] == pytest.approx(np.log([3, 0.5, 5, 9]))


def test_other_numbers_have_a_floor_of_half_the_smallest_positive_one_before() -> None:
    values = np.concatenate([np.full(70, 6.5), [0, 0.2, 0.01, 0]])
    assert z(amounts(values, form=Form.MONEY), 72)[[70, 72, 73]] == pytest.approx(np.log([0.1, 0.1, 0.1]))
    assert z(amounts(values, form=Form.MONEY), 73)[73] == pytest.approx(np.log(0.005))


def test_negative_amounts_stand_at_the_floor() -> None:
    assert z(amounts([4.0, -3, 2, 1, 1, 1, 1], form=Form.MONEY), 7)[1] == pytest.approx(np.log(0.5))


def test_fractions_after_the_release_do_not_move_the_floor() -> None:
    values = np.array([3.0, 0, 5, 9, 2, 1, 0.01, 0.5])
    assert era_of(amounts(values), 0).scale(6).floor == 0.5
    assert era_of(amounts(values), 0).scale(7).floor == 0.005


def test_a_floor_that_no_value_is_below_is_one_for_all_releases() -> None:
    values = np.linspace(90, 60, 140) + 0.25
    era = era_of(amounts(values, form=Form.MONEY), 0)
    assert era.scale(70) == era.scale(130)
    assert z_of(amounts(values, form=Form.MONEY), era.scale(70)) == pytest.approx(np.log(values))


def test_rates_are_log_odds_with_half_a_case_on_either_side() -> None:
    hits, cases = [4.0] * 70, [9.0] * 70
    found = z(rates([*hits, 0, 5, 10, 3, 2], [*cases, 10, 10, 10, 0, 1]), 70)
    assert found[70:73] == pytest.approx(np.log([0.5 / 10.5, 1, 10.5 / 0.5]))
    assert np.isnan(found[73:]).all()  # nothing to divide by; more hits than cases


def test_scores_stay_what_they_are() -> None:
    assert z(scores([40.0, -30, 0], [4, 3, 2]), 3).tolist() == [10, -10, 0]
    assert np.isnan(z(scores([4.0, 3], [0, -1]), 2)).all()


def test_infinite_values_are_missing() -> None:
    assert np.isnan(z(amounts([1, np.inf, -np.inf]), 3)).tolist() == [False, True, True]


@pytest.mark.parametrize(("zeros", "is_closed"), [(9, True), (8, False)])
def test_a_weekday_is_closed_when_nine_in_ten_are_zero_or_missing(zeros: int, is_closed: bool) -> None:
    values = np.full(70, 5.0)
    values[2::7][:zeros] = [0.0, np.nan] * (zeros // 2) + [0.0] * (zeros % 2)
    scale = era_of(amounts(values), 0).scale(70)
    assert (2 in scale.closed) is is_closed
    assert np.isnan(z_of(amounts(values), scale)[2::7]).all() == is_closed


def test_only_what_was_known_before_closes_a_weekday() -> None:
    values = np.full(140, 5.0)
    values[72::7] = 0
    era = era_of(amounts(values), 0)
    assert era.scale(70).closed == ()
    assert era.scale(140).closed == ()
    values[2:72:7] = 0
    assert era_of(amounts(values), 0).scale(70).closed == (2,)


def test_days_before_the_first_value_close_nothing() -> None:
    values = np.full(460, np.nan)
    values[400:] = 5
    era = era_of(amounts(values), 0)
    assert (era.history(430), era.scale(430).closed) == (30, ())


def test_a_score_of_zero_is_a_score() -> None:
    assert era_of(scores(np.zeros(70), np.ones(70)), 0).scale(70).closed == ()


def test_a_weekday_without_a_hit_is_closed() -> None:
    hits = np.full(70, 3.0)
    hits[4::7] = 0
    assert era_of(rates(hits, np.full(70, 9.0)), 0).scale(70).closed == (4,)


def test_nothing_is_read_under_an_older_definition() -> None:
    values = np.concatenate([np.full(30, 0.25), np.full(30, 100.0)])
    era = era_of(amounts(values, form=Form.MONEY), 30)
    scale = era.scale(58)
    assert (era.history(58), scale.floor) == (28, 100)  # which no value is below
    assert np.isnan(z_of(amounts(values, form=Form.MONEY), scale)[:30]).all()


def test_parts_of_unlike_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="give one for each"):
        rates([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="The mask has 1 steps"):
        amounts([1, 2], mask=[True])
    with pytest.raises(ValueError, match="one-dimensional"):
        amounts([[1, 2]])  # type: ignore[list-item]
