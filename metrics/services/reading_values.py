"""What a KPI can take for a day: from what was sent to the sums that the tables hold exactly, or the reason why not."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from itertools import repeat
from operator import le
from typing import Protocol

from metrics.models import KpiCadence, KpiForm
from metrics.services.readings import NewReading

FIRST_DAY = date(1970, 1, 1)
MONDAY = 1
ZERO = Decimal(0)
STEP = Decimal("0.000001")
DIGITS = 18
# The tables hold 30 digits before the point; a week of such days must fit, too.
DIGITS_OF_SQUARES = 28
# Wide enough that no check rounds; nothing here depends on the precision that the process happens to have.
EXACT = Context(prec=100)
# Takes what the tables hold exactly with DIGITS before the point, and raises for anything else; NaN goes through.
STRICT = Context(prec=DIGITS + 6, traps=[Inexact, InvalidOperation])
# Clients add up squares in floating point.
ROUNDING = Decimal("1e-9")


class SaidOfADay(Protocol):
    """One day as a push or a file says it; see ``ReadingIn`` for what goes with which form of KPI."""

    @property
    def day(self) -> date: ...
    @property
    def value(self) -> Decimal | None: ...
    @property
    def numerator(self) -> Decimal | None: ...
    @property
    def denominator(self) -> Decimal | None: ...
    @property
    def n(self) -> int: ...
    @property
    def squares(self) -> Decimal | None: ...
    @property
    def status(self) -> str: ...


class BadReading(Exception):
    """A reading that its KPI cannot take: the field and what to do."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


def amount(value: Decimal, field: str, *, digits: int = DIGITS) -> Decimal:
    """A number that the tables hold exactly. Raises ``BadReading``."""
    try:
        held = value.quantize(STEP, context=STRICT)
    except DecimalException:
        return _amount_or_why_not(value, field, digits)
    return _amount_or_why_not(value, field, digits) if held.is_nan() else held


def _amount_or_why_not(value: Decimal, field: str, digits: int) -> Decimal:
    """The same at leisure, in words."""
    if not value.is_finite():
        raise BadReading(field, f"'{field}' must be a finite number.")
    if not value:
        return ZERO  # also 0e999999, which the database would not read
    if value.adjusted() >= digits:
        raise BadReading(field, f"'{field}' may have {digits} digits before the point.")
    held = value.quantize(STEP, context=EXACT)
    if held != value:
        raise BadReading(field, f"'{field}' may have 6 digits after the point. Round it.")
    return held


def sums_of(sent: SaidOfADay, form: str, last_day: date, cadence: str = KpiCadence.DAY) -> NewReading:
    """The day's sums for a KPI of ``form``, read every day or week. Raises ``BadReading``."""
    if not FIRST_DAY <= sent.day <= last_day:
        raise BadReading("day", f"'day' must lie between {FIRST_DAY} and tomorrow.")
    if cadence == KpiCadence.WEEK and sent.day.isoweekday() != MONDAY:
        monday = sent.day - timedelta(days=sent.day.weekday())
        raise BadReading("day", f"This KPI is read every week: send the week as its Monday, {monday}.")
    numerator, denominator = _ratio(sent) if form == KpiForm.RATIO else _value(sent, form)
    squares = _squares(sent, form)
    return NewReading(sent.day, numerator, denominator, sent.n, squares, sent.status)


def sums_of_all(sent: Sequence[SaidOfADay], form: str, last_day: date) -> list[NewReading] | None:
    """``sums_of`` for ratios and sums without squares, column by column. None where a day asks for more than a glance."""
    days = [one.day for one in sent]
    if not days or not FIRST_DAY <= min(days) <= max(days) <= last_day or any(one.squares is not None for one in sent):
        return None
    try:
        numerators, denominators = _columns(sent, form)
    except (BadReading, DecimalException):
        return None
    rest = [one.n for one in sent], repeat(ZERO), [one.status for one in sent]
    return list(map(NewReading, days, numerators, denominators, *rest))


def _columns(sent: Sequence[SaidOfADay], form: str) -> tuple[list[Decimal], list[Decimal]]:
    """Numerators and denominators of all days. Raises where ``_ratio`` or ``_value`` would for one of them."""
    values = [one.value for one in sent if one.value is not None]
    above = [one.numerator for one in sent if one.numerator is not None]
    below = [one.denominator for one in sent if one.denominator is not None]
    counts = len(values), len(above), len(below)
    if form == KpiForm.SUM and counts == (len(sent), 0, 0):
        return _held(values), [ZERO] * len(sent)
    if form == KpiForm.RATIO and counts == (0, len(sent), len(sent)):
        numerators, denominators = _held(above), _held(below)
        if min(numerators) >= ZERO and all(map(le, numerators, denominators)):
            return numerators, denominators
    raise BadReading("value", "One of the days has to be looked at by itself.")


def _held(values: Sequence[Decimal]) -> list[Decimal]:
    """The values as the tables hold them. Raises ``DecimalException`` where they cannot."""
    held = [value.quantize(STEP, None, STRICT) for value in values]
    if any(map(Decimal.is_nan, held)):
        raise InvalidOperation
    return held


def _squares(sent: SaidOfADay, form: str) -> Decimal:
    """The sum of squares, 0 where it is not said. Squares below value² ÷ n would make a negative variance."""
    if sent.squares is None:
        return ZERO
    squares = amount(sent.squares, "squares", digits=DIGITS_OF_SQUARES)
    if squares < 0:
        raise BadReading("squares", "'squares' is a sum of squares, so it cannot be negative.")
    if form == KpiForm.MEAN and sent.value is not None:
        least = EXACT.divide(EXACT.multiply(sent.value, sent.value), Decimal(sent.n))
        if squares < EXACT.multiply(least, 1 - ROUNDING):
            raise BadReading(
                "squares", f"{sent.n} values with this sum have larger squares. Send their sum, or leave it out."
            )
    return squares


def _ratio(sent: SaidOfADay) -> tuple[Decimal, Decimal]:
    if sent.value is not None or sent.numerator is None or sent.denominator is None:
        raise BadReading("numerator", "This KPI is a ratio: send 'numerator' and 'denominator', and no 'value'.")
    numerator, denominator = amount(sent.numerator, "numerator"), amount(sent.denominator, "denominator")
    if not 0 <= numerator <= denominator:
        raise BadReading("numerator", "'numerator' must lie between 0 and 'denominator'.")
    return numerator, denominator


def _value(sent: SaidOfADay, form: str) -> tuple[Decimal, Decimal]:
    if sent.value is None or sent.numerator is not None or sent.denominator is not None:
        kind = "the sum of a day" if form == KpiForm.SUM else "a mean"
        raise BadReading("value", f"This KPI is {kind}: send 'value', and no 'numerator' or 'denominator'.")
    if form == KpiForm.MEAN and sent.n < 1:
        raise BadReading("n", "This KPI is a mean: send 'value' as the sum of the day's values and 'n' as their count.")
    return amount(sent.value, "value"), Decimal(sent.n) if form == KpiForm.MEAN else ZERO
