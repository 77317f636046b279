"""The error of an effect from its quiet past, and what Student's t makes of it."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtr, stdtrit

from metrics.stats.controls import CLIP, MAD
from metrics.stats.series import Floats

# The quantiles behind the intervals of 50, 90 and 95 %, and behind a power of 80 %.
LEVELS = (0.5, 0.9, 0.95)
QUANTILES = np.array([0.75, 0.95, 0.975, 0.8])
USUAL = 0.9


@dataclass(frozen=True, slots=True)
class Error:
    """The standard error of one effect with its degrees of freedom; ``reaches`` are t · SE for 50, 90 and 95 %."""

    se: float
    df: float
    reaches: tuple[float, float, float]
    detectable: float


@dataclass(frozen=True, slots=True)
class Quiet:
    """The quiet past in four figures. ``sizes`` are |P| in order; ``variance`` is s²; within ``usual`` lie nine in ten of |P|."""

    sizes: Floats
    variance: float
    usual: float

    def rank_p(self, effect: float) -> float:
        """(1 + #{|P| ≥ |d|}) ÷ (1 + |P|): how often a quiet date would do as much."""
        count = len(self.sizes)
        at_least = count - int(np.searchsorted(self.sizes, abs(effect), side="left"))
        return (1 + at_least) / (1 + count)


def quiet_of(past: Floats) -> Quiet:
    """s² = ½ · mean(clip(P, ±3 · 1.4826 · median|P|)²) + ½ · mean(P²): half of it does not mind single wild dates."""
    sizes = np.sort(np.abs(past))
    count = len(sizes)
    squares = sizes * sizes
    limit = CLIP * MAD * float(sizes[(count - 1) // 2] + sizes[count // 2]) / 2
    inside = int(np.searchsorted(sizes, limit, side="right"))
    core, tail = float(np.add.reduce(squares[:inside])), float(np.add.reduce(squares[inside:]))
    clipped = core + (count - inside) * limit * limit
    place = USUAL * (count - 1)
    below = int(place)
    above = min(below + 1, count - 1)
    usual = float(sizes[below] + (place - below) * (sizes[above] - sizes[below]))
    return Quiet(sizes, (clipped + core + tail) / (2 * count), usual)


def error_of(variance: float, floor: float, df: float) -> Error:
    """SE = √(max(s², v) · (1 + 1/df)); the smallest detectable effect is (t.₉₇₅ + t.₈₀) · SE (80 % power at 5 %)."""
    se = sqrt(max(variance, floor) * (1 + 1 / df))
    fifty, ninety, ninety_five, power = (se * stdtrit(df, QUANTILES)).tolist()
    return Error(se, df, (fifty, ninety, ninety_five), ninety_five + power)


def p_of(effect: float, error: Error, quiet: Quiet) -> float:
    """The larger of what Student's t says and what the rank among the quiet dates says."""
    tail = 2 * float(stdtr(error.df, -abs(effect) / error.se))
    return max(tail, quiet.rank_p(effect))
