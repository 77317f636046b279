"""From values to places: linear scales, round ticks, short numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def short(number: float) -> str:
    """A coordinate with one decimal at most."""
    return f"{number:.1f}".rstrip("0").rstrip(".") if number else "0"


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps ``lo``..``hi`` in the data to ``start``..``end`` on the drawing."""

    lo: float
    hi: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of ``value``."""
        span = self.hi - self.lo or 1.0
        return self.start + (value - self.lo) / span * (self.end - self.start)


def ticks(lo: float, hi: float, count: int = 4) -> list[float]:
    """Round values from ``lo`` to ``hi``, about ``count`` of them."""
    if not hi > lo:
        return [lo]
    raw = (hi - lo) / count
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(candidate * magnitude for candidate in STEPS if candidate * magnitude >= raw * 0.999999)
    first = math.ceil(lo / step - 1e-9)
    last = math.floor(hi / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def tick_text(value: float, step: float) -> str:
    """A tick's label with as many decimals as its step needs; thousands as k, millions as m; a real minus."""
    for size, letter in ((1e6, "m"), (1e3, "k")):
        if abs(value) >= size and step >= size / 10:
            return tick_text(value / size, step / size) + letter
    decimals = max(0, min(4, -math.floor(math.log10(step) + 1e-9))) if step > 0 else 0
    if decimals == 0 and step != round(step):
        decimals = 1
    return f"{value:,.{decimals}f}".replace("-", "−")


def path(points: Sequence[tuple[float, float]]) -> str:
    """An SVG path through ``points``."""
    return "M" + "L".join(f"{short(x)} {short(y)}" for x, y in points)
