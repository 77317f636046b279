"""Take in KPI readings set-wise: a later push for the same day corrects it, the same push again changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec
from django.db import connection, transaction

from metrics.models import Kpi


class NewReading(msgspec.Struct, frozen=True):
    """The sums of one day; see ``ReadingValues`` for what they mean for each form of KPI."""

    day: date
    numerator: Decimal
    denominator: Decimal = Decimal(0)
    n: int = 0
    squares: Decimal = Decimal(0)
    status: str = "final"


@dataclass(frozen=True, slots=True)
class Pushed:
    """How many rows were new, how many replaced another value, how many said what was known."""

    created: int
    corrected: int
    unchanged: int


class OtherSourceAccepted(Exception):
    """The KPI takes its readings from another source, so that two pipelines never add up."""

    def __init__(self, accepted: str) -> None:
        super().__init__(f"This KPI takes its readings from '{accepted}'.")
        self.accepted = accepted


class DayGivenTwice(Exception):
    """One push says two different things about one day."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} is given twice with different values.")
        self.day = day


# One statement: PostgreSQL explodes the checked JSON. Rows that say what is known are left out first, for even an upsert
# that changes nothing locks its row; those that another push has changed meanwhile are compared once more.
UPSERT = """
WITH pushed AS (
    INSERT INTO metrics_reading AS held
        (product_id, kpi_id, day, source, numerator, denominator, n, squares, status, recorded_at)
    SELECT %(product)s, %(kpi)s, day, %(source)s, numerator, denominator, n, squares, status, %(now)s
    FROM json_to_recordset(%(readings)s::json) AS sent
        (day date, numerator numeric, denominator numeric, n bigint, squares numeric, status text)
    WHERE NOT EXISTS (
        SELECT FROM metrics_reading AS known
        WHERE known.product_id = %(product)s AND known.kpi_id = %(kpi)s AND known.source = %(source)s
            AND known.day BETWEEN %(first)s AND %(last)s
            AND (known.day, known.numerator, known.denominator, known.n, known.squares, known.status)
                = (sent.day, sent.numerator, sent.denominator, sent.n, sent.squares, sent.status)
    )
    ORDER BY day
    ON CONFLICT (product_id, kpi_id, day, source) DO UPDATE SET
        numerator = excluded.numerator, denominator = excluded.denominator, n = excluded.n,
        squares = excluded.squares, status = excluded.status, recorded_at = excluded.recorded_at
    WHERE (held.numerator, held.denominator, held.n, held.squares, held.status) IS DISTINCT FROM
        (excluded.numerator, excluded.denominator, excluded.n, excluded.squares, excluded.status)
    RETURNING (xmax = 0) AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM pushed
"""


def once_a_day(readings: Sequence[NewReading]) -> list[NewReading]:
    """The readings by day, equal repetitions dropped. Raises ``DayGivenTwice`` for unequal ones."""
    by_day: dict[date, NewReading] = {}
    for reading in readings:
        if by_day.setdefault(reading.day, reading) != reading:
            raise DayGivenTwice(reading.day)
    return [by_day[day] for day in sorted(by_day)]


@transaction.atomic
def push_readings(*, kpi: Kpi, source: str, readings: Sequence[NewReading], now: datetime) -> Pushed:
    """Store readings of one KPI. Raises ``OtherSourceAccepted`` or ``DayGivenTwice``; then nothing is stored."""
    distinct = once_a_day(readings)
    _accept_source(kpi, source)
    values: dict[str, str | int | date | datetime | None] = {
        "product": kpi.product_id,
        "kpi": kpi.pk,
        "source": source,
        "now": now,
        "readings": msgspec.json.encode(distinct).decode(),
        "first": distinct[0].day if distinct else None,
        "last": distinct[-1].day if distinct else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, values)
        created, corrected = cursor.fetchone()
    return Pushed(created, corrected, len(readings) - created - corrected)


def _accept_source(kpi: Kpi, source: str) -> None:
    """The first push names the KPI's source; the row's lock decides between two first pushes."""
    if not kpi.source:
        Kpi.objects.filter(pk=kpi.pk, source="").update(source=source)
        kpi.refresh_from_db(fields=["source"])
    if kpi.source != source:
        raise OtherSourceAccepted(kpi.source)
