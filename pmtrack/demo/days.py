"""The days of the story: fourteen months that end yesterday, with their weekdays, seasons and public holidays."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FIXED_HOLIDAYS = {(1, 1): 0.15, (5, 1): 0.35, (12, 24): 0.45, (12, 25): 0.08, (12, 26): 0.12, (12, 31): 0.4}
EASTER_HOLIDAYS = {-2: 0.4, 1: 0.25, 39: 0.45, 50: 0.3}  # Good Friday, Easter Monday, Ascension, Whit Monday


@dataclass(frozen=True, slots=True)
class Calendar:
    """``days`` in order; the arrays have one value for each of them."""

    days: tuple[date, ...]
    weekday: NDArray[np.int64]
    holiday: Floats
    year: Floats

    @property
    def first(self) -> date:
        """The oldest day."""
        return self.days[0]


def calendar(*, today: date, length: int) -> Calendar:
    """The ``length`` days before ``today``. ``holiday`` is the share of a usual day's business; ``year`` runs from −1
    (early January) to +1 (early July)."""
    days = tuple(today - timedelta(days=back) for back in range(length, 0, -1))
    weekday = np.array([day.weekday() for day in days])
    holiday = np.array([business_on(day) for day in days])
    angle = np.array([day.timetuple().tm_yday for day in days]) * (2 * np.pi / 365.25)
    return Calendar(days, weekday, holiday, -np.cos(angle))


def business_on(day: date) -> float:
    """The share of a usual day's business: 1, or less on a public holiday."""
    fixed = FIXED_HOLIDAYS.get((day.month, day.day), 1.0)
    return min(fixed, EASTER_HOLIDAYS.get((day - easter(day.year)).days, 1.0))


def easter(year: int) -> date:
    """Easter Sunday (Meeus, Jones, Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), f = divmod(b, 4), (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    rest = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * rest) // 451
    month, day = divmod(h + rest - 7 * m + 114, 31)
    return date(year, month, day + 1)
