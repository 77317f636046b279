"""How numbers, days and counts are written on pages: screens.md §8, worked out once so that templates only print."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

MINUS = "−"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
DIGITS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def day_text(day: date) -> str:
    """``8 June 2026``."""
    return f"{day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """``8 Jun 2026``, for table cells."""
    return f"{day.day} {day:%b %Y}"


def instant_text(at: datetime) -> str:
    """``8 June 2026, 14:05 UTC``."""
    utc = at.astimezone(UTC)
    return f"{day_text(utc.date())}, {utc:%H:%M} UTC"


def number(value: float, digits: int | None = None) -> str:
    """A number with thousands separated and a real minus; three significant digits unless ``digits`` are told."""
    size = abs(value)
    if digits is None:
        digits = 0 if size >= 100 else 1 if size >= 10 else 2
    text = f"{size:,.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and text.strip("0.,") else text


def money(value: float, currency: str) -> str:
    """``€117k``: an amount with its currency, shortened from a thousand on."""
    size, suffix = abs(value), ""
    for limit, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if size >= limit:
            size, suffix = size / limit, letter
            break
    return f"{MINUS if value < 0 else ''}{SYMBOLS.get(currency, currency + ' ')}{number(size)}{suffix}"


def amount(value: float | None, *, form: str, unit: str, currency: str) -> str:
    """A KPI's value in its unit: ``44.7%``, ``€117k``, ``3.90 points``. "no data" for None."""
    if value is None:
        return "no data"
    if currency:
        return money(value, currency)
    if unit == "%":
        percent = value * 100 if form == "ratio" else value
        return f"{number(percent, 1 if abs(percent) >= 10 else 2)}%"
    return f"{number(value)} {unit}".strip()


def counted(count: int, noun: str, plural: str = "") -> str:
    """``1 release``, ``12 releases``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def in_words(count: int, noun: str, plural: str = "") -> str:
    """As ``counted``, with words up to ten: for verdicts."""
    words = DIGITS[count] if count <= 10 else f"{count:,}"
    return f"{words} {noun if count == 1 else plural or noun + 's'}"


def listed(names: Sequence[str]) -> str:
    """``Booking and Platform``; from five names on the rest is counted."""
    shown = [*names[:3], f"{len(names) - 3} more"] if len(names) > 4 else list(names)
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def sentence(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
