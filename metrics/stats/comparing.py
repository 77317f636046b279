"""One release's comparison beside the same comparison on the quiet dates before it, controls taken off both."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from metrics.stats.cadence import LEAST_DF
from metrics.stats.controls import MOST_CONTROLS, coefficients
from metrics.stats.gaps import Gaps, Shape
from metrics.stats.past import Past
from metrics.stats.reasons import NoEstimate, Reason, count_of
from metrics.stats.series import Bools, Floats, Ints
from metrics.stats.windows import Intervention, Window

# Effects that differ by less are the same up to rounding: logarithms of anything and scores up to some thousands.
SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """``past`` are the effects P of the past dates ``used`` (from step ``low`` on), ``df`` their degrees of freedom.

    With controls P is what they leave over, and ``shares`` says how much of each control's effect belongs to the KPI's.
    ``is_busy`` says that other releases lie inside the past.
    """

    gaps: Gaps
    controls: tuple[Gaps, ...]
    low: int
    used: Bools
    past: Floats
    shares: Floats
    df: float
    is_busy: bool

    @property
    def dates(self) -> Ints:
        """The steps of the past dates used."""
        return self.low + np.flatnonzero(self.used)

    def effect(self, start: int) -> float | NoEstimate:
        """d of one date without what the controls explain, or why there is none."""
        own, explained = float(self.gaps.effects(start, start + 1)[0]), self.explained(start)
        if isnan(own):
            return NoEstimate(Reason.MISSING, "more than 30 % of the window are missing")
        if isnan(explained):
            return NoEstimate(Reason.CONTROL_MISSING, "more than 30 % of a control KPI is missing after or before")
        return own - explained

    def explained(self, start: int) -> float:
        """What the controls say would have happened on that date anyway."""
        own = [gaps.effects(start, start + 1)[0] for gaps in self.controls]
        return float(np.dot(self.shares, own)) if own else 0.0


def compare(
    past: Past, window: Window, others: Sequence[Intervention], controls: Sequence[Past] = ()
) -> Compared | NoEstimate:
    """The quiet past of ``window``. Raises ``ValueError`` for more than three controls or controls over other steps."""
    _check(past, controls)
    cadence = past.series.cadence
    shape = Shape(window.horizon, window.roll_out, window.weeks)
    need = (int(LEAST_DF) + 1) * cadence.block(window.roll_out, window.horizon)
    gaps = _gaps(past, window, shape, need)
    if isinstance(gaps, NoEstimate):
        return gaps
    held = []
    for control in controls:
        found = _gaps(control, window, shape, cadence.least_history)
        if isinstance(found, NoEstimate):
            return NoEstimate(Reason.CONTROL_MISSING, f"a control KPI cannot be used: {found.words}")
        held.append(found)
    return _sample(past, window, others, gaps, tuple(held))


def _check(past: Past, controls: Sequence[Past]) -> None:
    if len(controls) > MOST_CONTROLS:
        raise ValueError(f"At most {MOST_CONTROLS} control KPIs can be used: name the closest ones.")
    if any(len(one.series) != len(past.series) or one.series.cadence != past.series.cadence for one in controls):
        raise ValueError("Control KPIs must cover the same steps as the KPI: fill what is not known with NaN.")


def _gaps(past: Past, window: Window, shape: Shape, need: int) -> Gaps | NoEstimate:
    """The comparisons on the scale that was known before the release, or why there are none."""
    series, cadence = past.series, past.series.cadence
    first = window.start - window.weeks * cadence.season
    if any(first < step < window.end for step in series.breaks):
        return NoEstimate(Reason.NEW_DEFINITION, "the KPI's definition changed inside the window")
    begin = max((step for step in series.breaks if step <= first), default=0)
    era = past.era(begin)
    has = era.history(window.start)
    if era.first == len(series):
        return NoEstimate(Reason.NO_VALUES, "there are no values")
    if has < need:
        since = " under its present definition" if begin else ""
        return NoEstimate(Reason.SHORT_HISTORY, f"needs {count_of(need, cadence.step)} before{since}; has {has:,}")
    scale = era.scale(window.start)
    if len(scale.closed) == cadence.season > 1:
        return NoEstimate(Reason.NO_VALUES, "nearly all values before are zero or missing")
    return past.gaps(scale, shape)


def _sample(
    past: Past, window: Window, others: Sequence[Intervention], gaps: Gaps, controls: tuple[Gaps, ...]
) -> Compared | NoEstimate:
    cadence = past.series.cadence
    low = max(window.start - cadence.past, 0)
    high = max(window.start - window.roll_out - window.horizon + 1, low)
    # The release's own date is asked for together with its past, so that both are worked out in one go.
    upto = min(window.start + 1, len(gaps.z))
    effects = gaps.effects(low, upto)[: high - low]
    columns = [control.effects(low, upto)[: high - low] for control in controls]
    known = ~np.isnan(effects)
    for column in columns:
        known &= ~np.isnan(column)
    block = cadence.block(window.roll_out, window.horizon)
    used = known & _quiet(window, others, low, high, cadence.season)
    count, all_known = int(np.count_nonzero(used)), int(np.count_nonzero(known))
    is_busy = count / block - len(controls) < LEAST_DF and all_known > count
    if is_busy:
        used, count = known, all_known
    df = count / block - len(controls)
    if df < LEAST_DF:
        need = block * (int(LEAST_DF) + len(controls))
        return NoEstimate(Reason.FEW_PAST, f"needs {need:,} dates before to compare with; has {count:,}")
    values, shares = effects[used], np.zeros(len(controls))
    if controls:
        found = np.stack(columns, axis=1)[used]
        shares = coefficients(values, found, block)
        values = values - found @ shares
    if abs(values[0] - values[-1]) <= SAME and float(values.max() - values.min()) <= SAME:
        return NoEstimate(Reason.NO_VARIATION, "the past never varied, so nothing says how much is usual")
    return Compared(gaps, controls, low, used, values, shares, df, is_busy)


def _quiet(window: Window, others: Sequence[Intervention], low: int, high: int, season: int) -> Bools:
    """Which dates from ``low`` to before ``high`` have no other release inside their baseline or window."""
    quiet = np.ones(high - low, dtype=np.bool_)
    reach, length = window.roll_out + window.horizon - 1 + low, window.weeks * season - low
    for other in others:
        begin, end = other.at - reach, other.at + length
        if begin < len(quiet) and end > 0:
            quiet[begin if begin > 0 else 0 : end] = False
    return quiet
