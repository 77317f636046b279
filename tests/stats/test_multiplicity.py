"""Many effects at once: marks, shrinkage and sums."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as campaign
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from metrics.stats.multiplicity import Shrunken, Total, findings, heterogeneity, shrunken, total

PS = st.lists(st.floats(0, 1), max_size=30)
EFFECTS = st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 3)), min_size=1, max_size=20)


def test_the_example_of_benjamini_and_hochberg_marks_four() -> None:
    ps = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    ]
    assert findings(ps) == (True,) * 4 + (False,) * 11


def test_a_p_above_its_own_line_is_marked_below_a_later_one() -> None:
    assert findings([0.03, 0.04, 0.045]) == (True, True, True)
    assert findings([0.04]) == (True,)
    assert findings([]) == ()


@given(ps=PS)
@campaign(max_examples=200, deadline=None)
def test_marks_are_those_of_adjusted_ps(ps: list[float]) -> None:
    adjusted = false_discovery_control(ps) if ps else []
    assert all(mark == (p <= 0.05) for mark, p in zip(findings(ps), adjusted, strict=True) if abs(p - 0.05) > 1e-9)


def test_what_scatters_as_much_as_chance_is_drawn_to_nothing() -> None:
    assert heterogeneity([1, -1, 1, -1], [1, 1, 1, 1]) == 0
    assert shrunken([1, -1], [1, 1]) == (Shrunken(0, 0), Shrunken(0, 0))
    assert shrunken([], []) == ()


def test_shrinkage_worked_by_hand() -> None:
    # Σd²/SE² = 9 + 9 + 0 = 18 for n = 3 and Σ1/SE² = 1 + 1 + 1: τ² = 15/3 = 5
    assert heterogeneity([3, -3, 0], [1, 1, 1]) == pytest.approx(5)
    first, _, third = shrunken([3, -3, 0], [1, 1, 1])
    assert (first.effect, first.se) == (pytest.approx(3 * 5 / 6), pytest.approx(sqrt(5 / 6)))
    assert third.effect == 0


@given(pairs=EFFECTS)
@campaign(max_examples=200, deadline=None)
def test_shrinking_never_turns_or_enlarges_an_effect(pairs: list[tuple[float, float]]) -> None:
    effects, ses = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    for effect, se, drawn in zip(effects, ses, shrunken(effects, ses), strict=True):
        assert abs(drawn.effect) <= abs(effect)
        assert drawn.effect * effect >= 0
        assert drawn.se <= se


def test_sums_are_of_unshrunken_effects_with_the_error_of_all() -> None:
    assert total([10, 20], [3, 4]) == Total(30, 5)
    assert total([10, 20], [3, 4], np.array([[1, 1], [1, 1.0]])) == Total(30, 7)
    assert total([10, 20], [3, 3], np.array([[1, -1], [-1, 1.0]])) == Total(30, 0)
    assert total([], []) == Total(0, 0)


def test_what_does_not_belong_together_is_an_error() -> None:
    with pytest.raises(ValueError, match="one error for each"):
        total([1, 2], [1])
    with pytest.raises(ValueError, match="cannot be weighed"):
        heterogeneity([1, 2], [1, 0])
