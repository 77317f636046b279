"""People and teams: who is here, who belongs where from when to when. Spans are ended, never overwritten."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from products.models import Ally, ApiToken, Assignment, Membership, Team, User
from products.services.edits import refuse_if_changed
from products.services.refusals import ended, first_day, in_words, refusing, span

ONE_DAY = timedelta(days=1)
PERSON_COLUMNS = ("name", "email", "is_admin")
TEAM_COLUMNS = ("name",)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What may be changed about a person."""

    name: str
    email: str
    is_admin: bool


class AddressTaken(Exception):
    """Somebody has this mail address already; it is the login, so there is one person for each."""


class TeamExists(Exception):
    """A team has this slug already."""


class RoleOverlaps(Exception):
    """The person holds a role in this team on some of these days; the message names it and how to end it."""


class NotInTeam(Exception):
    """The person was not in the team on the day before the end that was given."""


class LastAdmin(Exception):
    """Nobody else administers pmtrack, so this person has to go on doing it."""


@transaction.atomic
def add_person(*, email: str, name: str, password: str | None = None, is_admin: bool = False) -> User:
    """Add one colleague; the address is kept in lower case. Raises ``AddressTaken``."""
    with refusing(_taken(email)):
        return User.objects.create_user(email, name, password, is_admin=is_admin)


@transaction.atomic
def change_person(*, person: User, facts: PersonFacts, now: datetime, version: str | None = None) -> User:
    """Correct a name or address, give or take the administrator's rights.

    Raises ``AddressTaken``, ``LastAdmin`` and ``ChangedMeanwhile``.
    """
    held = _hold_person(person, keeps_admin=facts.is_admin)
    refuse_if_changed(row=held, columns=PERSON_COLUMNS, version=version, now=now)
    held.name, held.email, held.is_admin = facts.name, facts.email.lower(), facts.is_admin
    with refusing(_taken(facts.email)):
        held.save(update_fields=PERSON_COLUMNS)
    return held


@transaction.atomic
def mark_as_left(*, person: User, now: datetime, on: date | None = None) -> User:
    """The person has left: signed out everywhere, tokens revoked, roles over from ``on`` (today); what was done stays.

    The password goes, so that no old session comes back with the person. Again changes nothing. Raises ``LastAdmin``.
    """
    held = _hold_person(person, keeps_admin=False)
    if not held.is_active:
        return held
    held.is_active = False
    held.set_unusable_password()
    held.link_made_at = None
    held.save(update_fields=["is_active", "password", "link_made_at"])
    ApiToken.objects.filter(created_by=held, revoked_at__isnull=True).update(revoked_at=now)
    today = now.date()
    day = min(on or today, today)
    for table in (Membership, Assignment, Ally):
        open_still = Q(period__endswith__isnull=True) | Q(period__endswith__gt=day)
        for row in table._default_manager.select_for_update().filter(open_still, user=held).order_by("pk"):
            first = first_day(row.period)
            if first > today:
                row.delete()  # it never held, so no history goes
            else:
                row.period = ended(row.period, max(day, first + ONE_DAY))
                row.save(update_fields=["period"])
    return held


@transaction.atomic
def welcome_back(*, person: User) -> User:
    """The person is here again: roles, tokens and a password are given anew. Again changes nothing."""
    held = User.objects.select_for_update().get(pk=person.pk)
    if not held.is_active:
        held.is_active = True
        held.save(update_fields=["is_active"])
    return held


def _taken(email: str) -> dict[str, Exception]:
    taken = AddressTaken(f"{email.lower()} belongs to somebody already. Use that person, or another address.")
    return {"products_user_one_per_address": taken, "products_user_email_key": taken}


def _hold_person(person: User, *, keeps_admin: bool) -> User:
    """Lock the person and every administrator, in one order for all; refuse where none would be left."""
    admins = Q(is_admin=True, is_active=True)
    locked = {row.pk: row for row in User.objects.select_for_update().filter(admins | Q(pk=person.pk)).order_by("pk")}
    held = locked[person.pk]
    others = [row for row in locked.values() if row.pk != held.pk and row.is_admin and row.is_active]
    if held.is_admin and held.is_active and not keeps_admin and not others:
        raise LastAdmin(f"{held.name} is the only administrator. Make somebody else one first.")
    return held


@transaction.atomic
def add_team(*, slug: str, name: str) -> Team:
    """Add one team. Raises ``TeamExists``."""
    with refusing({"products_team_slug_key": TeamExists(f"There is a team '{slug}' already. Choose another slug.")}):
        return Team.objects.create(slug=slug, name=name)


@transaction.atomic
def rename_team(*, team: Team, name: str, now: datetime, version: str | None = None) -> Team:
    """Give a team another name; its address stays. Raises ``ChangedMeanwhile``."""
    held = Team.objects.select_for_update().get(pk=team.pk)
    refuse_if_changed(row=held, columns=TEAM_COLUMNS, version=version, now=now)
    held.name = name
    held.save(update_fields=["name"])
    return held


@transaction.atomic
def join_team(*, user: User, team: Team, role: str, start: date, end: date | None = None) -> Membership:
    """Put a person in a team for ``[start, end)``. Raises ``RoleOverlaps`` and ``SpanIsEmpty``."""
    period = span(start, end)
    held = Membership.objects.filter(user=user, team=team, period__overlap=period).first()
    words = f"{user.name} is {held.get_role_display()} of {team.name} {in_words(held.period)}" if held else ""
    overlap = RoleOverlaps(f"{words or 'Another role was added at the same time'}. End that role first.")
    if held is not None:
        raise overlap
    with refusing({"products_membership_one_role_at_a_time": overlap}):
        return Membership.objects.create(user=user, team=team, role=role, period=period)


@transaction.atomic
def leave_team(*, user: User, team: Team, end: date) -> Membership:
    """End the role that the person held until ``end``, the first day outside. Raises ``NotInTeam``.

    Saying the same again changes nothing; a role that was over before ``end`` is not prolonged.
    """
    held = Membership.objects.select_for_update().filter(user=user, team=team, period__contains=end - ONE_DAY).first()
    if held is None:
        raise NotInTeam(f"{user.name} was not in {team.name} on {end - ONE_DAY}, so cannot leave it on {end}.")
    held.period = ended(held.period, end)
    held.save(update_fields=["period"])
    return held
