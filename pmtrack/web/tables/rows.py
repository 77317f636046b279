"""Rows under headings that people named: which column says what, what each row says, and which rows are refused."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pmtrack.web.tables.cells import FORMULA, BadCell, day_shape, quoted, slash_order
from pmtrack.web.tables.files import Table, Unreadable


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be stored, as it stands in the file."""

    number: int
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """One column that a table may have: how it is called, what its cells say, and other words for its name."""

    name: str
    hint: str
    is_needed: bool = False
    words: tuple[str, ...] = ()


def find_columns(table: Table, headings: Sequence[Heading]) -> dict[str, int]:
    """The place of each known column; unknown ones are left alone. Raises ``Unreadable`` for missing and doubled ones."""
    names = {word: heading.name for heading in headings for word in (heading.name, *heading.words)}
    places: dict[str, int] = {}
    for place, text in enumerate(table.headings):
        name = names.get("_".join(text.lower().replace("-", " ").replace("_", " ").split()))
        if name is None:
            continue
        if name in places:
            raise Unreadable(f"Two columns say “{name}”: columns {places[name] + 1} and {place + 1}. Keep one.")
        places[name] = place
    missing = [f"“{heading.name}”" for heading in headings if heading.is_needed and heading.name not in places]
    if missing:
        words = " and ".join(missing)
        raise Unreadable(f"There is no column {words}. Write the names of the columns into the first row.")
    return places


def left_alone(table: Table, places: Mapping[str, int]) -> tuple[str, ...]:
    """Headings of columns that nothing is read from."""
    return tuple(text for place, text in enumerate(table.headings) if place not in places.values())


def cell_of(cells: Sequence[str], places: Mapping[str, int], name: str) -> str:
    """A cell's text in one line, "" where the row or the file lacks it."""
    place = places.get(name)
    return " ".join(cells[place].split()) if place is not None and place < len(cells) else ""


def read_words(cell: str, name: str, *, longest: int, is_needed: bool = False) -> str:
    """A cell that holds words. Raises ``BadCell`` for formulas, for too many letters and for none where one is needed."""
    if FORMULA.fullmatch(cell):
        raise BadCell(f"{name}: {quoted(cell)} is a formula. Save the file with values in place of formulas.")
    if is_needed and not any(sign.isalnum() for sign in cell):
        raise BadCell(f"There is no {name}. Write one, or take the row out.")
    if len(cell) > longest:
        raise BadCell(f"{name}: {quoted(cell)} has {len(cell):,} characters. Shorten it to {longest}.")
    if not all(sign.isprintable() for sign in cell):
        raise BadCell(f"{name}: {quoted(cell)} holds signs that nobody sees. Write it anew.")
    return cell


def proposed_day_format(table: Table, column: int) -> str:
    """How most days of the column are written; "" where 3/4/2026 could be either or nothing looks like a day."""
    shapes = Counter(shape for cell in table.column(column) if (shape := day_shape(cell)))
    if not shapes:
        return ""
    most = shapes.most_common(1)[0][0]
    return most if most != "slashes" else slash_order(table.column(column)) or ""
