"""What an imported table would make of one colleague's roles. Spans are ended, never overwritten; nothing is written here.

The file is the whole truth about the teams of each person whose rows name a team: a team that they do not name ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from products.models import Membership, MembershipRole, Team, User
from products.services.directory_rows import PersonRow

ONE_DAY = timedelta(days=1)


def _in_words(day: date) -> str:
    """``5 Jan 2026``."""
    return f"{day.day} {day:%b %Y}"


class Refused(Exception):
    """A row that cannot be applied: its number, and why."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number


@dataclass(slots=True)
class Span:
    """A role in a team for ``[start, end)``; ``held`` is the stored row, None for one that would be new."""

    team: Team
    role: str
    start: date
    end: date | None
    held: Membership | None = None

    def covers(self, day: date) -> bool:
        """Whether the role holds on ``day``."""
        return self.start <= day and (self.end is None or day < self.end)

    @property
    def words(self) -> str:
        """``PM of Booking from 5 Jan 2026``."""
        return f"{MembershipRole(self.role).label} of {self.team.name} from {_in_words(self.start)}"


@dataclass(slots=True)
class PersonPlan:
    """What would happen to one person: ``user`` is None for somebody new."""

    email: str
    name: str
    first_row: int
    user: User | None
    left_on: date | None = None
    renamed: bool = False
    joins: list[Span] = field(default_factory=list)
    cuts: list[Span] = field(default_factory=list)
    taken_back: list[Span] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def does_something(self) -> bool:
        """Whether anything would change."""
        return bool(self.words)

    @property
    def only_ends(self) -> bool:
        """Whether the person leaves, or a team alone."""
        return self.left_on is not None or (bool(self.cuts or self.taken_back) and not (self.joins or self.renamed))


def plan_person(
    rows: Sequence[PersonRow],
    *,
    user: User | None,
    memberships: Sequence[Membership],
    teams: Mapping[str, Team],
    today: date,
) -> PersonPlan:
    """The plan of one person from all of his rows. Raises ``Refused``."""
    first = rows[0]
    left_on = _left_on(rows, user, today)
    plan = PersonPlan(first.email, first.name, first.number, user)
    if user is not None and not user.is_active:
        return plan
    plan.renamed = user is not None and user.name != first.name
    if user is None:
        plan.words.append("new colleague")
    if plan.renamed:
        plan.words.append(f"is called {first.name}")
    spans = [
        Span(row.team, row.role, row.period.lower or date.min, row.period.upper, row)
        for row in sorted(memberships, key=lambda row: row.period.lower or date.min)
    ]
    for row in sorted((row for row in rows if row.team), key=lambda row: row.start or today):
        _place(row, plan, spans, teams, today)
    if left_on is not None:
        _leave(plan, left_on, rows)
    elif any(row.team for row in rows):
        _end_the_unnamed(plan, spans, rows, today)
    plan.words += [span.words for span in plan.joins]
    return plan


def _left_on(rows: Sequence[PersonRow], user: User | None, today: date) -> date | None:
    """The day on which the person left, the same in all rows that tell it. Raises ``Refused``."""
    for row in rows:
        if row.name != rows[0].name:
            raise Refused(row.number, f"{row.email} is “{rows[0].name}” in row {rows[0].number:,}. Keep one name.")
    told = [row for row in rows if row.left_on]
    for row in told:
        if row.left_on != told[0].left_on:
            raise Refused(row.number, f"{row.name} left on {told[0].left_on} in row {told[0].number:,}. Keep one day.")
        if row.left_on is not None and row.left_on > today:
            raise Refused(row.number, f"left_on: {row.left_on} is still to come. Leave it out until that day.")
    if told and user is not None and user.is_active and user.is_admin:
        words = f"{user.name} administers pmtrack. Take the administrator’s rights first, under Settings, People."
        raise Refused(told[0].number, words)
    if not told and user is not None and not user.is_active:
        words = f"{user.name} has left. Take them back under Settings, People, first; or say left_on."
        raise Refused(rows[0].number, words)
    return told[0].left_on if told else None


def _place(row: PersonRow, plan: PersonPlan, spans: list[Span], teams: Mapping[str, Team], today: date) -> None:
    """Put one row's role among the spans. Raises ``Refused``."""
    team = teams.get(row.team)
    if team is None:
        raise Refused(row.number, f"There is no team “{row.team}”. Add it first, or write the slug of another.")
    start = row.start or today
    ours = [span for span in spans if span.team.pk == team.pk]
    covering = next((span for span in ours if span.covers(start)), None)
    if covering is not None and covering.role == row.role:
        return
    new = Span(team, row.role, start, None)
    if covering is not None:
        new.end = covering.end
        _cut(row, covering, plan, spans, today)
    elif later := next((span for span in ours if span.start > start), None):
        held = f"{row.name} is {MembershipRole(later.role).label} of {team.name} from {later.start} on"
        raise Refused(row.number, f"{held}; a role from {start} on would overlap. Write {later.start} or a later day.")
    plan.joins.append(new)
    spans.append(new)


def _cut(row: PersonRow, span: Span, plan: PersonPlan, spans: list[Span], today: date) -> None:
    """End a role where another one begins; what has held stays. Raises ``Refused``."""
    start = row.start or today
    if span.held is None and span.start == start:
        raise Refused(row.number, f"{row.name} has two roles in {span.team.name} from {start} on. Keep one.")
    if span.held is not None and span.start == start:
        if start <= today:
            label = MembershipRole(span.role).label
            words = f"{row.name} is {label} of {span.team.name} since {start}, and what has held stays as it was."
            raise Refused(row.number, f"{words} Write a later day under “from”.")
        plan.taken_back.append(span)
        spans.remove(span)
        return
    span.end = start
    if span.held is not None and span not in plan.cuts:
        plan.cuts.append(span)


def _leave(plan: PersonPlan, left_on: date, rows: Sequence[PersonRow]) -> None:
    """Nothing holds after the day on which the person left. Raises ``Refused``."""
    for span in plan.joins:
        if span.start >= left_on:
            number = next(row.number for row in rows if row.team == span.team.slug)
            raise Refused(number, f"from: {span.start} is not before {left_on}, when {plan.name} left.")
        span.end = min(span.end or left_on, left_on)
    plan.left_on = left_on
    plan.words.append(f"left on {_in_words(left_on)}")


def _end_the_unnamed(plan: PersonPlan, spans: Sequence[Span], rows: Sequence[PersonRow], today: date) -> None:
    """End the teams that no row names: on the day on which the last named role begins, today where that is no news."""
    named = {row.team for row in rows}
    starts = [row.start for row in rows if row.start and row.start > today] or [span.start for span in plan.joins]
    day = max(starts, default=today)
    for span in spans:
        if span.team.slug in named or (span.end is not None and span.end <= max(day, today)):
            continue
        if span.start > today:
            plan.taken_back.append(span)
            plan.words.append(f"no longer to join {span.team.name}")
            continue
        span.end = max(day, span.start + ONE_DAY)
        plan.cuts.append(span)
        plan.words.append(f"no longer in {span.team.name} from {_in_words(span.end)}")
