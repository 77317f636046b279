"""A file with one KPI's days, to read one release from: strict, because a day in the wrong place would move the effect."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import nan

from pmtrack.web.tables.cells import BadCell, decimal_mark, quoted, read_day, read_number
from pmtrack.web.tables.files import SheetText, Table, Unreadable, guess_delimiter, read_table
from pmtrack.web.tables.rows import Heading, cell_of, find_columns, left_alone, proposed_day_format

VALUES = ("value", "num", "den")
MARKS = ("holiday", "other_release")
CONTROL = "ctrl"
MOST_CONTROLS = 3
COLUMNS = "date, value or num and den, ctrl1 to ctrl3, holiday, other_release"
YES, NO = {"1", "1.0", "true", "yes"}, {"", "0", "0.0", "false", "no"}
MOST_FAULTS = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DailySheet:
    """Every day from the first to the last, with NaN where a day has no value. A rate has ``num`` and ``den``, else they are empty."""

    days: tuple[date, ...]
    value: tuple[float, ...]
    num: tuple[float, ...]
    den: tuple[float, ...]
    controls: tuple[tuple[float, ...], ...]
    holiday: tuple[bool, ...]
    other_release: tuple[bool, ...]

    def place(self, day: date) -> int:
        """The number of ``day`` from the file's first on. Raises ``Unreadable`` where the file does not hold it."""
        place = (day - self.days[0]).days
        if not 0 <= place < len(self.days):
            raise Unreadable(
                f"The release date {day} lies outside the file, which runs from {self.days[0]} to {self.days[-1]}. "
                "Give a date of the file, or a file that holds the date."
            )
        return place


def read_daily(sheet: SheetText) -> DailySheet:
    """The days in ``sheet``. Raises ``Unreadable`` with all that is wrong, at most five faults, row by row."""
    table = read_table(sheet.text, guess_delimiter(sheet.text))
    places = _places(table)
    days = _days(table, places["date"])
    names = [name for name in places if name in VALUES or name.startswith(CONTROL)]
    numbers = {name: _numbers(table, places, name) for name in names}
    marks = {name: _marks(table, places, name) for name in MARKS if name in places}
    is_rate = _has_any(numbers.get("num", ())) or _has_any(numbers.get("den", ()))
    if is_rate:
        _check_rate(table, numbers)
    elif "value" not in numbers:
        raise Unreadable("The columns “num” and “den” hold no number. Fill them, or add a column “value”.")
    none = (False,) * len(days)
    return DailySheet(
        days,
        () if is_rate else numbers["value"],
        numbers["num"] if is_rate else (),
        numbers["den"] if is_rate else (),
        tuple(numbers[name] for name in names if name.startswith(CONTROL)),
        marks.get("holiday", none),
        marks.get("other_release", none),
    )


def _places(table: Table) -> dict[str, int]:
    """The place of each column. Raises ``Unreadable`` for unknown, doubled and missing ones."""
    controls = [text.lower() for text in table.headings if text.lower().startswith(CONTROL)]
    headings = [Heading("date", "", is_needed=True), *(Heading(name, "") for name in (*VALUES, *MARKS, *set(controls)))]
    places = find_columns(table, headings)
    if unknown := left_alone(table, places):
        names = " and ".join(f"“{name}”" for name in unknown)
        raise Unreadable(f"Nobody knows the column {names}. Known are {COLUMNS}: rename it or take it out.")
    if len(controls) > MOST_CONTROLS:
        raise Unreadable(
            f"There are {len(controls)} control columns; at most {MOST_CONTROLS} are used. Keep the closest."
        )
    if ("num" in places) != ("den" in places):
        has, lacks = ("num", "den") if "num" in places else ("den", "num")
        raise Unreadable(f"There is a column “{has}” and no column “{lacks}”. A rate needs both.")
    if "value" not in places and "num" not in places:
        raise Unreadable(
            "There is no column “value”, and no “num” and “den”. Name the column of the KPI’s values “value”."
        )
    return places


