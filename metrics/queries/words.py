"""How numbers, amounts and days are written on pages. Counts and lists are in ``products.catalog.words``."""

from datetime import UTC, date, datetime

MINUS = "−"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}


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
