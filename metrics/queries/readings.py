"""The readings of one KPI as they were pushed, newest first, with every value that a correction replaced."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Max

from metrics.models import Kpi, Reading, ReadingCorrection
from metrics.models.kpis import ReadingValues
from metrics.queries.words import amount, day_text, instant_text, short_day
from metrics.stats.figures import Sums, figure

PAGE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Correction:
    """A later push replaced a day's value; both in the KPI's unit, in words."""

    before: str
    after: str
    at_text: str
    source: str


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One day as it was pushed; ``value`` in the KPI's unit, None where there is nothing to divide by."""

    day: date
    value: float | None
    numerator: Decimal
    denominator: Decimal
    n: int
    squares: Decimal
    status: str
    source: str
    recorded_at: datetime
    text: str
    starts_meaning: bool
    corrections: tuple[Correction, ...]

    @property
    def day_text(self) -> str:
        """The day, and whether it is whole."""
        return f"{short_day(self.day)}{', partial' if self.status == Reading.Status.PARTIAL else ''}"

    @property
    def n_text(self) -> str:
        """How many units stand behind the value."""
        return f"{self.n:,}" if self.n else "not said"

    @property
    def recorded_text(self) -> str:
        """When it was pushed."""
        return instant_text(self.recorded_at)


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """One page of readings: ``total`` counts all days, ``last_push`` is the newest push of any of them."""

    rows: tuple[ReadingRow, ...]
    total: int
    page: int
    pages: int
    last_push: datetime | None

    @property
    def title(self) -> str:
        """How many days are listed of how many, as the panel's finding."""
        if not self.total:
            return "No readings yet"
        if not self.rows:
            return f"{self.total:,} readings, none on page {self.page}"
        first, last = self.rows[-1].day, self.rows[0].day
        return f"{len(self.rows):,} of {self.total:,} readings, {day_text(first)} to {day_text(last)}"


def reading_page(kpi: Kpi, *, breaks: Iterable[date] = (), page: int = 1) -> ReadingPage:
    """Readings of the accepted source, newest first, ``PAGE_ROWS`` a page. Three statements at most.

    ``breaks`` are the days on which the KPI's definition changed. The caller has asked ``access`` for the KPI.
    """
    mine = Reading.objects.filter(product=kpi.product_id, kpi=kpi, source=kpi.source)
    held = mine.aggregate(total=Count("day"), pushed=Max("recorded_at"))
    first = (page - 1) * PAGE_ROWS
    found = list(mine.order_by("-day")[first : first + PAGE_ROWS])
    replaced = _replaced(kpi, found)
    meanings = set(breaks)
    rows = tuple(_row(kpi, reading, replaced.get(reading.day, ()), reading.day in meanings) for reading in found)
    return ReadingPage(rows, held["total"], page, max(1, -(-held["total"] // PAGE_ROWS)), held["pushed"])


def _replaced(kpi: Kpi, readings: Sequence[Reading]) -> dict[date, list[ReadingCorrection]]:
    """What the days said before, by day, oldest first."""
    if not readings:
        return {}
    rows = ReadingCorrection.objects.filter(
        product=kpi.product_id,
        kpi=kpi,
        source=kpi.source,
        day__gte=readings[-1].day,
        day__lte=readings[0].day,
    )
    held: dict[date, list[ReadingCorrection]] = {}
    for row in rows.order_by("replaced_at", "pk"):
        held.setdefault(row.day, []).append(row)
    return held


def _row(kpi: Kpi, reading: Reading, replaced: Sequence[ReadingCorrection], starts_meaning: bool) -> ReadingRow:
    later: list[ReadingValues] = [*replaced[1:], reading]
    corrections = tuple(
        Correction(_text(kpi, was), _text(kpi, becomes), instant_text(was.replaced_at), becomes.source)
        for was, becomes in zip(replaced, later, strict=False)
    )
    return ReadingRow(
        day=reading.day,
        value=_value(kpi, reading),
        numerator=reading.numerator,
        denominator=reading.denominator,
        n=reading.n,
        squares=reading.squares,
        status=reading.status,
        source=reading.source,
        recorded_at=reading.recorded_at,
        text=_text(kpi, reading),
        starts_meaning=starts_meaning,
        corrections=corrections,
    )


def _value(kpi: Kpi, held: ReadingValues) -> float | None:
    return figure(kpi.form, Sums(1, held.n, float(held.numerator), float(held.denominator)))


def _text(kpi: Kpi, held: ReadingValues) -> str:
    """The value with what it is made of, where two pushes may give the same value."""
    text = amount(_value(kpi, held), form=kpi.form, unit=kpi.unit, currency=kpi.currency)
    base = "" if kpi.form == Kpi.Form.SUM else f" ({_plain(held.numerator)} of {_plain(held.denominator)})"
    if kpi.form == Kpi.Form.MEAN:
        base = f" ({_plain(held.numerator)} over {_plain(held.denominator)})"
    return f"{text}{base}{', partial' if held.status == Reading.Status.PARTIAL else ''}"


def _plain(value: Decimal) -> str:
    """A number without trailing zeros."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
