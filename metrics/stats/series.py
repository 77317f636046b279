"""What is known of one KPI, step by step: its values, what they are made of, and which steps do not count."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from metrics.stats.cadence import DAILY, Cadence

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Ints: TypeAlias = NDArray[np.int64]
Numbers: TypeAlias = Floats | Sequence[float]


class Form(StrEnum):
    """What a value is, which decides how it is compared."""

    COUNT = "count"  # things counted: compared as a ratio, and as uncertain as counts are
    MONEY = "money"  # amounts: compared as a ratio
    RATE = "rate"  # numerator of denominator: compared as log-odds
    SCORE = "score"  # bounded means such as CSAT and NPS: compared as they are


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One KPI from step 0 to the last loaded one; NaN where there is no value. Make it with the functions below.

    ``top`` and ``base`` are numerator and denominator of a rate, sum and number of a score's answers (a score known by its means
    alone has neither); ``squares`` are the sums of its squared answers. ``breaks`` are the steps on which a new definition begins.
    """

    form: Form
    values: Floats
    top: Floats | None = None
    base: Floats | None = None
    squares: Floats | None = None
    breaks: tuple[int, ...] = ()
    cadence: Cadence = DAILY

    def __len__(self) -> int:
        return len(self.values)


def amounts(
    values: Numbers,
    *,
    form: Form = Form.COUNT,
    mask: Sequence[bool] | Bools | None = None,
    breaks: Sequence[int] = (),
    cadence: Cadence = DAILY,
) -> Series:
    """A series of counts or money. Steps in ``mask`` (holidays, outages, campaigns) count as missing, infinite values too."""
    return Series(form, _clean(values, mask), breaks=tuple(sorted(set(breaks))), cadence=cadence)


def rates(
    numerators: Numbers,
    denominators: Numbers,
    *,
    mask: Sequence[bool] | Bools | None = None,
    breaks: Sequence[int] = (),
    cadence: Cadence = DAILY,
) -> Series:
    """A series of shares. A step whose denominator is 0, or whose numerator lies outside 0 … denominator, has no value."""
    top, base = _clean(numerators, mask), _clean(denominators, mask)
    _same_length(top, base)
    with np.errstate(invalid="ignore"):
        known = (base > 0) & (top >= 0) & (top <= base)
    top, base = np.where(known, top, np.nan), np.where(known, base, np.nan)
    return Series(Form.RATE, top / base, top, base, breaks=tuple(sorted(set(breaks))), cadence=cadence)


def scores(
    sums: Numbers,
    counts: Numbers,
    squares: Numbers | None = None,
    *,
    mask: Sequence[bool] | Bools | None = None,
    breaks: Sequence[int] = (),
    cadence: Cadence = DAILY,
) -> Series:
    """A series of means of answers on a bounded scale; NPS has the answers −100, 0 and 100.

    ``squares`` are the sums of squared answers; with them the error is at least that of the number of answers. A step that lacks
    them is taken to have equal answers, which adds nothing to the error.
    """
    top, base = _clean(sums, mask), _clean(counts, mask)
    _same_length(top, base)
    with np.errstate(invalid="ignore"):
        base = np.where(base > 0, base, np.nan)
    top = np.where(np.isnan(base), np.nan, top)
    squared = None if squares is None else _clean(squares, mask)
    if squared is not None:
        _same_length(top, squared)
        squared = np.where(np.isnan(squared), top**2 / base, squared)
    return Series(Form.SCORE, top / base, top, base, squared, tuple(sorted(set(breaks))), cadence)


def _clean(values: Numbers, mask: Sequence[bool] | Bools | None) -> Floats:
    found = np.array(values, dtype=np.float64)
    if found.ndim != 1:
        raise ValueError("A series has one value a step: give one-dimensional numbers.")
    found[~np.isfinite(found)] = np.nan
    if mask is not None:
        masked = np.asarray(mask, dtype=np.bool_)
        if masked.shape != found.shape:
            raise ValueError(f"The mask has {masked.size} steps, the series {found.size}: give one for each.")
        found[masked] = np.nan
    return found


def _same_length(first: Floats, second: Floats) -> None:
    if first.shape != second.shape:
        raise ValueError(f"One part of the series has {first.size} steps, another {second.size}: give one for each.")
