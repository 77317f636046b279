"""The verdict's table, row by row, in its order."""

from dataclasses import replace

import pytest

from metrics.stats.effects import Estimate
from metrics.stats.natural import Expected
from metrics.stats.reasons import NoEstimate, Reason
from metrics.stats.series import Form
from metrics.stats.student import Error
from metrics.stats.verdicts import Good, Verdict, Word, verdict
from metrics.stats.windows import Window

WINDOW = Window(100, 0, 14, 4, 1, 14, is_early=False)


def reading(effect: float, se: float, p: float, form: Form = Form.MONEY, level: float = 0.0) -> Estimate:
    """An estimate whose 90 and 95 % intervals reach 1.7 and 2 times ``se``."""
    error = Error(se, 10.0, (0.7 * se, 1.7 * se, 2 * se), 3 * se)
    return Estimate(WINDOW, effect, error, p, 359, 0.1, Expected(form, level, 14), (), is_busy=False)


CLEAR, PROBABLE, NOTHING = reading(0.5, 0.1, 0.01), reading(0.18, 0.1, 0.08), reading(0.01, 0.1, 0.9)
EARLY = replace(CLEAR, window=replace(WINDOW, horizon=9, is_early=True))
WHY = NoEstimate(Reason.SHORT_HISTORY, "needs 168 days before; has 31")


@pytest.mark.parametrize(
    ("found", "withdrawn_at", "is_struck"),
    [(CLEAR, 114, True), (CLEAR, 200, True), (CLEAR, 113, False), (EARLY, 200, False), (WHY, 200, False)],
)
def test_first_what_was_rolled_back_is_withdrawn(
    found: Estimate | NoEstimate, withdrawn_at: int, is_struck: bool
) -> None:
    assert verdict(found, withdrawn_at=withdrawn_at) == Verdict(Word.WITHDRAWN, "Withdrawn", is_struck)


def test_second_without_enough_data_there_is_a_reason() -> None:
    assert verdict(WHY, worth=1.0) == Verdict(Word.NOT_ENOUGH_DATA, "Not enough data: needs 168 days before; has 31")


def test_third_a_window_that_is_not_full_is_too_early_however_clear() -> None:
    assert verdict(EARLY) == Verdict(Word.TOO_EARLY, "Too early")


@pytest.mark.parametrize(
    ("effect", "good", "words"),
    [
        (0.5, Good.UP, "Clearly better"),
        (-0.5, Good.UP, "Clearly worse"),
        (0.5, Good.DOWN, "Clearly worse"),
        (-0.5, Good.DOWN, "Clearly better"),
        (0.5, Good.NEITHER, "Clearly higher"),
        (-0.5, Good.NEITHER, "Clearly lower"),
    ],
)
def test_fourth_a_clear_effect_respects_the_direction(effect: float, good: Good, words: str) -> None:
    assert verdict(replace(CLEAR, effect=effect), good=good) == Verdict(Word.CLEARLY, words)


@pytest.mark.parametrize(("worth", "is_small"), [(None, False), (0.5, False), (1.5, True), (1.0, False)])
def test_a_clear_effect_may_be_smaller_than_the_change_worth_having(worth: float | None, is_small: bool) -> None:
    # 95 %: exp(.3) − 1 = 35 % to exp(.7) − 1 = 101 %
    words = verdict(CLEAR, good=Good.UP, worth=worth).words
    assert words == "Clearly better" + ", smaller than the change worth having" * is_small


@pytest.mark.parametrize(("p", "effect"), [(0.05, 0.5), (0.049, 0.2), (0.01, 0.19)])
def test_a_clear_effect_needs_both_its_p_and_its_interval(p: float, effect: float) -> None:
    assert verdict(reading(effect, 0.1, p)).word is Word.PROBABLY


@pytest.mark.parametrize(("good", "words"), [(Good.UP, "Probably better"), (Good.DOWN, "Probably worse")])
def test_fifth_a_probable_effect_respects_the_direction(good: Good, words: str) -> None:
    assert verdict(PROBABLE, good=good) == Verdict(Word.PROBABLY, words)


@pytest.mark.parametrize(("p", "effect"), [(0.10, 0.18), (0.099, 0.17), (0.5, 0.5)])
def test_a_probable_effect_needs_both_its_p_and_its_interval(p: float, effect: float) -> None:
    assert verdict(reading(effect, 0.1, p)).word is Word.CANNOT_TELL


@pytest.mark.parametrize(
    ("found", "worth", "word"),
    [
        (NOTHING, 0.2, Word.NO_REAL_CHANGE),  # −15 % to +20 %: exp(.18) − 1 = 19.7 %
        (NOTHING, 0.19, Word.CANNOT_TELL),
        (reading(-0.01, 0.1, 0.9), 0.199, Word.NO_REAL_CHANGE),
        (reading(0, 0.1, 0.9, Form.RATE, 0.0), 4.3, Word.NO_REAL_CHANGE),  # points: ±4.24 around one half
        (reading(0, 0.1, 0.9, Form.RATE, 0.0), 4.2, Word.CANNOT_TELL),
        (reading(0, 0.1, 0.9, Form.RATE, -4.0), 0.4, Word.NO_REAL_CHANGE),
        (reading(1, 2.0, 0.6, Form.SCORE, 30.0), 4.5, Word.NO_REAL_CHANGE),
        (reading(1, 2.0, 0.6, Form.SCORE, 30.0), 4.3, Word.CANNOT_TELL),
        (NOTHING, None, Word.CANNOT_TELL),
        (PROBABLE, 9.0, Word.PROBABLY),
    ],
)
def test_sixth_no_real_change_needs_a_change_worth_having(found: Estimate, worth: float | None, word: Word) -> None:
    assert verdict(found, worth=worth).word is word


def test_seventh_anything_else_cannot_be_told() -> None:
    assert verdict(NOTHING) == Verdict(Word.CANNOT_TELL, "Cannot tell")
