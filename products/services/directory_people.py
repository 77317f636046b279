"""Colleagues and their dated roles from an imported table: added, renamed, moved, marked as left; never taken away."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from pmtrack.web.tables.files import Table
from products.models import Membership, Team, User
from products.services.directory_plan import PersonPlan, Refused, plan_person
from products.services.directory_rows import PersonRow, person_rows
from products.services.people import mark_as_left
from products.services.refusals import refusing, span
from products.services.sheets import Line, Looked, one_import_at_a_time, refusals_of, refuse_unless_asked


class DirectoryMoved(Exception):
    """Somebody changed the same people while the file was being applied; nothing was."""


@dataclass(frozen=True, slots=True)
class _Plan:
    looked: Looked
    people: tuple[PersonPlan, ...]


def look_at_people(*, table: Table, today: date) -> Looked:
    """What applying the table would do. Writes nothing; three statements. Raises ``Unreadable``."""
    return _plan(table, today).looked


@transaction.atomic
def apply_people(*, table: Table, keep_good_rows: bool, now: datetime) -> Looked:
    """Bring people and their roles to what the table says; what was done.

    Raises ``Unreadable``, ``NothingToApply``, ``RowsRefused`` and ``DirectoryMoved``; then nothing is changed.
    """
    one_import_at_a_time()
    plan = _plan(table, now.date())
    refuse_unless_asked(plan.looked, keep_good_rows=keep_good_rows)
    moved = DirectoryMoved("Somebody changed these people at the same time. Look at the file again.")
    taken = ("products_user_one_per_address", "products_user_email_key", "products_membership_one_role_at_a_time")
    with refusing(dict.fromkeys(taken, moved)):
        _write(plan.people, now=now)
    return plan.looked


def _plan(table: Table, today: date) -> _Plan:
    rows, reasons = person_rows(table)
    by_mail: defaultdict[str, list[PersonRow]] = defaultdict(list)
    for row in rows:
        by_mail[row.email].append(row)
    users = {user.email: user for user in User.objects.filter(email__in=by_mail)}
    teams = {team.slug: team for team in Team.objects.filter(slug__in={row.team for row in rows if row.team})}
    held: defaultdict[int, list[Membership]] = defaultdict(list)
    for membership in Membership.objects.filter(user__in=users.values()).select_related("team"):
        held[membership.user_id].append(membership)
    refused_mails = _mails_of(table, reasons)
    plans = []
    for mail, theirs in by_mail.items():
        user = users.get(mail)
        try:
            if mail in refused_mails:
                raise Refused(theirs[0].number, f"Row {refused_mails[mail]:,} of the same person is refused. Mend it.")
            known = held[user.pk] if user else []
            plans.append(plan_person(theirs, user=user, memberships=known, teams=teams, today=today))
        except Refused as error:
            same = f"Row {error.number:,} of the same person is refused. Mend it."
            reasons |= {row.number: str(error) if row.number == error.number else same for row in theirs}
    kept = {plan.email for plan in plans if not plan.does_something}
    same_rows = sum(len(by_mail[mail]) for mail in kept)
    return _Plan(_looked(plans, same_rows, table, reasons), tuple(plan for plan in plans if plan.does_something))


def _mails_of(table: Table, reasons: dict[int, str]) -> dict[str, int]:
    """The addresses that stand in refused rows, in whatever cell, with the row: such a person is not known whole."""
    return {
        cell.strip().lower(): number
        for number, cells in reversed(table.rows)
        if number in reasons
        for cell in cells
        if "@" in cell
    }


def _looked(plans: Sequence[PersonPlan], same: int, table: Table, reasons: dict[int, str]) -> Looked:
    lines = [
        (plan, Line(plan.first_row, plan.user.name if plan.user else plan.name, "; ".join(plan.words)))
        for plan in plans
        if plan.does_something
    ]
    return Looked(
        new=tuple(line for plan, line in lines if plan.user is None),
        changed=tuple(line for plan, line in lines if plan.user is not None and not plan.only_ends),
        ended=tuple(line for plan, line in lines if plan.user is not None and plan.only_ends),
        same=same,
        refused=refusals_of(dict(table.rows), reasons),
    )


def _write(plans: Sequence[PersonPlan], *, now: datetime) -> None:
    """Everything that the plans say: spans end before others begin, and people leave last."""
    users = {plan.email: plan.user or _unsaved(plan) for plan in plans}
    User.objects.bulk_create(user for user in users.values() if user.pk is None)
    for plan in plans:
        if plan.renamed:
            users[plan.email].name = plan.name
            users[plan.email].save(update_fields=["name"])
    Membership.objects.filter(pk__in=[span.held.pk for plan in plans for span in plan.taken_back if span.held]).delete()
    cuts = [(one, one.held) for plan in plans for one in plan.cuts if one.held]
    for one, row in cuts:
        row.period = span(one.start, one.end)
    Membership.objects.bulk_update([row for _, row in cuts], ["period"], batch_size=500)
    Membership.objects.bulk_create(
        Membership(user=users[plan.email], team=one.team, role=one.role, period=span(one.start, one.end))
        for plan in plans
        for one in plan.joins
    )
    for plan in plans:
        if plan.left_on is not None and plan.user is not None:
            mark_as_left(person=plan.user, now=now, on=plan.left_on)


def _unsaved(plan: PersonPlan) -> User:
    """Somebody new, without a password; one who has left already is stored as such."""
    user = User(email=plan.email, name=plan.name, is_active=plan.left_on is None)
    user.set_unusable_password()
    return user
