"""From values to z, on which effects add up: logarithms, log-odds or the score itself; closed weekdays are left out.

Floor and closed weekdays come from what was known before a release, so that nothing later changes its reading.
"""

from dataclasses import dataclass

import numpy as np

from metrics.stats.series import Bools, Floats, Form, Series

COUNT_FLOOR = 0.5
RATE_PRIOR = 0.5
# A weekday is closed when nine in ten of its steps are zero or missing.
CLOSED_NUMERATOR, CLOSED_DENOMINATOR = 9, 10


@dataclass(frozen=True, slots=True)
class Scale:
    """How values of one definition become z: steps from ``begin`` on, nothing below ``floor``, no weekday in ``closed``."""

    begin: int
    floor: float
    closed: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Era:
    """Running sums over one definition's steps, so that each release's scale is a look-up."""

    begin: int
    first: int
    first_fraction: int
    smallest: Floats
    lowest: float
    idle: Floats
    season: int
    uses_floor: bool
    may_close: bool

    def history(self, before: int) -> int:
        """Steps from the first value up to ``before``."""
        return max(before - self.first, 0)

    def scale(self, before: int) -> Scale:
        """The scale that was known before a step: needs at least one step of history."""
        return Scale(self.begin, self._floor(before), self._closed(before))

    def _floor(self, before: int) -> float:
        """The floor; one that no value is below is told as the lowest value, so that one z serves all such releases."""
        floor = COUNT_FLOOR
        if self.uses_floor and before > self.first_fraction:
            smallest = float(self.smallest[before - 1])
            floor = smallest / 2 if smallest < float("inf") else COUNT_FLOOR
        return max(floor, self.lowest)

    def _closed(self, before: int) -> tuple[int, ...]:
        if not self.may_close:
            return ()
        weekdays = np.arange(self.season)
        upto = (before - weekdays + self.season - 1) // self.season
        since = (self.first - weekdays + self.season - 1) // self.season
        steps = upto - since
        idle = self.idle[upto, weekdays] - self.idle[since, weekdays]
        closed = (steps > 0) & (CLOSED_DENOMINATOR * idle >= CLOSED_NUMERATOR * steps)
        return tuple(int(weekday) for weekday in np.flatnonzero(closed))


def era_of(series: Series, begin: int) -> Era:
    """The era of the definition that holds from step ``begin`` on; its ``first`` is the series' length where nothing is known."""
    values = series.values.copy()
    values[:begin] = np.nan
    known = ~np.isnan(values)
    places = np.flatnonzero(known)
    first = int(places[0]) if places.size else len(values)
    with np.errstate(invalid="ignore"):
        fractions = np.flatnonzero(known & (values != np.rint(values)))
        positive = np.where(values > 0, values, np.inf)
    idle = _idle(series, values, known)
    return Era(
        begin,
        first,
        int(fractions[0]) if fractions.size else len(values),
        np.minimum.accumulate(positive) if len(values) else positive,
        float(values[places].min()) if places.size else 0.0,
        idle,
        series.cadence.season,
        series.form in (Form.COUNT, Form.MONEY),
        series.cadence.season > 1 and bool(idle[-1].any()),
    )


def _idle(series: Series, values: Floats, known: Bools) -> Floats:
    """Row i, column w: how many of the first i steps of weekday w had nothing. A score of zero is a score like any other."""
    season = series.cadence.season
    idle = ~known if series.form is Form.SCORE else ~known | (values == 0)
    whole = np.zeros((len(values) // season + 2) * season)
    whole[: len(values)] = idle
    rows = whole.reshape(-1, season)
    return np.vstack([np.zeros(season), np.cumsum(rows, axis=0)])


def z_of(series: Series, scale: Scale) -> Floats:
    """z, step by step; NaN where there is no value, on closed weekdays and under an older definition."""
    z = _transformed(series, scale.floor)
    z[: scale.begin] = np.nan
    for weekday in scale.closed:
        z[weekday :: series.cadence.season] = np.nan
    return z


def _transformed(series: Series, floor: float) -> Floats:
    if series.form is Form.RATE and series.top is not None and series.base is not None:
        return np.asarray(np.log((series.top + RATE_PRIOR) / (series.base - series.top + RATE_PRIOR)))
    if series.form is Form.SCORE:
        return series.values.copy()
    return np.log(np.maximum(series.values, floor))
