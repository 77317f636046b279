"""Which days a page looks at: whole calendar months, half-open, by default the last fourteen."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

USUAL_MONTHS = 14
LONGEST_MONTHS = 60
LONGEST_DAYS = 3_700
WINDOW_DAYS = 28
HEARD_DAYS = 90
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class BadPeriod(Exception):
    """The months asked for make no period; the message says how to write them."""


@dataclass(frozen=True, slots=True)
class Period:
    """The days ``[start, end)``; ``months`` counts the calendar months touched."""

    start: date
    end: date
    months: int
    text: str

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The period as aware instants."""
        start, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (self.start, self.end))
        return start, end

    @property
    def first_week(self) -> date:
        """The Monday of the week that holds the first day."""
        return self.start - timedelta(days=self.start.weekday())


def read_period(since: str, until: str, *, today: date) -> Period:
    """The period of two texts like ``2025-09``, both months inside; empty ones mean the last fourteen months.

    Raises ``BadPeriod``.
    """
    last = _month(until, "to") if until else today.year * 12 + today.month - 1
    first = _month(since, "from") if since else last - USUAL_MONTHS + 1
    if first > last:
        raise BadPeriod("'from' is after 'to'. Write the earlier month in 'from'.")
    if last - first >= LONGEST_MONTHS:
        raise BadPeriod(f"The period is over {LONGEST_MONTHS} months. Ask for fewer.")
    start, end = _first_day(first), _first_day(last + 1)
    return Period(start, end, last - first + 1, f"{start:%B %Y} to {_first_day(last):%B %Y}")


def day_period(since: date | None, until: date | None, *, today: date) -> Period:
    """The days ``[since, until)``; without them the last fourteen months, the current one whole.

    Raises ``BadPeriod``.
    """
    usual = read_period("", "", today=today)
    start, end = since or usual.start, until or usual.end
    if start >= end:
        raise BadPeriod("'from' must be before 'to'; 'to' is the first day left out.")
    if (end - start).days > LONGEST_DAYS:
        raise BadPeriod(f"The period is over {LONGEST_DAYS:,} days. Ask for fewer.")
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    return Period(start, end, months, f"{start} to {end}")


def local_day(now: datetime, time_zone: str) -> date:
    """Today in a product's time zone."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def window_of(today: date) -> tuple[date, date]:
    """The last four weeks ``[start, end)`` before today, which is not over yet."""
    return today - timedelta(days=WINDOW_DAYS), today


def _month(text: str, name: str) -> int:
    found = MONTH.fullmatch(text)
    if found is None:
        raise BadPeriod(f"'{name}' must be a month like 2026-06.")
    return int(found[1]) * 12 + int(found[2]) - 1


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)
