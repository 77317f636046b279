"""People, teams and roles through the services: spans are ended, never overwritten, and refusals speak in words."""

from datetime import date, timedelta

import pytest

from products.models import Ally, Assignment, Membership, Team, User
from products.queries.edits import ago, version_of
from products.services.edits import ChangedMeanwhile
from products.services.people import (
    AddressTaken,
    LastAdmin,
    NotInTeam,
    PersonFacts,
    RoleOverlaps,
    TeamExists,
    add_person,
    add_team,
    change_person,
    join_team,
    leave_team,
    mark_as_left,
    rename_team,
)
from products.services.products import add_ally
from products.services.refusals import SpanIsEmpty
from tests.conftest import Cast
from tests.factories import NOW

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


@pytest.mark.django_db
def test_a_new_person_signs_in_with_a_lower_case_address() -> None:
    maya = add_person(email="Maya@Example.com", name="Maya", password="a long password")
    assert maya.email == "maya@example.com"
    assert maya.check_password("a long password")


@pytest.mark.django_db
def test_a_person_without_a_password_cannot_sign_in() -> None:
    assert not add_person(email="maya@example.com", name="Maya").has_usable_password()


@pytest.mark.django_db
def test_one_address_belongs_to_one_person_whatever_its_case() -> None:
    add_person(email="maya@example.com", name="Maya")
    with pytest.raises(AddressTaken, match=r"maya@example\.com belongs to somebody already"):
        add_person(email="MAYA@example.com", name="Another Maya")
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_two_teams_never_share_a_slug() -> None:
    add_team(slug="booking", name="Booking")
    with pytest.raises(TeamExists, match="'booking' already"):
        add_team(slug="booking", name="Booking again")


def test_a_second_role_in_the_same_team_is_refused_in_words(cast: Cast) -> None:
    with pytest.raises(RoleOverlaps, match=r"Paula is PM of Platform since 2020-01-01.*End that role first"):
        join_team(user=cast.paula, team=cast.platform, role="lead", start=JUNE)


def test_leaving_ends_the_span_and_coming_back_starts_another(cast: Cast) -> None:
    leave_team(user=cast.paula, team=cast.platform, end=JUNE)
    join_team(user=cast.paula, team=cast.platform, role="lead", start=JULY)
    spans = Membership.objects.filter(user=cast.paula, team=cast.platform).order_by("period")
    assert [(row.role, row.period.lower, row.period.upper) for row in spans] == [
        ("pm", date(2020, 1, 1), JUNE),
        ("lead", JULY, None),
    ]


def test_leaving_twice_on_the_same_day_changes_nothing(cast: Cast) -> None:
    first = leave_team(user=cast.paula, team=cast.platform, end=JUNE)
    again = leave_team(user=cast.paula, team=cast.platform, end=JUNE)
    assert (again.pk, again.period) == (first.pk, first.period)


def test_nobody_leaves_a_team_that_he_was_not_in(cast: Cast) -> None:
    with pytest.raises(NotInTeam, match="Otto was not in Platform on 2026-05-31"):
        leave_team(user=cast.otto, team=cast.platform, end=JUNE)


def test_an_ended_membership_is_not_prolonged_by_leaving_later(cast: Cast) -> None:
    leave_team(user=cast.paula, team=cast.platform, end=MAY)
    with pytest.raises(NotInTeam):
        leave_team(user=cast.paula, team=cast.platform, end=JULY)


def test_a_span_ends_after_it_starts(cast: Cast) -> None:
    with pytest.raises(SpanIsEmpty, match="cannot end on 2026-06-01 if it starts on 2026-06-01"):
        join_team(user=cast.otto, team=cast.platform, role="member", start=JUNE, end=JUNE)


def test_who_leaves_ends_what_holds_today_and_takes_back_what_is_planned(cast: Cast) -> None:
    today = NOW.date()
    join_team(user=cast.emil, team=cast.platform, role="member", start=today)
    join_team(user=cast.emil, team=cast.finance, role="pm", start=JULY)
    add_ally(product=cast.switchyard, user=cast.emil, function="data", start=MAY, end=JULY)
    mark_as_left(person=cast.emil, now=NOW)
    tomorrow = today + timedelta(days=1)
    held = Membership.objects.filter(user=cast.emil).order_by("period")
    assert [(row.team.slug, row.period.upper) for row in held] == [("booking", today), ("platform", tomorrow)]
    assert Assignment.objects.get(user=cast.emil).period.upper == today
    assert Ally.objects.get(user=cast.emil).period.upper == today


def test_who_left_long_ago_is_not_touched_again(cast: Cast) -> None:
    leave_team(user=cast.emil, team=cast.booking, end=MAY)
    mark_as_left(person=cast.emil, now=NOW)
    mark_as_left(person=cast.emil, now=NOW + timedelta(days=9))
    assert Membership.objects.get(user=cast.emil).period.upper == MAY
    assert Assignment.objects.get(user=cast.emil).period.upper == NOW.date()


def test_the_only_administrator_stays_and_stays_one(cast: Cast) -> None:
    facts = PersonFacts(name="Ada", email="ada@example.com", is_admin=False)
    with pytest.raises(LastAdmin, match="Ada Admin is the only administrator"):
        change_person(person=cast.admin, facts=facts, now=NOW)
    with pytest.raises(LastAdmin):
        mark_as_left(person=cast.admin, now=NOW)
    renamed = change_person(person=cast.admin, facts=PersonFacts("Ada", "Ada@Example.com", True), now=NOW)
    assert (renamed.name, renamed.email) == ("Ada", "ada@example.com")


def test_a_command_without_a_version_is_never_in_conflict(cast: Cast) -> None:
    rename_team(team=cast.booking, name="Bookings", now=NOW)
    rename_team(team=cast.booking, name="Freight", now=NOW)
    assert Team.objects.get(pk=cast.booking.pk).name == "Freight"


def test_a_conflict_with_the_command_line_names_it(cast: Cast) -> None:
    rename_team(team=cast.booking, name="Bookings", now=NOW)
    with pytest.raises(ChangedMeanwhile, match="The command line changed Bookings just now"):
        rename_team(team=cast.booking, name="Freight", now=NOW, version=version_of(cast.booking, ["name"]))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "just now"),
        (1, "1 minute ago"),
        (59, "59 minutes ago"),
        (60, "1 hour ago"),
        (150, "2 hours ago"),
        (1500, "on 2026-06-15"),
    ],
)
def test_how_long_ago_is_said_in_words(minutes: int, words: str) -> None:
    assert ago(NOW, now=NOW + timedelta(minutes=minutes)) == words
