"""What the rows of an imported directory say: teams, and colleagues with their roles. Nothing is looked up here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pmtrack.web.tables.cells import BadCell, quoted, read_day
from pmtrack.web.tables.files import Table
from pmtrack.web.tables.rows import Heading, cell_of, find_columns, proposed_day_format, read_words
from products.models import MembershipRole

SLUG = re.compile(r"[-a-zA-Z0-9_]{1,60}")
TEAM_HEADINGS = (
    Heading("slug", "The team’s short name in addresses, for ever: letters, digits, - and _.", True, ("team", "id")),
    Heading("name", "The name that people read.", True),
)
PEOPLE_HEADINGS = (
    Heading("email", "The mail address; it is the login and tells who it is.", True, ("mail", "e_mail")),
    Heading("name", "First and last name.", True),
    Heading("team", "The slug of a team. A colleague of two teams has two rows."),
    Heading("role", "lead, pm or member; needed where there is a team."),
    Heading("from", "The first day in that role; today where it is left out.", words=("start", "since", "from_day")),
    Heading("left_on", "The first day on which the person is no longer here.", words=("left", "left_day")),
)
ROLES = {**{role.value: role.value for role in MembershipRole}, "product_manager": "pm", "team_lead": "lead"}


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One team as the file names it."""

    number: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One colleague in one team (or none) as the file says it; ``start`` is None where no day stands."""

    number: int
    email: str
    name: str
    team: str
    role: str
    start: date | None
    left_on: date | None


def team_rows(table: Table) -> tuple[list[TeamRow], dict[int, str]]:
    """The rows understood, and the reasons why others are not. Raises ``Unreadable`` for missing columns."""
    places = find_columns(table, TEAM_HEADINGS)
    rows, reasons = [], {}
    for number, cells in table.rows:
        try:
            slug = read_words(cell_of(cells, places, "slug"), "slug", longest=60, is_needed=True)
            name = read_words(cell_of(cells, places, "name"), "name", longest=120, is_needed=True)
            if not SLUG.fullmatch(slug):
                raise BadCell(f"slug: {quoted(slug)} holds other signs than letters, digits, - and _.")
            rows.append(TeamRow(number, slug, name))
        except BadCell as error:
            reasons[number] = str(error)
    return rows, reasons


def person_rows(table: Table) -> tuple[list[PersonRow], dict[int, str]]:
    """The rows understood, and the reasons why others are not. Raises ``Unreadable`` for missing columns."""
    places = find_columns(table, PEOPLE_HEADINGS)
    days: list[str] = [name for name in ("from", "left_on") if name in places]
    formats: dict[str, str] = {name: proposed_day_format(table, places[name]) for name in days}
    rows, reasons = [], {}
    for number, cells in table.rows:
        try:
            rows.append(_person(number, cells, places, formats))
        except BadCell as error:
            reasons[number] = str(error)
    return rows, reasons


def _person(number: int, cells: Sequence[str], places: Mapping[str, int], formats: Mapping[str, str]) -> PersonRow:
    team = read_words(cell_of(cells, places, "team"), "team", longest=60)
    role = read_words(cell_of(cells, places, "role"), "role", longest=40)
    if role and not team:
        raise BadCell(f"There is a role, {quoted(role)}, and no team. Name the team, or take the role out.")
    if team and not role:
        raise BadCell(f"There is a team, {quoted(team)}, and no role. Write lead, pm or member.")
    known = ROLES.get(role.lower().replace(" ", "_").replace("-", "_"), "")
    if role and not known:
        raise BadCell(f"role: {quoted(role)} is none of lead, pm and member.")
    return PersonRow(
        number=number,
        email=_mail(cell_of(cells, places, "email")),
        name=read_words(cell_of(cells, places, "name"), "name", longest=120, is_needed=True),
        team=team,
        role=known,
        start=day_in(cell_of(cells, places, "from"), "from", formats),
        left_on=day_in(cell_of(cells, places, "left_on"), "left_on", formats),
    )


def day_in(cell: str, name: str, formats: Mapping[str, str]) -> date | None:
    """The day in a cell, None in an empty one. Raises ``BadCell``, also where 3/4/2026 could be either day."""
    if not cell:
        return None
    try:
        return read_day(cell, formats.get(name) or "iso")
    except BadCell as error:
        raise BadCell(f"{name}: {error}") from None


def _mail(cell: str) -> str:
    mail = read_words(cell, "email", longest=254, is_needed=True).lower()
    try:
        validate_email(mail)
    except ValidationError:
        raise BadCell(f"email: {quoted(cell)} is no mail address. Write one like ines@example.com.") from None
    return mail
