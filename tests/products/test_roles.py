"""Dated roles through the services: one row ends, another starts, and what has held stays as it was."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from products.models import Ally, Assignment, Membership, User
from products.queries.edits import version_of
from products.services.edits import ChangedMeanwhile
from products.services.people import join_team
from products.services.products import AssignmentOverlaps, add_ally, assign_pm
from products.services.roles import (
    MEMBERSHIP_COLUMNS,
    HasHeld,
    change_assignment,
    change_role,
    end_ally,
)
from tests.conftest import Cast
from tests.factories import LONG_AGO, NOW
from tests.together import at_once

TODAY = NOW.date()
MAY, JULY, AUGUST, OCTOBER = date(2026, 5, 1), date(2026, 7, 1), date(2026, 8, 1), date(2026, 10, 1)


def spans(rows: object) -> list[tuple[str, date, date | None]]:
    """Role, first day and end of each row, in order."""
    return [(row.role, row.period.lower, row.period.upper) for row in rows.order_by("period")]


def of_paula(cast: Cast) -> Membership:
    """Paula's role in Platform."""
    return Membership.objects.get(user=cast.paula)


def test_a_pm_who_becomes_lead_has_been_a_pm_until_then(cast: Cast) -> None:
    change_role(membership=of_paula(cast), role="lead", start=MAY, now=NOW)
    held = Membership.objects.filter(user=cast.paula, team=cast.platform)
    assert spans(held) == [("pm", LONG_AGO, MAY), ("lead", MAY, None)]


def test_a_new_role_lasts_as_long_as_the_one_it_follows(cast: Cast) -> None:
    row = join_team(user=cast.otto, team=cast.booking, role="member", start=MAY, end=OCTOBER)
    change_role(membership=row, role="pm", start=JULY, now=NOW)
    held = Membership.objects.filter(user=cast.otto, team=cast.booking)
    assert spans(held) == [("member", MAY, JULY), ("pm", JULY, OCTOBER)]


def test_who_leaves_a_team_was_in_it_until_then(cast: Cast) -> None:
    assert change_role(membership=of_paula(cast), role=None, start=MAY, now=NOW) is None
    assert spans(Membership.objects.filter(user=cast.paula)) == [("pm", LONG_AGO, MAY)]


def test_a_role_that_has_held_is_never_taken_back(cast: Cast) -> None:
    with pytest.raises(HasHeld, match=r"holds since 2020-01-01\. Choose a later day"):
        change_role(membership=of_paula(cast), role=None, start=LONG_AGO, now=NOW)
    row = join_team(user=cast.otto, team=cast.booking, role="member", start=TODAY)
    with pytest.raises(HasHeld):
        change_role(membership=row, role=None, start=TODAY, now=NOW)


def test_a_role_that_has_not_begun_can_be_taken_back(cast: Cast) -> None:
    row = join_team(user=cast.otto, team=cast.booking, role="member", start=TODAY + timedelta(days=1))
    change_role(membership=row, role=None, start=TODAY, now=NOW)
    assert not Membership.objects.filter(user=cast.otto, team=cast.booking).exists()
    with pytest.raises(ChangedMeanwhile, match="before it began"):
        change_role(membership=row, role="pm", start=JULY, now=NOW)


def test_a_role_that_is_over_does_not_start_again_after_a_gap(cast: Cast) -> None:
    change_role(membership=of_paula(cast), role=None, start=MAY, now=NOW)
    with pytest.raises(HasHeld, match="is over by 2026-07-01"):
        change_role(membership=of_paula(cast), role="lead", start=JULY, now=NOW)


def test_a_change_never_runs_into_a_role_that_follows(cast: Cast) -> None:
    first = join_team(user=cast.otto, team=cast.booking, role="member", start=MAY, end=JULY)
    later = join_team(user=cast.otto, team=cast.booking, role="pm", start=AUGUST)
    with pytest.raises(HasHeld, match="another role in Booking then"):
        change_role(membership=later, role="lead", start=date(2026, 6, 20), now=NOW)
    assert spans(Membership.objects.filter(user=cast.otto, team=cast.booking)) == [
        ("member", MAY, JULY),
        ("pm", AUGUST, None),
    ]
    assert first.pk


def acts(user: User) -> None:
    """What the middleware tells the audit about a request of ``user``'s, for the rest of the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pmtrack.actor', %s, true)", [str(user.pk)])


def test_a_role_somebody_else_changed_first_is_told_and_left_alone(cast: Cast) -> None:
    seen = version_of(of_paula(cast), MEMBERSHIP_COLUMNS)
    acts(cast.lena)
    change_role(membership=of_paula(cast), role=None, start=AUGUST, now=NOW, version=seen)
    later = datetime.now(UTC) + timedelta(minutes=3, seconds=5)  # the audit has a clock of its own
    with pytest.raises(ChangedMeanwhile, match="Lena changed Paula as PM in Platform 3 minutes ago"):
        change_role(membership=of_paula(cast), role="lead", start=JULY, now=later, version=seen)
    assert spans(Membership.objects.filter(user=cast.paula)) == [("pm", LONG_AGO, AUGUST)]


def test_an_owner_hands_over_and_becomes_co_owner(cast: Cast) -> None:
    row = Assignment.objects.get(user=cast.emil)
    change_assignment(assignment=row, role="co_owner", start=MAY, now=NOW)
    assign_pm(user=cast.paula, product=cast.checkout, role="owner", start=MAY)
    assert spans(Assignment.objects.filter(product=cast.checkout, user=cast.emil)) == [
        ("owner", LONG_AGO, MAY),
        ("co_owner", MAY, None),
    ]


def test_nobody_becomes_a_second_owner_by_a_change(cast: Cast) -> None:
    row = assign_pm(user=cast.paula, product=cast.checkout, role="covering", start=MAY)
    with pytest.raises(AssignmentOverlaps, match="Emil owns Checkout since 2020-01-01"):
        change_assignment(assignment=row, role="owner", start=JULY, now=NOW)
    assert spans(Assignment.objects.filter(user=cast.paula, product=cast.checkout)) == [("covering", MAY, None)]


def test_an_assignment_that_ends_keeps_its_past(cast: Cast) -> None:
    row = Assignment.objects.get(user=cast.emil)
    assert change_assignment(assignment=row, role=None, start=JULY, now=NOW) is None
    assert spans(Assignment.objects.filter(user=cast.emil)) == [("owner", LONG_AGO, JULY)]


def test_an_ally_ends_and_keeps_its_past(cast: Cast) -> None:
    row = add_ally(product=cast.checkout, user=cast.otto, function="legal", start=MAY)
    end_ally(ally=row, end=JULY, now=NOW)
    assert [(one.period.lower, one.period.upper) for one in Ally.objects.all()] == [(MAY, JULY)]


@pytest.mark.django_db(transaction=True)
def test_twenty_browsers_changing_one_role_at_once_leave_one_whole_history(cast: Cast) -> None:
    row = of_paula(cast)
    seen = version_of(row, MEMBERSHIP_COLUMNS)

    def change(role: str) -> bool:
        try:
            change_role(membership=of_paula(cast), role=role, start=MAY, now=NOW, version=seen)
        except (ChangedMeanwhile, HasHeld):
            return False
        return True

    assert sum(at_once(change, ["lead", "member"] * 10)) == 1
    held = spans(Membership.objects.filter(user=cast.paula))
    assert held[0] == ("pm", LONG_AGO, MAY)
    assert len(held) == 2
