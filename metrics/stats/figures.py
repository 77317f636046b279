"""Figures from mergeable sums. Where there is nothing to divide by there is no figure: None, never 0."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of a measure over a span: ``days`` with facts, ``n`` units, and what a ratio is made of."""

    days: int = 0
    n: int = 0
    numerator: float = 0.0
    denominator: float = 0.0


def merge(parts: Iterable[Sums]) -> Sums:
    """The sums of a longer span from those of its parts."""
    held = tuple(parts)
    return Sums(
        sum(part.days for part in held),
        sum(part.n for part in held),
        sum(part.numerator for part in held),
        sum(part.denominator for part in held),
    )


def figure(form: str, sums: Sums) -> float | None:
    """A KPI's level in its own unit: a sum per day with facts, a share from 0 to 1, or a mean.

    ``form`` is "sum", "ratio" or "mean". None where the span holds no fact or the denominator is 0.
    """
    base = float(sums.days) if form == "sum" else sums.denominator
    return sums.numerator / base if base > 0 else None


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The quarter, the half and three quarters of at least two values, between neighbours in proportion (Hyndman and Fan's type 7)."""
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return low, middle, high
