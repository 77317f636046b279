"""Readings from an uploaded file: kept for a day, checked against what is held, stored like any other push."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from metrics.models import Kpi, KpiForm, Reading, Upload
from metrics.services.reading_values import BadReading, sums_of
from metrics.services.readings import NewReading, Pushed, push_readings
from metrics.sheets.columns import Plan, SentRow, read_rows
from pmtrack.web.tables.files import SheetText, Table
from pmtrack.web.tables.rows import RefusedRow
from products.models import User

KEPT_FOR = timedelta(days=1)
KEPT_FOR_ONE_OWNER = 5


class RowsRefused(Exception):
    """Some rows cannot be stored, and it was not asked to store the others without them."""


class NothingToStore(Exception):
    """Every row of the file is refused."""


@dataclass(frozen=True, slots=True)
class Change:
    """A day that would be new (``old`` is "") or corrected, as words, with its row in the file."""

    number: int
    day: date
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What storing a file would do. ``unchanged`` counts days held already and rows that repeat another."""

    readings: tuple[NewReading, ...]
    created: tuple[Change, ...]
    corrected: tuple[Change, ...]
    unchanged: int
    refused: tuple[RefusedRow, ...]

    @property
    def changes_something(self) -> bool:
        """Whether any day would be new or corrected."""
        return bool(self.created or self.corrected)


@transaction.atomic
def keep_upload(*, kpi: Kpi, owner: User, name: str, sheet: SheetText, now: datetime) -> Upload:
    """Keep a file for a day; of each owner's the newest few."""
    told = "".join(sign for sign in name if sign.isprintable())[-200:] or "file.csv"
    upload = Upload.objects.create(
        kpi=kpi,
        owner=owner,
        name=told,
        encoding=sheet.encoding,
        text=sheet.text,
        kept_at=now,
        expires_at=now + KEPT_FOR,
    )
    kept = Upload.objects.filter(owner=owner).order_by("-pk").values_list("pk", flat=True)[:KEPT_FOR_ONE_OWNER]
    Upload.objects.filter(owner=owner).exclude(pk__in=list(kept)).delete()
    return upload


def drop_expired_uploads(*, now: datetime) -> int:
    """Forget the files whose day is over; how many."""
    return Upload.objects.filter(expires_at__lte=now).delete()[0]


def check_upload(*, kpi: Kpi, table: Table, plan: Plan, source: str, now: datetime) -> Checked:
    """What storing the table's rows as ``source`` would do. Writes nothing; one statement."""
    read = read_rows(table, plan, kpi.form)
    texts = dict(table.rows)
    refused = list(read.refused)
    fitting: list[tuple[int, NewReading]] = []
    for number, sent in read.good:
        try:
            fitting.append((number, _fit(sent, kpi, now.date() + timedelta(days=1))))
        except BadReading as error:
            refused.append(RefusedRow(number, str(error), texts[number]))
    once, doubled = _once(fitting, texts)
    refused = sorted([*refused, *doubled], key=lambda row: row.number)
    held = _held(kpi, source, [reading.day for _, reading in once])
    changes = [
        (_change(number, reading, held, kpi.form), reading)
        for number, reading in once
        if held.get(reading.day) != reading
    ]
    return Checked(
        readings=tuple(reading for _, reading in once),
        created=tuple(change for change, _ in changes if not change.old),
        corrected=tuple(change for change, _ in changes if change.old),
        unchanged=len(fitting) - len(doubled) - len(changes),
        refused=tuple(refused),
    )


def _fit(sent: SentRow, kpi: Kpi, last_day: date) -> NewReading:
    """The day's sums. Raises ``BadReading``."""
    if sent.day > last_day:
        raise BadReading("day", f"{sent.day} is in the future. Only days up to tomorrow can be stored.")
    return sums_of(sent, kpi.form, last_day, kpi.cadence)


def _once(
    fitting: Sequence[tuple[int, NewReading]], texts: dict[int, tuple[str, ...]]
) -> tuple[list[tuple[int, NewReading]], list[RefusedRow]]:
    """One row for each day; all rows of a day about which they differ are refused, for none is more right."""
    by_day: defaultdict[date, list[tuple[int, NewReading]]] = defaultdict(list)
    for number, reading in fitting:
        by_day[reading.day].append((number, reading))
    once, doubled = [], []
    for day, rows in by_day.items():
        if all(reading == rows[0][1] for _, reading in rows):
            once.append(rows[0])
            continue
        numbers = ", ".join(f"{number:,}" for number, _ in rows[:5]) + (" and more" if len(rows) > 5 else "")
        reason = f"{day} stands in rows {numbers} with different values. Keep one."
        doubled += [RefusedRow(number, reason, texts[number]) for number, _ in rows]
    return once, doubled


def _held(kpi: Kpi, source: str, days: Iterable[date]) -> dict[date, NewReading]:
    """What is held of these days from ``source``."""
    asked = sorted(days)
    if not asked:
        return {}
    rows = Reading.objects.filter(product=kpi.product_id, kpi=kpi, source=source, day__range=(asked[0], asked[-1]))
    columns = rows.values_list("day", "numerator", "denominator", "n", "squares", "status")
    return {row[0]: NewReading(*row) for row in columns}


def _change(number: int, reading: NewReading, held: dict[date, NewReading], form: str) -> Change:
    old = held.get(reading.day)
    return Change(number, reading.day, value_text(old, form) if old else "", value_text(reading, form))


def value_text(reading: NewReading, form: str) -> str:
    """A day's sums as people write them: ``3,120.5``, ``440 of 1,000``, ``390 over 100 values``."""
    numerator = _plain(reading.numerator)
    units = f", {reading.n:,} units" if reading.n and form != KpiForm.MEAN else ""
    if form == KpiForm.RATIO:
        return f"{numerator} of {_plain(reading.denominator)}{units}"
    if form == KpiForm.MEAN:
        return f"{numerator} over {_plain(reading.denominator)} values"
    return f"{numerator}{units}"


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


@transaction.atomic
def store_upload(
    *, kpi: Kpi, table: Table, plan: Plan, source: str, keep_good_rows: bool, now: datetime
) -> tuple[Pushed, int]:
    """Store a file's rows; what the push did, and how many rows were refused.

    Raises ``NothingToStore``, ``RowsRefused`` (unless the good rows shall be kept without them) and
    ``OtherSourceAccepted``; then nothing is stored.
    """
    checked = check_upload(kpi=kpi, table=table, plan=plan, source=source, now=now)
    if not checked.readings:
        raise NothingToStore("Every row of the file is refused. Mend the file and choose it again.")
    if checked.refused and not keep_good_rows:
        raise RowsRefused("Some rows are refused. Tick “Keep the good rows” to store the others without them.")
    pushed = push_readings(kpi=kpi, source=source, readings=checked.readings, now=now)
    repeated = len(table.rows) - len(checked.refused) - len(checked.readings)
    return Pushed(pushed.created, pushed.corrected, pushed.unchanged + repeated), len(checked.refused)
