"""The one place where a reading becomes a word. The first rule that holds decides; "cannot tell" is what is left."""

from dataclasses import dataclass
from enum import StrEnum

from metrics.stats.effects import Estimate, Interval
from metrics.stats.reasons import NoEstimate

CLEAR_P, PROBABLE_P = 0.05, 0.10


class Word(StrEnum):
    """What can be said."""

    WITHDRAWN = "withdrawn"
    NOT_ENOUGH_DATA = "not_enough_data"
    TOO_EARLY = "too_early"
    CLEARLY = "clearly"
    PROBABLY = "probably"
    NO_REAL_CHANGE = "no_real_change"
    CANNOT_TELL = "cannot_tell"


class Good(StrEnum):
    """Which way a KPI should go; some have no better."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``words`` as people read them. ``is_struck``: a full reading of a release that was taken back later stays visible, struck."""

    word: Word
    words: str
    is_struck: bool = False


def verdict(
    reading: Estimate | NoEstimate,
    *,
    good: Good = Good.NEITHER,
    worth: float | None = None,
    withdrawn_at: int | None = None,
) -> Verdict:
    """The verdict about a reading.

    ``worth`` is the smallest change worth having: a part of what was expected (.02 is 2 %), points for rates and scores.
    ``withdrawn_at`` is the step on which the release, or any member of its bundle, was rolled back.
    """
    if withdrawn_at is not None:
        full = isinstance(reading, Estimate) and not reading.window.is_early and reading.window.end <= withdrawn_at
        return Verdict(Word.WITHDRAWN, "Withdrawn", full)
    if isinstance(reading, NoEstimate):
        return Verdict(Word.NOT_ENOUGH_DATA, f"Not enough data: {reading.words}")
    if reading.window.is_early:
        return Verdict(Word.TOO_EARLY, "Too early")
    if reading.p < CLEAR_P and reading.interval(0.95).excludes_zero:
        small = worth is not None and _inside(reading, reading.interval(0.95), worth)
        addition = ", smaller than the change worth having" if small else ""
        return Verdict(Word.CLEARLY, f"Clearly {_way(reading.effect, good)}{addition}")
    if reading.p < PROBABLE_P and reading.interval(0.9).excludes_zero:
        return Verdict(Word.PROBABLY, f"Probably {_way(reading.effect, good)}")
    if worth is not None and _inside(reading, reading.interval(0.9), worth):
        return Verdict(Word.NO_REAL_CHANGE, "No real change")
    return Verdict(Word.CANNOT_TELL, "Cannot tell")


def _way(effect: float, good: Good) -> str:
    if good is Good.NEITHER:
        return "higher" if effect > 0 else "lower"
    return "better" if (effect > 0) == (good is Good.UP) else "worse"


def _inside(reading: Estimate, interval: Interval, worth: float) -> bool:
    low, high = (reading.expected.comparable(end) for end in (interval.low, interval.high))
    return -worth < low and high < worth
