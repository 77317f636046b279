"""Many effects at once: which to mark as findings, how far to draw each towards 0, and the error of a sum."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from metrics.stats.series import Floats

FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True, slots=True)
class Shrunken:
    """An effect drawn towards 0 by what all of them together say, with its error."""

    effect: float
    se: float


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of effects, never shrunken, with its joint error."""

    effect: float
    se: float


def findings(ps: Sequence[float], rate: float = FALSE_DISCOVERIES) -> tuple[bool, ...]:
    """Which of the p are findings when on average at most ``rate`` of the marked ones may be false (Benjamini and Hochberg 1995).

    All up to the largest p with p ≤ rate · rank ÷ number are marked. In the order given.
    """
    given = np.asarray(ps, dtype=np.float64)
    if not given.size:
        return ()
    ordered = np.sort(given)
    below = np.flatnonzero(ordered <= rate * np.arange(1, given.size + 1) / given.size)
    if not below.size:
        return (False,) * given.size
    return tuple(bool(p <= ordered[below[-1]]) for p in given)


def heterogeneity(effects: Sequence[float], ses: Sequence[float]) -> float:
    """τ²: how far true effects lie from 0 (DerSimonian and Laird 1986, with the mean held at 0): max(0, (Σd²/SE² − n) ÷ Σ1/SE²)."""
    d, weights = np.asarray(effects, dtype=np.float64), _weights(ses)
    if not d.size:
        return 0.0
    return max(0.0, float((np.sum(weights * d**2) - d.size) / np.sum(weights)))


def shrunken(effects: Sequence[float], ses: Sequence[float]) -> tuple[Shrunken, ...]:
    """Each effect as the normal-normal model with mean 0 and ``heterogeneity`` sees it: d · τ²/(τ² + SE²), error √(τ²SE²/(τ² + SE²))."""
    tau2 = heterogeneity(effects, ses)
    shares = [tau2 / (tau2 + se**2) for se in ses]
    return tuple(
        Shrunken(effect * share, se * sqrt(share)) for effect, se, share in zip(effects, ses, shares, strict=True)
    )


def total(effects: Sequence[float], ses: Sequence[float], correlations: Floats | None = None) -> Total:
    """The sum of effects in one unit of one KPI. ``correlations`` of their errors (n × n); without them errors are independent.

    Never sum over KPIs or currencies. Raises ``ValueError`` where the lengths disagree.
    """
    errors = np.asarray(ses, dtype=np.float64)
    joint = np.eye(errors.size) if correlations is None else np.asarray(correlations, dtype=np.float64)
    if len(effects) != errors.size or joint.shape != (errors.size, errors.size):
        raise ValueError("A sum needs one error for each effect, and one correlation for each pair.")
    return Total(float(np.sum(effects)), sqrt(max(float(errors @ joint @ errors), 0.0)))


def _weights(ses: Sequence[float]) -> Floats:
    errors = np.asarray(ses, dtype=np.float64)
    if (errors <= 0).any():
        raise ValueError("An effect without an error cannot be weighed.")
    return np.asarray(1 / errors**2)
