"""How large effects are, in words: per cent and units for sums, percentage points for ratios, points for means."""

from decimal import Decimal
from math import expm1

from metrics.models import Kpi, KpiForm
from metrics.queries.words import money, number

PERCENT = 100


def size_text(kpi: Kpi, z: float, natural: float, window_days: int) -> str:
    """An effect without its sign, from both its scales: "8 %, that is 430 orders in 14 days", "1.2 percentage points"."""
    if kpi.form != KpiForm.SUM:
        return change_text(kpi, abs(natural))
    amount = money(abs(natural), kpi.currency) if kpi.currency else f"{_short(abs(natural))} {kpi.unit}".strip()
    return f"{change_text(kpi, expm1(abs(z)))}, that is {amount} in {window_days} days"


def change_text(kpi: Kpi, change: float | Decimal) -> str:
    """A change as commitments and experiments have it: a part of a sum, percentage points of a ratio, points of a mean."""
    size = float(change)
    if kpi.form == KpiForm.SUM:
        return f"{_short(PERCENT * size)} %"
    noun = "percentage point" if kpi.form == KpiForm.RATIO else "point"
    told = _short(size)
    return f"{told} {noun if told == '1' else noun + 's'}"


def _short(size: float) -> str:
    """Two figures for small ones, whole numbers from ten on."""
    if abs(size) >= 10:
        return number(size, 0)
    text = number(size, 1 if abs(size) >= 1 else 2)
    return text.rstrip("0").rstrip(".") if "." in text else text
