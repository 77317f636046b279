"""How counts, days, spans and lists are written, everywhere: worked out once so that templates only print. Pure text."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

HOUR, DAY = 3600.0, 86400.0
DIGITS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MOST_LISTED = 4


def counted(count: int, noun: str, plural: str = "") -> str:
    """``1 diagnosis``, ``12 diagnoses``, ``no diagnoses``."""
    return f"{count or 'no':{',' if count else ''}} {noun if count == 1 else plural or noun + 's'}"


def number_word(count: int) -> str:
    """``seven``; figures from eleven on."""
    return DIGITS[count] if count <= 10 else f"{count:,}"


def in_words(count: int, noun: str, plural: str = "") -> str:
    """As ``counted``, with words up to ten: for verdicts."""
    return f"{number_word(count)} {noun if count == 1 else plural or noun + 's'}"


def sentence(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str], *, most: int = MOST_LISTED) -> str:
    """``D-4, D-7 and D-9``; with more than ``most`` names the rest is counted: ``D-4, D-7, D-9 and 2 more``."""
    shown = [*names[: most - 1], f"{len(names) - most + 1} more"] if len(names) > most else list(names)
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def day_on(at: datetime, zone: tzinfo) -> str:
    """``8 Jun 2026`` on the clock of ``zone``."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y}"


def clock_on(at: datetime, zone: tzinfo) -> str:
    """``8 Jun 2026, 14:05`` on the clock of ``zone``."""
    return f"{day_on(at, zone)}, {at.astimezone(zone):%H:%M}"


def took(seconds: float) -> str:
    """How long something took, in the largest unit of which there are two: ``14 min``, ``5 h``, ``12 d``."""
    if seconds < 2 * HOUR:
        return f"{max(round(seconds / 60), 0)} min"
    return f"{seconds / HOUR:.0f} h" if seconds < 2 * DAY else f"{seconds / DAY:.0f} d"


def span_between(start: datetime, end: datetime) -> str:
    """``took`` of the time from ``start`` to ``end``; nothing is shorter than nothing."""
    return took(max(end - start, timedelta(0)).total_seconds())
