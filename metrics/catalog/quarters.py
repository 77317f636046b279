"""Quarters of the calendar as people and addresses write them: 2026-Q4."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

NAMED = re.compile(r"(20[0-9]{2})-Q([1-4])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """The quarter that starts on ``start``."""

    start: date

    @property
    def end(self) -> date:
        """The first day after it."""
        later = self.start + timedelta(days=95)
        return later.replace(month=(later.month - 1) // 3 * 3 + 1, day=1)

    @property
    def name(self) -> str:
        """``2026-Q4``, as in addresses."""
        return f"{self.start.year}-Q{(self.start.month + 2) // 3}"

    @property
    def short(self) -> str:
        """``Q4 2026``, for table cells."""
        return f"Q{(self.start.month + 2) // 3} {self.start.year}"

    @property
    def text(self) -> str:
        """``4th quarter of 2026``."""
        number = (self.start.month + 2) // 3
        return f"{number}{('st', 'nd', 'rd', 'th')[number - 1]} quarter of {self.start.year}"


def quarter_of(day: date) -> Quarter:
    """The quarter that holds ``day``."""
    return Quarter(date(day.year, (day.month - 1) // 3 * 3 + 1, 1))


def quarter_named(name: str) -> Quarter | None:
    """The quarter that ``2026-Q4`` names; None where it names none."""
    found = NAMED.fullmatch(name)
    return Quarter(date(int(found[1]), int(found[2]) * 3 - 2, 1)) if found else None
