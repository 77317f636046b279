"""The figures of a stored reading: on the scale of z, in per cent or points, and in the KPI's own unit."""

from collections.abc import Callable
from dataclasses import dataclass

from metrics.models import Estimate
from metrics.stats.effects import Estimate as Reading
from metrics.stats.natural import Expected, share_of
from metrics.stats.series import Form
from metrics.stats.student import LEVELS, Error
from metrics.stats.windows import Window


@dataclass(frozen=True, slots=True)
class Figures:
    """One effect in numbers. ``change`` is what lists show, per cent or points; ``amount`` is in the KPI's unit, where that is known.

    Intervals of 50, 90 and 95 % are (low, high). ``effect`` and ``se`` are on the scale of z.
    """

    change: float
    change_50: tuple[float, float]
    change_90: tuple[float, float]
    change_95: tuple[float, float]
    amount: float | None
    amount_50: tuple[float, float] | None
    amount_90: tuple[float, float] | None
    amount_95: tuple[float, float] | None
    expected: float | None
    observed: float | None
    effect: float
    se: float
    df: float
    p: float


def reading_of(row: Estimate) -> Reading:
    """The stored reading as the mathematics knows it, its steps counted from the first of its window."""
    effect, se, df, p = (float(part) for part in (row.effect, row.se, row.df, row.p) if part is not None)
    fifty, ninety, ninety_five = row.reaches or (0.0, 0.0, 0.0)
    level = float("nan") if row.level is None else row.level
    return Reading(
        window=Window(0, row.roll_out, row.horizon, row.weeks, row.members, row.planned, row.is_early),
        effect=effect,
        error=Error(se, df, (fifty, ninety, ninety_five), row.least or 0.0),
        p=p,
        quiet_dates=row.quiet_dates,
        usual=row.usual or 0.0,
        expected=Expected(Form(row.form), level, row.steps),
        shares=tuple(row.shares),
        is_busy=row.is_busy,
        method=row.method,
    )


def figures_of(row: Estimate) -> Figures:
    """The figures of a row that has them."""
    reading = reading_of(row)
    expected, is_known = reading.expected, row.level is not None
    is_part = expected.form in (Form.COUNT, Form.MONEY)
    is_told = is_known or not is_part

    def change(effect: float) -> float:
        return expected.comparable(effect) * (100 if is_part else 1)

    def both(of: Callable[[float], float], level: float) -> tuple[float, float]:
        interval = reading.interval(level)
        return (of(interval.low), of(interval.high))

    amounts = [both(expected.natural, level) if is_told else None for level in LEVELS]
    return Figures(
        change=change(reading.effect),
        change_50=both(change, LEVELS[0]),
        change_90=both(change, LEVELS[1]),
        change_95=both(change, LEVELS[2]),
        amount=reading.natural if is_told else None,
        amount_50=amounts[0],
        amount_90=amounts[1],
        amount_95=amounts[2],
        expected=_level(expected, 0.0) if is_known else None,
        observed=_level(expected, reading.effect) if is_known else None,
        effect=reading.effect,
        se=reading.error.se,
        df=reading.error.df,
        p=reading.p,
    )


def _level(expected: Expected, effect: float) -> float:
    """What was expected and ``effect`` more: a sum over the window, a share, a mean."""
    if expected.form is Form.RATE:
        return share_of(expected.level + effect)
    if expected.form is Form.SCORE:
        return expected.level + effect
    return expected.level + expected.natural(effect)


def detectable_of(row: Estimate) -> float | None:
    """The smallest detectable effect as stored when the KPI was named, per cent or points."""
    if row.detectable is None or row.level is None:
        return None
    expected = Expected(Form(row.form), row.level, row.steps)
    return expected.comparable(row.detectable) * (100 if expected.form in (Form.COUNT, Form.MONEY) else 1)
