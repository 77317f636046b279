"""People and teams: who is here, who belongs where from when to when. Spans are ended, never overwritten."""

from datetime import date, timedelta

from django.db import transaction

from products.models import Membership, Team, User
from products.services.refusals import ended, in_words, refusing, span

ONE_DAY = timedelta(days=1)


class AddressTaken(Exception):
    """Somebody has this mail address already; it is the login, so there is one person for each."""


class TeamExists(Exception):
    """A team has this slug already."""


class RoleOverlaps(Exception):
    """The person holds a role in this team on some of these days; the message names it and how to end it."""


class NotInTeam(Exception):
    """The person was not in the team on the day before the end that was given."""


@transaction.atomic
def add_person(*, email: str, name: str, password: str | None = None, is_admin: bool = False) -> User:
    """Add one colleague; the address is kept in lower case. Raises ``AddressTaken``."""
    taken = AddressTaken(f"{email.lower()} belongs to somebody already. Use that person, or another address.")
    with refusing({"products_user_one_per_address": taken, "products_user_email_key": taken}):
        return User.objects.create_user(email, name, password, is_admin=is_admin)


@transaction.atomic
def add_team(*, slug: str, name: str) -> Team:
    """Add one team. Raises ``TeamExists``."""
    with refusing({"products_team_slug_key": TeamExists(f"There is a team '{slug}' already. Choose another slug.")}):
        return Team.objects.create(slug=slug, name=name)


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
