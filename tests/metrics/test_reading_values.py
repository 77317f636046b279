"""Many days convert as each does alone, or are looked at alone."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest

from metrics.services.reading_values import sums_of, sums_of_all

DAY = date(2026, 6, 8)


@dataclass(frozen=True)
class Sent:
    """A day as a client says it."""

    day: date = DAY
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int = 0
    squares: Decimal | None = None
    status: str = "final"


TEXTS = [
    "0",
    "-1",
    "1",
    "2.5",
    "0.000001",
    "0.0000001",
    "1e17",
    "1e18",
    "-1e18",
    "NaN",
    "sNaN",
    "Infinity",
    "0e999999",
    "1e-7",
    "-0",
]
NUMBERS = [None, *map(Decimal, TEXTS)]
PAIRS = [(None, None), *((above, below) for above in NUMBERS[::3] for below in NUMBERS[1::2])]


@pytest.mark.parametrize("form", ["sum", "ratio", "mean"])
def test_days_taken_together_are_what_each_is_alone_or_are_looked_at_alone(form: str) -> None:
    good = Sent(value=Decimal(5)) if form != "ratio" else Sent(numerator=Decimal(1), denominator=Decimal(2))
    ends = (date(1969, 12, 31), date(1970, 1, 1), DAY, DAY + timedelta(days=1))
    days = [Sent(day, value, above, below) for day in ends for value in NUMBERS for above, below in PAIRS]
    taken = 0
    for sent in [*days, Sent(value=Decimal(5), squares=Decimal(30), n=2)]:
        together = sums_of_all([good, sent], form, DAY)
        if together is not None:
            taken += 1
            assert together == [sums_of(good, form, DAY), sums_of(sent, form, DAY)]
    assert (taken > 0) == (form != "mean")
