"""One release read from plain arrays, without anything stored: for a file on the command line and for comparisons of methods."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from metrics.stats.effects import Estimate, estimate
from metrics.stats.past import Past
from metrics.stats.reasons import NoEstimate
from metrics.stats.series import Bools, Floats, Form, Numbers, Series, amounts, rates
from metrics.stats.verdicts import verdict
from metrics.stats.windows import Intervention


class Answer(TypedDict):
    """Plain figures on the log scale (log-odds for rates); None and a reason where there is no estimate."""

    est: float | None
    lo: float | None
    hi: float | None
    p: float | None
    df: float | None
    verdict: str
    reason: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """A KPI's days as they are read from anywhere: ``values``, or ``num`` and ``den``; NaN where a day has none."""

    values: Numbers | None = None
    num: Numbers | None = None
    den: Numbers | None = None
    controls: Sequence[Numbers] = ()
    mask: Sequence[bool] | Bools | None = None

    def series(self, release: int) -> Series:
        """A rate, or counts where all values before the release are whole numbers, or else money."""
        if self.values is None and self.num is not None and self.den is not None:
            return rates(self.num, self.den, mask=self.mask)
        if self.values is None:
            raise ValueError("Give values, or num and den.")
        return amounts(self.values, form=_form(self.values, release), mask=self.mask)


def _form(values: Numbers, release: int) -> Form:
    before: Floats = np.asarray(values, dtype=np.float64)[: max(release, 0)]
    known = before[np.isfinite(before)]
    return Form.COUNT if bool((known == np.rint(known)).all()) else Form.MONEY


def read_once(days: Days, release: int, horizon: int, others: Sequence[int] = ()) -> Estimate | NoEstimate:
    """The effect of a release live on day number ``release``, others having been live on days ``others``."""
    controls = [Past(amounts(one, form=_form(one, release), mask=days.mask)) for one in days.controls]
    interventions = [Intervention(int(other)) for other in others]
    return estimate(
        Past(days.series(release)), Intervention(release), horizon=horizon, others=interventions, controls=controls
    )


def answer(reading: Estimate | NoEstimate) -> Answer:
    """A reading as plain figures and a verdict in words; a joint effect says so."""
    words = verdict(reading).words
    if isinstance(reading, NoEstimate):
        return Answer(est=None, lo=None, hi=None, p=None, df=None, verdict=words, reason=reading.words)
    interval = reading.interval(0.95)
    if reading.window.is_joint:
        words = f"{words} (joint effect of {reading.window.members} releases)"
    return Answer(
        est=reading.effect,
        lo=interval.low,
        hi=interval.high,
        p=reading.p,
        df=reading.error.df,
        verdict=words,
        reason=None,
    )


def effect_of(
    values: Numbers | None,
    t0: int,
    H: int,  # noqa: N803 - the name that callers of this contract use
    kind: str = "log",
    num: Numbers | None = None,
    den: Numbers | None = None,
    controls: Sequence[Numbers] | None = None,
    mask: Sequence[bool] | Bools | None = None,
    others: Sequence[int] = (),
) -> Answer:
    """The effect of a release on day number ``t0`` over ``H`` days: ``kind`` "log" reads ``values``, "logit" ``num`` and ``den``."""
    days = Days(None if kind == "logit" else values, num, den, tuple(controls or ()), mask)
    return answer(read_once(days, int(t0), int(H), others))
