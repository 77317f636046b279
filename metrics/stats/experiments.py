"""The result of a randomised comparison, in the shape in which effects are stored: it needs no past, and no quiet dates."""

from dataclasses import dataclass
from math import log1p

import numpy as np
from scipy.special import ndtr, ndtri

from metrics.stats.effects import Estimate
from metrics.stats.natural import Expected
from metrics.stats.series import Form
from metrics.stats.student import QUANTILES, Error
from metrics.stats.windows import Window

METHOD = "experiment"
LEAST_PART, LEAST_ERROR = -1 + 1e-9, 1e-12


@dataclass(frozen=True, slots=True)
class Result:
    """An effect with its interval of ``level``; a part of what was expected (.02 is 2 %) or points. ``units`` took part."""

    effect: float
    low: float
    high: float
    level: float
    is_relative: bool
    units: int


def estimate_of(result: Result) -> Estimate:
    """The result as an estimate, its error taken as normal: half the interval's width on the scale on which effects add up."""
    effect, low, high = (
        log1p(max(end, LEAST_PART)) if result.is_relative else end for end in (result.effect, result.low, result.high)
    )
    se = max((high - low) / (2 * float(ndtri((1 + result.level) / 2))), LEAST_ERROR)
    fifty, ninety, ninety_five, power = (se * ndtri(np.asarray(QUANTILES))).tolist()
    error = Error(se, float(max(result.units - 2, 1)), (fifty, ninety, ninety_five), ninety_five + power)
    return Estimate(
        window=Window(0, 0, 0, 0, members=1, planned=0, is_early=False),
        effect=effect,
        error=error,
        p=2 * float(ndtr(-abs(effect) / se)),
        quiet_dates=0,
        usual=0.0,
        expected=Expected(Form.MONEY if result.is_relative else Form.SCORE, float("nan"), 0),
        shares=(),
        is_busy=False,
        method=METHOD,
    )
