"""What a dated role becomes from a day on: the row that held is ended, and another starts. What has held stays as it was."""

from datetime import date, datetime
from typing import TypeVar

from django.db import transaction

from products.models import Ally, Assignment, Membership
from products.services.edits import ChangedMeanwhile, refuse_if_changed
from products.services.products import AssignmentOverlaps, who_owns
from products.services.refusals import ended, first_day, in_words, refusing, span

Row = TypeVar("Row", Membership, Assignment, Ally)
MEMBERSHIP_COLUMNS = ASSIGNMENT_COLUMNS = ("role", "period")
ALLY_COLUMNS = ("function", "period")


class HasHeld(Exception):
    """The row held on that day already, so it cannot end or change then; the message says which day is the first."""


@transaction.atomic
def change_role(
    *, membership: Membership, role: str | None, start: date, now: datetime, version: str | None = None
) -> Membership | None:
    """From ``start`` on the person is ``role`` in the team, or (None) no longer in it. Gives back what holds then.

    A new role lasts as long as the one it follows. What has not begun may be taken back. Raises ``HasHeld`` and
    ``ChangedMeanwhile``.
    """
    held = _hold(membership)
    refuse_if_changed(row=held, columns=MEMBERSHIP_COLUMNS, version=version, now=now)
    until = _cut(held, start=start, now=now)
    becomes = None
    if role is not None:
        overlap = HasHeld(f"{held.user.name} has another role in {held.team.name} then. Choose another day.")
        with refusing({"products_membership_one_role_at_a_time": overlap}):
            period = span(start, until)
            becomes = Membership.objects.create(user=held.user, team=held.team, role=role, period=period)
    return becomes


@transaction.atomic
def change_assignment(
    *, assignment: Assignment, role: str | None, start: date, now: datetime, version: str | None = None
) -> Assignment | None:
    """From ``start`` on the person answers for the product as ``role``, or (None) no longer. Gives back what holds then.

    A new role lasts as long as the one it follows. Raises ``HasHeld``, ``AssignmentOverlaps`` and ``ChangedMeanwhile``.
    """
    held = _hold(assignment)
    refuse_if_changed(row=held, columns=ASSIGNMENT_COLUMNS, version=version, now=now)
    until = _cut(held, start=start, now=now)
    becomes = None
    if role is not None:
        refusals = {
            "products_assignment_one_role_at_a_time": HasHeld(
                f"{held.user.name} answers for {held.product.name} in another role then. Choose another day."
            ),
            "products_assignment_one_owner_at_a_time": AssignmentOverlaps(
                who_owns(held.product, start=start, end=until)
            ),
        }
        with refusing(refusals):
            period = span(start, until)
            becomes = Assignment.objects.create(user=held.user, product=held.product, role=role, period=period)
    return becomes


@transaction.atomic
def end_ally(*, ally: Ally, end: date, now: datetime, version: str | None = None) -> None:
    """From ``end`` on the colleague no longer works on the product. Raises ``HasHeld`` and ``ChangedMeanwhile``."""
    held = _hold(ally)
    refuse_if_changed(row=held, columns=ALLY_COLUMNS, version=version, now=now)
    _cut(held, start=end, now=now)


def _hold(row: Row) -> Row:
    held: Row | None = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if held is None:
        raise ChangedMeanwhile(f"Somebody took back {row} before it began.")
    return held


def _cut(row: Row, *, start: date, now: datetime) -> date | None:
    """End ``row`` on ``start``, or take it back where it has not begun; gives the day on which it would have ended."""
    first, until = first_day(row.period), row.period.upper
    if until is not None and start > until:
        raise HasHeld(f"{row} {in_words(row.period)} is over by {start}. Choose a day up to {until}.")
    if start > first:
        row.period = ended(row.period, start)
        row.save(update_fields=["period"])
    elif first > now.date():
        row.delete()  # it never held, so no history goes
    else:
        raise HasHeld(f"{row} holds since {first}. Choose a later day; what has held stays as it was.")
    return until
