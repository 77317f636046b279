"""A table of usage: one row for each team and week of an internal product, with the columns that REST takes, too."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pmtrack.web.tables.cells import BadCell, quoted, read_day
from pmtrack.web.tables.files import Table
from pmtrack.web.tables.rows import Heading, cell_of, find_columns, proposed_day_format, read_words

HEADINGS = (
    Heading("product", "Slug of an internal product of yours.", True, ("tool",)),
    Heading("team", "Slug of the team that used it.", True),
    Heading("week", "The Monday it starts on, like 2026-06-15, or its ISO number, like 2026-W25.", True, ("monday",)),
    Heading("active_users", "Colleagues of the team who used it that week; 0 says that nobody did.", True, ("active",)),
    Heading("eligible_users", "Colleagues of the team who could.", True, ("eligible",)),
    Heading("actions", "What they did in it, counted."),
)
COUNT = re.compile(r"\d{1,15}", re.ASCII)
ISO_WEEK = re.compile(r"\d{4}-?W\d{2}", re.ASCII)
MOST_USERS, MOST_ACTIONS = 2_000_000_000, 9_000_000_000_000
NO_MONDAY = "'week' must be the Monday it starts on, like 2026-06-15, or its ISO number, like 2026-W25."


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One team's week as the file says it; nothing is looked up yet."""

    number: int
    product: str
    team: str
    week: date
    active_users: int
    eligible_users: int
    actions: int


def monday_of(week: str) -> date | None:
    """The Monday that ``2026-06-15`` or ``2026-W25`` names; None where it names none."""
    try:
        day = date.fromisoformat(week)
    except ValueError:
        return None
    return day if day.weekday() == 0 else None


def usage_rows(table: Table) -> tuple[list[UsageRow], dict[int, str]]:
    """The rows understood, and the reasons why others are not. Raises ``Unreadable`` for missing columns."""
    places = find_columns(table, HEADINGS)
    day_format = proposed_day_format(table, places["week"])
    rows, reasons = [], {}
    for number, cells in table.rows:
        try:
            rows.append(_row(number, cells, places, day_format))
        except BadCell as error:
            reasons[number] = str(error)
    return rows, reasons


def _row(number: int, cells: Sequence[str], places: Mapping[str, int], day_format: str) -> UsageRow:
    """One row. Raises ``BadCell``."""
    return UsageRow(
        number=number,
        product=read_words(cell_of(cells, places, "product"), "product", longest=60, is_needed=True).lower(),
        team=read_words(cell_of(cells, places, "team"), "team", longest=60, is_needed=True).lower(),
        week=_week(cell_of(cells, places, "week"), day_format),
        active_users=_count(cell_of(cells, places, "active_users"), "active_users", MOST_USERS),
        eligible_users=_count(cell_of(cells, places, "eligible_users"), "eligible_users", MOST_USERS),
        actions=_count(cell_of(cells, places, "actions") or "0", "actions", MOST_ACTIONS),
    )


def _week(cell: str, day_format: str) -> date:
    """The Monday of a cell. Raises ``BadCell``; 3/4/2026 is never guessed at."""
    if ISO_WEEK.fullmatch(cell):
        monday = monday_of(cell)
    else:
        try:
            monday = monday_of(read_day(cell, day_format or "iso").isoformat())
        except BadCell as error:
            raise BadCell(f"week: {error}") from None
    if monday is None:
        raise BadCell(f"{quoted(cell)} starts no week. {NO_MONDAY}")
    return monday


def _count(cell: str, name: str, most: int) -> int:
    """A whole number from 0 on. Raises ``BadCell``: an empty cell is no zero."""
    if not cell:
        raise BadCell(f"{name}: there is no number. Write 0 where it is known to be none, or take the row out.")
    if not COUNT.fullmatch(cell) or int(cell) > most:
        told = f"{name}: {quoted(cell)} is no count. Write a whole number from 0 on, without signs between thousands."
        raise BadCell(told)
    return int(cell)
