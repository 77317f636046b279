"""What a release did to a KPI: its comparison with the weeks before, held against the same comparison on quiet dates.

docs/metrics.md states the method in words; ``METHOD`` names its version and is stored with every estimate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.stats.cadence import METHOD, WEIGHTS
from metrics.stats.comparing import compare
from metrics.stats.gaps import Gaps
from metrics.stats.natural import Expected, expected_of
from metrics.stats.past import Past
from metrics.stats.reasons import NoEstimate
from metrics.stats.sampling import expected_floor, sampling_floor
from metrics.stats.series import Floats
from metrics.stats.student import LEVELS, Error, error_of, p_of, quiet_of
from metrics.stats.windows import Feed, Intervention, Window, window_of


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, in whatever unit it was asked for."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all of it lies on one side of 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """One effect with its error, on the scale of z: log ratios for counts and money, log-odds for rates, points for scores.

    ``quiet_dates`` is the number of past dates it was held against, ``usual`` what nine in ten of them stayed within. ``shares`` are
    the controls' coefficients, in the order in which they were given.
    """

    window: Window
    effect: float
    error: Error
    p: float
    quiet_dates: int
    usual: float
    expected: Expected
    shares: tuple[float, ...]
    is_busy: bool
    method: str = METHOD

    def interval(self, level: float) -> Interval:
        """The interval of 50, 90 or 95 % (.5, .9, .95) on the scale of z. Raises ``ValueError`` for other levels."""
        reach = self.error.reaches[LEVELS.index(level)]
        return Interval(self.effect - reach, self.effect + reach)

    @property
    def natural(self) -> float:
        """The effect in the KPI's unit, as ``Expected.natural`` says it."""
        return self.expected.natural(self.effect)

    def natural_interval(self, level: float) -> Interval:
        """The interval in the KPI's unit."""
        found = self.interval(level)
        return Interval(self.expected.natural(found.low), self.expected.natural(found.high))


def estimate(
    past: Past,
    release: Intervention,
    *,
    horizon: int,
    others: Sequence[Intervention] = (),
    controls: Sequence[Past] = (),
    feed: Feed | None = None,
) -> Estimate | NoEstimate:
    """The effect of ``release`` on the KPI of ``past`` over ``horizon`` steps after its roll-out.

    ``others`` are the other releases that named the KPI, in any order; ``controls`` at most three KPIs that the release cannot touch,
    over the same steps. The last step of the series is the last loaded one. Hand the same ``past`` to all releases of a KPI: the
    answers are exactly those of a new one. Raises ``ValueError`` for arguments that no data could make right.
    """
    series = past.series
    window = window_of(release, others, horizon=horizon, cadence=series.cadence, loaded=len(series), feed=feed)
    if isinstance(window, NoEstimate):
        return window
    compared = compare(past, window, others, controls)
    if isinstance(compared, NoEstimate):
        return compared
    gaps, effect, quiet = compared.gaps, compared.effect(window.start), quiet_of(compared.past)
    if isinstance(effect, NoEstimate):
        return effect
    error = error_of(quiet.variance, sampling_floor(series, window, gaps.known), compared.df)
    return Estimate(
        window=window,
        effect=effect,
        error=error,
        p=p_of(effect, error, quiet),
        quiet_dates=len(compared.past),
        usual=quiet.usual,
        expected=expected_of(series.form, _expectations(gaps, window) + compared.explained(window.start)),
        shares=tuple(float(share) for share in compared.shares),
        is_busy=compared.is_busy,
    )


def _expectations(gaps: Gaps, window: Window) -> Floats:
    """The expectations of the post steps that have both a value and an expectation."""
    found = gaps.expected[window.start + gaps.places]
    return np.asarray(found[~np.isnan(found) & gaps.known[window.after : window.end]])


def detectable(
    past: Past,
    step: int,
    *,
    horizon: int,
    roll_out: int = 0,
    others: Sequence[Intervention] = (),
    controls: Sequence[Past] = (),
) -> float | NoEstimate:
    """The smallest effect that a release live on ``step`` would show in four of five cases, from what is known before ``step``.

    On the scale of z, as the effects are. Nothing from ``step`` on is read. Raises ``ValueError`` as ``estimate`` does.
    """
    series, start = past.series, min(step, len(past.series))
    known = [one for one in others if one.at < start]
    since = start - max((one.at for one in known), default=start - series.cadence.baseline)
    weeks = min(len(WEIGHTS), max(1, since // series.cadence.season))
    window = Window(start, roll_out, horizon, weeks, members=1, planned=horizon, is_early=False)
    compared = compare(past, window, known, controls)
    if isinstance(compared, NoEstimate):
        return compared
    floor = expected_floor(series, window, compared.gaps.known)
    return error_of(quiet_of(compared.past).variance, floor, compared.df).detectable