def _days(table: Table, place: int) -> tuple[date, ...]:
    """The days, each the one after the row before. Raises ``Unreadable``."""
    how = proposed_day_format(table, place) or "iso"
    days: list[date] = []
    faults: list[str] = []
    for number, cells in table.rows:
        if any(cell.strip() for cell in cells[len(table.headings) :]):
            faults.append(f"Row {number:,} has {len(cells)} cells under {len(table.headings)} headings.")
        try:
            days.append(read_day(cells[place] if place < len(cells) else "", how))
        except BadCell as error:
            faults.append(f"Row {number:,}, date: {error}")
    _refuse(faults)
    _refuse(_out_of_order(days, [number for number, _ in table.rows]))
    return tuple(days)


def _out_of_order(days: Sequence[date], numbers: Sequence[int]) -> Iterator[str]:
    """What is wrong with the order of the days."""
    rows: dict[date, int] = {}
    for place, (day, number) in enumerate(zip(days, numbers, strict=True)):
        before = days[place - 1] if place else day - DAY
        if day in rows:
            yield f"Row {number:,}: {day} stands in row {rows[day]:,} already. Keep one of them."
        elif day < before:
            yield f"Row {number:,}: {day} comes after {before}. Sort the rows by date."
        elif day != before + DAY:
            missing = (day - before).days - 1
            what = f"{before + DAY} is" if missing == 1 else f"{missing:,} days after {before} are"
            yield f"Row {number:,}: {what} missing. Add a row for each day, and leave its value empty where there is none."
        rows.setdefault(day, number)


def _numbers(table: Table, places: dict[str, int], name: str) -> tuple[float, ...]:
    """A column of numbers from 0 on; NaN for an empty cell. Raises ``Unreadable``."""
    mark = decimal_mark(table.column(places[name]))
    if mark is None:
        raise Unreadable(
            f"In the column “{name}” point and comma could be decimals or stand between thousands. "
            "Write the numbers without signs between thousands, and with one decimal mark."
        )
    found: list[float] = []
    faults: list[str] = []
    for number, cells in table.rows:
        text = cell_of(cells, places, name)
        try:
            found.append(float(read_number(text, mark)) if text else nan)
        except BadCell as error:
            faults.append(f"Row {number:,}, {name}: {error}")
            continue
        if found[-1] < 0:
            faults.append(f"Row {number:,}, {name}: {text} is below 0. Values are counts or amounts from 0 on.")
    _refuse(faults)
    return tuple(found)


def _marks(table: Table, places: dict[str, int], name: str) -> tuple[bool, ...]:
    """A column of 1 and 0. Raises ``Unreadable``."""
    texts = [(number, cell_of(cells, places, name)) for number, cells in table.rows]
    _refuse(
        f"Row {number:,}, {name}: {quoted(text)} is neither 1 nor 0."
        for number, text in texts
        if text.lower() not in YES | NO
    )
    return tuple(text.lower() in YES for _, text in texts)


def _check_rate(table: Table, numbers: dict[str, tuple[float, ...]]) -> None:
    """Raise ``Unreadable`` for shares above 1 and for halves of a rate."""
    rows = zip(table.rows, numbers["num"], numbers["den"], strict=True)
    faults = []
    for (number, _), num, den in rows:
        if (num == num) != (den == den):  # NaN is not itself
            faults.append(f"Row {number:,} has only one of num and den. Give both, or leave both empty.")
        elif den < num:
            faults.append(f"Row {number:,}: den {den:g} is smaller than num {num:g}. num counts a part of den.")
    _refuse(faults)


def _has_any(numbers: Sequence[float]) -> bool:
    return any(number == number for number in numbers)


def _refuse(faults: Iterator[str] | list[str]) -> None:
    """Raise ``Unreadable`` with the first faults, if there are any."""
    found = list(faults)
    if not found:
        return
    more = [f"… and {len(found) - MOST_FAULTS:,} more."] if len(found) > MOST_FAULTS else []
    raise Unreadable("\n".join([*found[:MOST_FAULTS], *more]))
