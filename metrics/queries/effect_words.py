"""How effects are written: with their sign, in the KPI's unit, an interval in the unit of its effect."""

import re
from dataclasses import dataclass, replace

from metrics.queries.effect_figures import Figures
from metrics.queries.words import MINUS, amount, money, number

FIGURE = re.compile(r"[0-9][0-9.,]*")


@dataclass(frozen=True, slots=True)
class Unit:
    """What a KPI is counted in, which way is good, and whether changes are told in per cent of what was expected (others in points)."""

    form: str
    unit: str
    currency: str
    direction: str
    is_relative: bool


def signed(text: str, value: float) -> str:
    """A number's text with the sign of ``value``; nothing before what rounds to zero."""
    bare = text.lstrip(MINUS)
    figure = FIGURE.search(bare)
    if figure is None or not figure[0].strip("0.,"):
        return bare
    return f"{'+' if value > 0 else MINUS}{bare}"


def percent_text(change: float, unit: Unit) -> str:
    """``+4.7%``, ``−0.20 pts``."""
    digits = 0 if abs(change) >= 100 else 1 if abs(change) >= 1 else 2
    return signed(f"{number(abs(change), digits)}{'%' if unit.is_relative else ' pts'}", change)


def bare_text(change: float, unit: Unit) -> str:
    """``+4.7``, ``−0.20``: a change below one that says what it is counted in."""
    return percent_text(change, unit).removesuffix("%").removesuffix(" pts")


def change_text(figures: Figures, unit: Unit) -> str:
    """The change in the KPI's own unit: ``+€68k``, ``+430 orders``, ``+2.0 pts``."""
    if figures.amount is None or not unit.is_relative:
        return percent_text(figures.change, unit)
    return signed(_amount(abs(figures.amount), unit), figures.amount)


def range_text(figures: Figures, unit: Unit) -> str:
    """The 90 % interval that stands below ``change_text``, whose unit is not said again; money keeps its sign and size."""
    if figures.amount_90 is None or not unit.is_relative:
        low, high = figures.change_90
        return f"{bare_text(low, unit)} to {bare_text(high, unit)}"
    return amounts_text(*figures.amount_90, unit)


def amount_text(amount: float, unit: Unit) -> str:
    """An amount in the KPI's own unit, as credit is kept: ``+€68k``, ``+430 orders``; points for rates and scores."""
    return signed(_amount(abs(amount), unit), amount) if unit.is_relative else percent_text(amount, unit)


def amounts_text(low: float, high: float, unit: Unit) -> str:
    """A span of such amounts, below one that says the unit; money keeps its sign and size."""
    if not unit.is_relative:
        return f"{bare_text(low, unit)} to {bare_text(high, unit)}"
    bare = unit if unit.currency else replace(unit, unit="")
    return f"{signed(_amount(abs(low), bare), low)} to {signed(_amount(abs(high), bare), high)}"


def level_text(level: float, unit: Unit) -> str:
    """What was expected or observed: a sum over the window, a share, a mean."""
    return amount(level, form=unit.form, unit=unit.unit, currency=unit.currency)


def _amount(size: float, unit: Unit) -> str:
    if unit.currency:
        return money(size, unit.currency)
    return f"{number(size, 0 if size >= 10 else 1)} {unit.unit}".strip()
