"""How far values lie from what the weeks before led to expect: for every date the same comparison that a release gets."""

from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from metrics.stats.cadence import WEIGHTS
from metrics.stats.series import Bools, Floats, Ints

# More than three in ten of a window's open steps without a value or an expectation: the window is missing.
MISSING_NUMERATOR, MISSING_DENOMINATOR = 3, 10


@dataclass(frozen=True, slots=True)
class Shape:
    """What comparisons must share to be comparable: horizon, roll-out and whole baseline weeks."""

    horizon: int
    roll_out: int
    weeks: int


def expectation(z: Floats, season: int, weeks: int) -> Floats:
    """For each step the mean of z one to ``weeks`` seasons before, weighted 8 : 4 : 2 : 1 over those present.

    NaN where fewer than two are present (one, where there is only one baseline week).
    """
    total, weight = np.zeros(len(z)), np.zeros(len(z))
    present = np.zeros(len(z), dtype=np.int64)
    known = ~np.isnan(z)
    filled, weights = np.where(known, z, 0.0), known.astype(np.float64)
    for number, share in enumerate(WEIGHTS[:weeks], 1):
        shift = number * season
        if shift >= len(z):
            break
        total[shift:] += share * filled[:-shift]
        weight[shift:] += share * weights[:-shift]
        present[shift:] += known[:-shift]
    enough = present >= min(2, weeks)
    return np.where(enough, total / np.where(enough, weight, 1.0), np.nan)


@dataclass(slots=True, eq=False)
class Gaps:
    """d(s) of every date s for one shape: the median over the post steps of z − expectation.

    ``known`` says which steps have a z; ``places`` says for each post step which step of the expectation's season it is held against.
    Effects are worked out on demand for the dates between ``_low`` and ``_high``, each date for itself, so that it does not matter
    who asked first.
    """

    z: Floats
    expected: Floats
    shape: Shape
    season: int
    closed: tuple[int, ...]
    known: Bools = field(init=False)
    places: Ints = field(init=False)
    _effects: Floats = field(init=False)
    _low: int = field(init=False, default=0)
    _high: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._effects = np.full(len(self.z), np.nan)
        self.known = ~np.isnan(self.z)
        self.places = (self.shape.roll_out + np.arange(self.shape.horizon)) % self.season

    def effects(self, low: int, high: int) -> Floats:
        """d(s) for s from ``low`` to before ``high``; NaN where the window is missing. Do not write into it."""
        if self._low == self._high:
            self._low = self._high = low
        if low < self._low:
            self._fill(low, self._low)
            self._low = low
        if high > self._high:
            # The first release is read alone as often as not; after the second a third is likely, so as many again are taken.
            upto = min(max(high, 2 * self._high - self._low), len(self.z))
            self._fill(self._high, upto)
            self._high = upto
        return self._effects[low:high]

    def steps(self, low: int, high: int) -> Floats:
        """z − expectation, one row a date from ``low`` to before ``high``, one column a post step."""
        shape = self.shape
        rows = min(high, len(self.z) - shape.roll_out - shape.horizon + 1, len(self.z) - self.season + 1) - low
        found = np.full((high - low, shape.horizon), np.nan)
        if rows > 0:
            after = low + shape.roll_out
            observed = sliding_window_view(self.z[after : after + rows + shape.horizon - 1], shape.horizon)
            ahead = sliding_window_view(self.expected[low : low + rows + self.season - 1], self.season)
            found[:rows] = observed - ahead[:, self.places]
        return found

    def _fill(self, low: int, high: int) -> None:
        rows = np.sort(self.steps(low, high), axis=1)
        size = self.shape.horizon
        if not self.closed and not np.isnan(rows[:, -1]).any():  # NaN is sorted to the end
            self._effects[low:high] = (rows[:, (size - 1) // 2] + rows[:, size // 2]) / 2
            return
        present = size - np.isnan(rows).sum(axis=1)
        lacking = self._open(low, high) - present
        usable = (present > 0) & (MISSING_DENOMINATOR * lacking <= MISSING_NUMERATOR * (present + lacking))
        number, count = np.arange(high - low), np.maximum(present, 1)
        middle = (rows[number, (count - 1) // 2] + rows[number, count // 2]) / 2
        self._effects[low:high] = np.where(usable, middle, np.nan)

    def _open(self, low: int, high: int) -> Ints:
        """How many of each window's steps fall on open weekdays."""
        if not self.closed:
            return np.full(high - low, self.shape.horizon)
        first = np.arange(self.season)[:, None] + self.shape.roll_out + np.arange(self.shape.horizon)
        by_weekday = (~np.isin(first % self.season, self.closed)).sum(axis=1)
        return np.asarray(by_weekday[np.arange(low, high) % self.season])
