"""Which column says what: proposed from headings and cells, changed by people, applied row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import TypeVar

from pmtrack.web.tables.cells import BadCell, day_shape, decimal_mark, quoted, read_day, read_number
from pmtrack.web.tables.files import Table
from pmtrack.web.tables.rows import RefusedRow, proposed_day_format

T = TypeVar("T")
DAY = "day"
MOST_UNITS = 9_000_000_000_000
SAMPLE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a row says beside its day. ``words`` are headings by which it is recognised."""

    name: str
    label: str
    hint: str
    is_needed: bool
    words: tuple[str, ...]

    @property
    def column_label(self) -> str:
        """The label of the choice of its column."""
        return f"Column of the {self.label.lower()}"

    @property
    def mark_label(self) -> str:
        """The label of the choice of its decimal mark; no two labels of a page are the same."""
        return f"Decimals of the {self.label.lower()}"


UNITS = ("n", "units", "count", "anzahl", "sample")
PARTS: Mapping[str, tuple[Part, ...]] = {
    "sum": (
        Part("value", "Value", "The day’s total.", True, ("value", "total", "sum", "amount", "wert", "summe")),
        Part("n", "Units", "How many units are behind the total.", False, UNITS),
    ),
    "ratio": (
        Part("numerator", "Numerator", "Those that count.", True, ("numerator", "num", "zähler", "hits")),
        Part("denominator", "Denominator", "Those that could.", True, ("denominator", "den", "nenner", "base")),
        Part("n", "Units", "How many units are behind the ratio.", False, UNITS),
    ),
    "mean": (
        Part("value", "Sum of values", "All of the day’s values added up, not their mean.", True, ("value", "sum", "total", "summe")),
        Part("n", "Number of values", "How many values were added up.", True, UNITS),
        Part("squares", "Sum of squares", "For the spread within a day.", False, ("squares", "sum_sq", "quadrate")),
    ),
}  # fmt: skip
DAY_WORDS = ("day", "date", "datum", "tag", "jour", "fecha", "data")


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read a table: columns by the name of what they say, their decimal marks, and how days are written.

    A proposal leaves out what the cells do not decide: ``day_format`` is then "", a decimal mark is missing.
    """

    columns: Mapping[str, int]
    decimals: Mapping[str, str]
    day_format: str


@dataclass(frozen=True, slots=True)
class SentRow:
    """One row as a push would send it."""

    day: date
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    n: int = 0
    squares: Decimal | None = None
    status: str = "final"


@dataclass(slots=True)
class Read:
    """What the rows say: those understood with their numbers, and those refused."""

    good: list[tuple[int, SentRow]] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


def propose(table: Table, form: str, *, names: Sequence[str] = ()) -> Plan:
    """A plan for a KPI of ``form``; ``names`` are headings that mean its value, such as the KPI's own name."""
    samples = [list(islice(table.column(index), SAMPLE_ROWS)) for index in range(len(table.headings))]
    headings = [heading.strip().lower() for heading in table.headings]
    free = list(range(len(headings)))
    columns: dict[str, int] = {}
    shaped = [index for index in free if any(day_shape(cell) for cell in samples[index])]
    day = _named(headings, free, DAY_WORDS, whole_words=True)
    columns[DAY] = day if day is not None and (day in shaped or not shaped) else (shaped[0] if shaped else 0)
    free.remove(columns[DAY])
    for part in PARTS[form]:
        own = tuple(name.lower() for name in names) if part.name == "value" else ()
        found = _named(headings, free, (*part.words, *own))
        if found is not None:
            columns[part.name] = found
            free.remove(found)
    numeric = [index for index in free if index not in shaped and _holds_numbers(samples[index])]
    for part in PARTS[form]:
        if part.is_needed and part.name not in columns and numeric:
            columns[part.name] = numeric.pop(0)
    return Plan(columns, proposed_decimals(table, columns), proposed_day_format(table, columns[DAY]))


def proposed_decimals(table: Table, columns: Mapping[str, int]) -> dict[str, str]:
    """The decimal mark of each column but the day's, where its cells decide it."""
    marks = {name: decimal_mark(table.column(index)) for name, index in columns.items() if name != DAY}
    return {name: mark for name, mark in marks.items() if mark}


def _named(
    headings: Sequence[str], free: Sequence[int], words: Sequence[str], *, whole_words: bool = False
) -> int | None:
    """The first free column whose heading is one of ``words``, else (with ``whole_words``) has one among its words."""
    exact = next((index for index in free if headings[index] in words), None)
    if exact is not None or not whole_words:
        return exact
    return next((index for index in free if set(headings[index].replace("_", " ").split()) & set(words)), None)


def _holds_numbers(cells: Sequence[str]) -> bool:
    return any(any(sign.isdigit() for sign in cell) for cell in cells)


def read_rows(table: Table, plan: Plan, form: str) -> Read:
    """Every row under a complete ``plan``. A row is refused with its first fault."""
    read = Read()
    width = len(table.headings)
    for number, cells in table.rows:
        try:
            read.good.append((number, _row(cells, width, table.headings, plan, form)))
        except BadCell as error:
            read.refused.append(RefusedRow(number, str(error), cells))
    return read


def _row(cells: Sequence[str], width: int, headings: Sequence[str], plan: Plan, form: str) -> SentRow:
    """One row. Raises ``BadCell``."""
    if any(cell.strip() for cell in cells[width:]):
        raise BadCell(
            f"It has {len(cells)} cells under {width} headings. "
            "A number with a comma stands between quotation marks where commas separate the columns."
        )
    said: dict[str, Decimal] = {}
    padded = [*cells, *[""] * (width - len(cells))]
    place = plan.columns[DAY]
    day = _said(headings[place], read_day, padded[place], plan.day_format)
    for part in PARTS[form]:
        index = plan.columns.get(part.name)
        if index is not None and (part.is_needed or padded[index].strip()):
            said[part.name] = _said(headings[index], read_number, padded[index], plan.decimals[part.name])
    units = said.pop("n", Decimal(0))
    if units != int(units) or not 0 <= units <= MOST_UNITS:
        raise BadCell(f"{quoted(str(units))} is no count: write a whole number from 0 on.")
    return SentRow(
        day,
        value=said.get("value"),
        numerator=said.get("numerator"),
        denominator=said.get("denominator"),
        n=int(units),
        squares=said.get("squares"),
    )


def _said(heading: str, read: Callable[[str, str], T], cell: str, how: str) -> T:
    """What a cell says; its fault is told with the column's heading."""
    try:
        return read(cell, how)
    except BadCell as error:
        raise BadCell(f"{heading}: {error}") from None
