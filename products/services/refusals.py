"""Turns a constraint that the database upheld into the exception that says it in words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange


class SpanIsEmpty(Exception):
    """A role or an ownership would end on or before the day it starts."""

    def __init__(self, start: date, end: date) -> None:
        super().__init__(
            f"It cannot end on {end} if it starts on {start}: the end is the first day it no longer holds."
        )


@contextmanager
def refusing(refusals: Mapping[str, Exception]) -> Iterator[None]:
    """Write inside a savepoint; a violation of a constraint named in ``refusals`` raises that exception instead.

    The surrounding transaction stays usable. Other violations pass unchanged.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as problem:
        diagnostics = getattr(problem.__cause__, "diag", None)
        refusal = refusals.get(getattr(diagnostics, "constraint_name", None) or "")
        if refusal is None:
            raise
        raise refusal from problem


def span(start: date, end: date | None) -> DateRange:
    """The days ``[start, end)``, open-ended without ``end``. Raises ``SpanIsEmpty``."""
    if end is not None and end <= start:
        raise SpanIsEmpty(start, end)
    return DateRange(start, end, "[)")


def ended(period: DateRange, end: date) -> DateRange:
    """The same span, over on ``end``; the caller knows that it held on the day before."""
    return DateRange(period.lower, end, "[)")


def first_day(period: DateRange) -> date:
    """The day a span starts on; the database lets none do without."""
    return period.lower or date.min


def in_words(period: DateRange) -> str:
    """A span for a message: "since 2026-01-05" or "from 2026-01-05 to 2026-03-01"."""
    return f"since {period.lower}" if period.upper is None else f"from {period.lower} to {period.upper}"
