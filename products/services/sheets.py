"""Imported tables: kept for a day, looked at, applied; and what every such look tells."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from pmtrack.web.tables.files import SheetText
from pmtrack.web.tables.rows import RefusedRow
from products.models import KeptSheet, User

KEPT_FOR = timedelta(days=1)
KEPT_FOR_ONE_OWNER = 5
# One import at a time; whoever comes second looks at what the first one left.
IMPORT_LOCK = 4_201


class RowsRefused(Exception):
    """Some rows cannot be applied, and it was not asked to apply the others without them."""


class NothingToApply(Exception):
    """No row of the file would change anything."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row that does something: whom it is about, and what changes, in words."""

    number: int
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What applying a table would do. ``same`` counts rows that say what is held already."""

    new: tuple[Line, ...]
    changed: tuple[Line, ...]
    ended: tuple[Line, ...]
    same: int
    refused: tuple[RefusedRow, ...]

    @property
    def does_something(self) -> bool:
        """Whether any row would change anything."""
        return bool(self.new or self.changed or self.ended)


@transaction.atomic
def keep_sheet(*, kind: str, owner: User, name: str, sheet: SheetText, now: datetime) -> KeptSheet:
    """Keep a file for a day; of each owner's the newest few."""
    told = "".join(sign for sign in name if sign.isprintable())[-200:] or "file.csv"
    times = {"kept_at": now, "expires_at": now + KEPT_FOR}
    kept = KeptSheet.objects.create(
        kind=kind, owner=owner, name=told, encoding=sheet.encoding, text=sheet.text, **times
    )
    newest = KeptSheet.objects.filter(owner=owner).order_by("-pk").values_list("pk", flat=True)[:KEPT_FOR_ONE_OWNER]
    KeptSheet.objects.filter(owner=owner).exclude(pk__in=list(newest)).delete()
    return kept


def drop_expired_sheets(*, now: datetime) -> int:
    """Forget the files whose day is over; how many."""
    return KeptSheet.objects.filter(expires_at__lte=now).delete()[0]


def one_import_at_a_time() -> None:
    """Hold the others until this transaction is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


def refuse_unless_asked(looked: Looked, *, keep_good_rows: bool) -> None:
    """Raise ``NothingToApply``, and ``RowsRefused`` unless the good rows shall go in without the refused ones."""
    if not looked.does_something:
        raise NothingToApply("Nothing in this file would change anything. There is nothing to apply.")
    if looked.refused and not keep_good_rows:
        raise RowsRefused("Some rows are refused. Tick “Apply the good rows” to leave those out.")


def rows_that_disagree(said: Iterable[tuple[int, str, object]]) -> dict[int, str]:
    """The reasons for rows that share a key and say different things, by row; ``said`` is (row, key, what it says)."""
    by_key: defaultdict[str, list[tuple[int, object]]] = defaultdict(list)
    for number, key, what in said:
        by_key[key].append((number, what))
    reasons: dict[int, str] = {}
    for key, rows in by_key.items():
        if any(what != rows[0][1] for _, what in rows):
            numbers = ", ".join(f"{number:,}" for number, _ in rows[:5]) + (" and more" if len(rows) > 5 else "")
            reasons |= {
                number: f"“{key}” stands in rows {numbers} with different words. Keep one." for number, _ in rows
            }
    return reasons


def refusals_of(cells: Mapping[int, Sequence[str]], reasons: Mapping[int, str]) -> tuple[RefusedRow, ...]:
    """Refused rows in their order, each as it stands in the file."""
    return tuple(RefusedRow(number, reasons[number], tuple(cells[number])) for number in sorted(reasons))
