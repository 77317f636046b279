"""What the picture of a release shows: observed and expected days, bands about single days, and the past as dots."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.stats.comparing import Compared, compare
from metrics.stats.effects import Estimate
from metrics.stats.natural import levels_of
from metrics.stats.past import Past
from metrics.stats.reasons import NoEstimate
from metrics.stats.series import Floats, Form
from metrics.stats.windows import Intervention

BANDS = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Day:
    """One post step in the KPI's own levels. ``bands`` are the 50 and the 90 % one; None where nothing is known or expected."""

    step: int
    observed: float | None
    expected: float | None
    bands: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """A quiet date and what the same comparison said there, on the scale of z."""

    step: int
    effect: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The window's days and the past's dots. Bands are about single days; the effect's interval is the estimate's own."""

    days: tuple[Day, ...]
    dots: tuple[Dot, ...]


def picture(
    past: Past, reading: Estimate, others: Sequence[Intervention] = (), controls: Sequence[Past] = ()
) -> Picture | NoEstimate:
    """The picture of ``reading``; the arguments are those it was made with, ``others`` with the release itself or without it."""
    window = reading.window
    compared = compare(past, window, others, controls)
    if isinstance(compared, NoEstimate):
        return compared
    gaps = compared.gaps
    expected = gaps.expected[window.start + gaps.places] + compared.explained(window.start)
    spread = _spread(compared)
    series, steps = past.series, range(window.after, window.end)
    observed = levels_of(series.form, gaps.z[window.after : window.end])
    if series.form in (Form.COUNT, Form.MONEY):
        observed = np.where(np.isnan(observed), np.nan, series.values[window.after : window.end])
    levels = levels_of(series.form, expected)
    ends = levels_of(series.form, expected[:, None] + spread)
    days = tuple(_day(step, observed[row], levels[row], ends[row]) for row, step in enumerate(steps))
    dots = zip(compared.dates, compared.past, strict=True)
    return Picture(days, tuple(Dot(int(step), float(effect)) for step, effect in dots))


def _spread(compared: Compared) -> Floats:
    """Quantiles of z − expectation over all post steps of the past dates used, controls taken off: low and high of each band."""
    dates = compared.dates
    low, high = int(dates[0]), int(dates[-1]) + 1
    rows = compared.gaps.steps(low, high)[dates - low]
    for share, control in zip(compared.shares, compared.controls, strict=True):
        rows = rows - share * control.effects(low, high)[dates - low][:, None]
    levels = [part for band in BANDS for part in ((1 - band) / 2, (1 + band) / 2)]
    return np.asarray(np.nanquantile(rows, levels))


def _day(step: int, observed: float, expected: float, ends: Floats) -> Day:
    if np.isnan(expected):
        return Day(step, _known(observed), None, ())
    bands = tuple((float(ends[place]), float(ends[place + 1])) for place in range(0, len(ends), 2))
    return Day(step, _known(observed), float(expected), bands)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
