"""What one cell says: a day, a number, or something that is refused in words. Nothing is guessed here."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

DAY_FORMATS = {
    "iso": "year-month-day, as in 2026-01-31",
    "dots": "day.month.year, as in 31.1.2026",
    "dmy": "day/month/year, as in 31/1/2026",
    "mdy": "month/day/year, as in 1/31/2026",
}
DECIMALS = {"point": ".", "comma": ","}
# The order of year, month and day in the groups of a pattern.
ORDERS = {"iso": (0, 1, 2), "dots": (2, 1, 0), "dmy": (2, 1, 0), "mdy": (2, 0, 1)}
MIDNIGHT = r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
SHAPES = {
    "iso": re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})" + MIDNIGHT, re.ASCII),
    "dots": re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})" + MIDNIGHT, re.ASCII),
    "slashes": re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})" + MIDNIGHT, re.ASCII),
}
SHAPE_OF = {"iso": "iso", "dots": "dots", "dmy": "slashes", "mdy": "slashes"}
SHORT_YEAR = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}", re.ASCII)
# Signs that spreadsheet programs put between thousands besides point and comma.
SPACES = " \u00a0\u202f\u2009'’"
NUMBERS = {
    name: re.compile(
        rf"[+-]?(?:\d+|\d{{1,3}}(?:(?P<gap>[{re.escape(other)}{SPACES}])\d{{3}})(?:(?P=gap)\d{{3}})*)"
        rf"(?:{re.escape(mark)}\d+)?(?:[eE][+-]?\d{{1,2}})?",
        re.ASCII,
    )
    for name, mark, other in (("point", ".", ","), ("comma", ",", "."))
}
MARKS = re.compile(r"[+-]?[\d., \u00a0\u202f\u2009'’]*\d", re.ASCII)
LONGEST_NUMBER = 60
LONGEST_QUOTE = 60
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# What spreadsheets compute: "=1+1", "@SUM(A1)", "+A1", "-2+3"; not "-5,5".
FORMULA = re.compile(r"[=@].+|[+-].*[A-Za-z(*/+-].*", re.DOTALL)


class BadCell(Exception):
    """A cell that cannot be read; the message says why and how to mend it."""


def read_day(cell: str, day_format: str) -> date:
    """The day in ``cell``, written as ``day_format`` says. Raises ``BadCell``."""
    text = cell.strip()
    _refuse_formula(text)
    if not text:
        raise BadCell("There is no day. Write one, or take the row out.")
    found = SHAPES[SHAPE_OF[day_format]].fullmatch(text)
    if found is None:
        short = " Write the year with four digits." if SHORT_YEAR.fullmatch(text) else ""
        raise BadCell(f"{quoted(text)} is not written {DAY_FORMATS[day_format]}.{short}")
    year, month, day = (int(found.groups()[place]) for place in ORDERS[day_format])
    try:
        return date(year, month, day)
    except ValueError:
        raise BadCell(f"{quoted(text)} is no day of the calendar.") from None


def read_number(cell: str, decimal: str) -> Decimal:
    """The number in ``cell``; ``decimal`` is "point" or "comma". Raises ``BadCell``."""
    text = cell.strip().replace("−", "-")
    if not text:
        raise BadCell("There is no number. Write one, or take the row out.")
    found = NUMBERS[decimal].fullmatch(text) if len(text) <= LONGEST_NUMBER else None
    if found is None:
        _refuse_formula(text)
        raise BadCell(f"{quoted(text)} is not a number with a decimal {decimal}. Leave units and words out.")
    gap = found["gap"] or ""
    digits = text.replace(gap, "") if gap else text
    return Decimal(digits.replace(DECIMALS[decimal], "."))


def _refuse_formula(text: str) -> None:
    if FORMULA.fullmatch(text):
        raise BadCell(f"{quoted(text)} is a formula. Save the file with values in place of formulas.")


def day_shape(cell: str) -> str | None:
    """``iso``, ``dots`` or ``slashes`` where the cell looks like a day, else None."""
    text = cell.strip()
    return next((name for name, shape in SHAPES.items() if shape.fullmatch(text)), None)


def slash_order(cells: Iterable[str]) -> str | None:
    """``dmy`` or ``mdy`` where the cells with slashes leave no doubt; None where both would do, or neither."""
    first_is_day = second_is_day = False
    for cell in cells:
        if found := SHAPES["slashes"].fullmatch(cell.strip()):
            first_is_day |= int(found[1]) > 12
            second_is_day |= int(found[2]) > 12
    if first_is_day == second_is_day:
        return None
    return "dmy" if first_is_day else "mdy"


def decimal_mark(cells: Iterable[str]) -> str | None:
    """``point`` or ``comma`` as the column's cells use it; None where 1,234 or 1.234 leaves it open or cells disagree."""
    said: set[str] = set()
    doubtful = False
    for cell in cells:
        verdict = _mark_in(cell.strip())
        doubtful |= verdict == "doubtful"
        if verdict in DECIMALS:
            said.add(verdict)
    if len(said) == 1:
        return said.pop()
    return None if said or doubtful else "point"


def _mark_in(text: str) -> str:
    """What one cell says about its column's decimal mark: point, comma, doubtful, or nothing."""
    text = text.replace("−", "-")
    if len(text) > LONGEST_NUMBER or not MARKS.fullmatch(text):
        return ""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        return "point" if text.rfind(".") > text.rfind(",") else "comma"
    if points + commas == 0:
        return ""
    mark, other = (".", "comma") if points else (",", "point")
    if points + commas > 1:
        return other  # it stands between thousands
    whole, _, rest = text.rpartition(mark)
    whole = whole.lstrip("+-")
    could_be_thousands = len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")
    return "doubtful" if could_be_thousands else ("point" if points else "comma")


def quoted(text: str) -> str:
    """A cell's text for a message: one line, not too long."""
    line = " ".join(text.split())
    return f"“{line[:LONGEST_QUOTE]}…”" if len(line) > LONGEST_QUOTE else f"“{line}”"


def escaped(cell: str) -> str:
    """A cell for a file that somebody will open in a spreadsheet: what would start a formula stands behind an apostrophe."""
    return f"'{cell}" if cell.lstrip(" ").startswith(STARTS_A_FORMULA) and not _is_plain_number(cell) else cell


def _is_plain_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", cell, re.ASCII))
