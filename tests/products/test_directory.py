"""The directory from a table: what a row does to a person and to roles, and why it is refused; nobody is ever taken away."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pmtrack.web.tables.files import read_table
from products.models import ApiToken, Membership, User
from products.services.directory_people import apply_people, look_at_people
from tests.conftest import Cast
from tests.factories import NOW, join, make_token, make_user

TODAY = NOW.date()
HEAD = "email,name,team,role,from,left_on\n"
PAULA = "paula@example.com,Paula,platform,pm,2020-01-01,\n"


def roles(user: User) -> list[tuple[str, str, date | None, date | None]]:
    """Team, role and days of a person's spans, the oldest first."""
    rows = Membership.objects.filter(user=user).select_related("team").order_by("period")
    return [(row.team.slug, row.role, row.period.lower, row.period.upper) for row in rows]


def apply(cast: Cast, content: str, *, keep: bool = False, now: datetime = NOW) -> Any:
    """Apply rows below the header."""
    return apply_people(table=read_table(HEAD + content, "comma"), keep_good_rows=keep, now=now)


def reasons(content: str) -> dict[int, str]:
    """Why rows below the header are refused, by number."""
    looked = look_at_people(table=read_table(HEAD + content, "comma"), today=TODAY)
    return {row.number: row.reason for row in looked.refused}


def test_a_new_colleague_starts_in_a_team_without_a_password(cast: Cast) -> None:
    apply(cast, "Nora@Example.com,Nora New,booking,PM,2026-05-01,\n")
    nora = User.objects.get(email="nora@example.com")
    assert (nora.name, nora.is_active, nora.has_usable_password()) == ("Nora New", True, False)
    assert roles(nora) == [("booking", "pm", date(2026, 5, 1), None)]


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    rows = PAULA + "nora@example.com,Nora,booking,pm,2026-05-01,\nnora@example.com,Nora,finance,member,2026-07-01,\n"
    assert apply(cast, rows).does_something
    again = look_at_people(table=read_table(HEAD + rows, "comma"), today=TODAY)
    assert (again.does_something, again.same, again.refused) == (False, 3, ())
    later = look_at_people(table=read_table(HEAD + rows, "comma"), today=TODAY + timedelta(days=60))
    assert not later.does_something


def test_another_role_ends_the_old_one_on_the_day_and_starts_a_new_one(cast: Cast) -> None:
    apply(cast, "paula@example.com,Paula,platform,lead,2026-06-01,\n")
    assert roles(cast.paula) == [
        ("platform", "pm", date(2020, 1, 1), date(2026, 6, 1)),
        ("platform", "lead", date(2026, 6, 1), None),
    ]


def test_a_move_to_another_team_ends_the_team_that_is_no_longer_named(cast: Cast) -> None:
    done = apply(cast, "paula@example.com,Paula,booking,pm,2026-06-01,\n")
    assert "no longer in Platform from 1 Jun 2026" in done.changed[0].words
    assert roles(cast.paula) == [
        ("platform", "pm", date(2020, 1, 1), date(2026, 6, 1)),
        ("booking", "pm", date(2026, 6, 1), None),
    ]


def test_a_move_that_is_still_to_come_ends_the_old_team_on_that_day_and_stays_so(cast: Cast) -> None:
    row = "paula@example.com,Paula,booking,pm,2026-09-01,\n"
    apply(cast, row)
    assert roles(cast.paula)[0] == ("platform", "pm", date(2020, 1, 1), date(2026, 9, 1))
    assert not look_at_people(table=read_table(HEAD + row, "comma"), today=TODAY).does_something


def test_a_history_of_roles_is_told_row_by_row(cast: Cast) -> None:
    apply(
        cast, "nora@example.com,Nora,booking,pm,2025-01-01,\nnora@example.com,Nora,booking,member,2024-01-01,\n"
        "nora@example.com,Nora,booking,lead,2026-01-01,\n",
    )  # fmt: skip
    assert roles(User.objects.get(name="Nora")) == [
        ("booking", "member", date(2024, 1, 1), date(2025, 1, 1)),
        ("booking", "pm", date(2025, 1, 1), date(2026, 1, 1)),
        ("booking", "lead", date(2026, 1, 1), None),
    ]


def test_a_row_without_a_team_leaves_all_roles_as_they_are(cast: Cast) -> None:
    done = apply(cast, "lena@example.com,Lena Lund,,,,\n")
    cast.lena.refresh_from_db()
    assert (cast.lena.name, len(roles(cast.lena))) == ("Lena Lund", 2)
    assert done.changed[0].words == "is called Lena Lund"


def test_who_left_is_signed_out_and_stays_as_on_the_day(cast: Cast, client: Client) -> None:
    make_token(cast.emil, product=cast.checkout)
    client.force_login(cast.emil)
    done = apply(cast, "emil@example.com,Emil,booking,pm,2020-01-01,2026-06-10\n")
    assert (len(done.ended), done.ended[0].words) == (1, "left on 10 Jun 2026")
    cast.emil.refresh_from_db()
    assert not cast.emil.is_active
    assert roles(cast.emil) == [("booking", "pm", date(2020, 1, 1), date(2026, 6, 10))]
    assert cast.emil.assignments.get().period.upper == date(2026, 6, 10)
    assert ApiToken.objects.get().revoked_at == NOW
    assert client.get("/products/").status_code == 302
    again = look_at_people(
        table=read_table(HEAD + "emil@example.com,Emil,booking,pm,2020-01-01,2026-06-10\n", "comma"), today=TODAY
    )
    assert (again.does_something, again.same) == (False, 1)


def test_somebody_who_left_before_is_stored_with_the_past(cast: Cast) -> None:
    apply(cast, "olga@example.com,Olga,booking,pm,2021-01-01,2023-01-01\n")
    olga = User.objects.get(name="Olga")
    assert (olga.is_active, roles(olga)) == (False, [("booking", "pm", date(2021, 1, 1), date(2023, 1, 1))])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("nobody,Nora,booking,pm,2026-01-01,", "“nobody” is no mail address"),
        (",Nora,booking,pm,2026-01-01,", "There is no email"),
        ("nora@example.com,,booking,pm,2026-01-01,", "There is no name"),
        ("nora@example.com,=1+1,booking,pm,2026-01-01,", "is a formula"),
        ("nora@example.com," + "N" * 121 + ",booking,pm,2026-01-01,", "has 121 characters. Shorten it to 120"),
        ("nora@example.com,No\u202era,booking,pm,2026-01-01,", "signs that nobody sees"),
        ("nora@example.com,Nora,harbour,pm,2026-01-01,", "There is no team “harbour”"),
        ("nora@example.com,Nora,booking,boss,2026-01-01,", "“boss” is none of lead, pm and member"),
        ("nora@example.com,Nora,booking,,2026-01-01,", "no role. Write lead, pm or member"),
        ("nora@example.com,Nora,,pm,2026-01-01,", "no team. Name the team"),
        ("nora@example.com,Nora,booking,pm,3/4/2026,", "“3/4/2026” is not written year-month-day"),
        ("nora@example.com,Nora,booking,pm,2026-02-30,", "is no day of the calendar"),
        ("nora@example.com,Nora,booking,pm,2026-01-01,2026-07-01", "is still to come"),
        ("nora@example.com,Nora,booking,pm,2026-05-01,2026-05-01", "is not before 2026-05-01, when Nora left"),
        ("paula@example.com,Paula,platform,pm,2019-01-01,", "would overlap. Write 2020-01-01 or a later day"),
        ("paula@example.com,Paula,platform,lead,2020-01-01,", "what has held stays as it was"),
        ("ada@example.com,Ada Admin,,,,2026-06-01", "Take the administrator’s rights first"),
        ("gone@example.com,Gone,booking,pm,2026-01-01,", "Gone has left. Take them back"),
    ],
)
def test_a_row_that_cannot_be_applied_says_why_and_how_to_mend_it(cast: Cast, row: str, words: str) -> None:
    make_user("Gone", is_active=False)
    told = reasons(row + "\n")
    assert words in told[2], told


def test_rows_of_one_person_that_disagree_are_all_refused(cast: Cast) -> None:
    names = reasons("nora@example.com,Nora,booking,pm,2026-01-01,\nnora@example.com,Norah,finance,pm,2026-01-01,\n")
    assert "is “Nora” in row 2. Keep one name." in names[3]
    assert "Row 3 of the same person is refused" in names[2]
    two = reasons("nora@example.com,Nora,booking,pm,2026-01-01,\nnora@example.com,Nora,booking,lead,2026-01-01,\n")
    assert "two roles in Booking from 2026-01-01 on. Keep one." in two[3]
    days = reasons("olga@example.com,Olga,,,,2026-01-01\nolga@example.com,Olga,,,,2026-02-01\n")
    assert "left on 2026-01-01 in row 2" in days[3]


def test_a_refused_row_never_ends_the_team_it_was_to_name(cast: Cast) -> None:
    rows = "lena@example.com,Lena,platform,lead,2020-01-01,\nlena@example.com,Lena,booking,leed,2020-01-01,\n"
    looked = apply_nothing(cast, rows)
    assert {row.number for row in looked.refused} == {2, 3}
    assert len(roles(cast.lena)) == 2


def apply_nothing(cast: Cast, rows: str) -> Any:
    """What a look says about rows that change nothing."""
    looked = look_at_people(table=read_table(HEAD + rows, "comma"), today=TODAY)
    assert not looked.does_something
    return looked


def test_a_look_takes_as_many_statements_for_one_row_as_for_fifty(cast: Cast) -> None:
    counts = []
    for people in (1, 50):
        rows = [f"p{number}@example.com,P{number},booking,member,2026-01-01,\n" for number in range(people)]
        for number in range(people):
            user, _ = User.objects.get_or_create(email=f"p{number}@example.com", defaults={"name": "Old"})
            if not user.memberships.exists():
                join(user, cast.finance, "member")
        with CaptureQueriesContext(connection) as statements:
            looked = look_at_people(table=read_table(HEAD + "".join(rows), "comma"), today=TODAY)
        assert len(looked.changed) == people
        counts.append(len(statements))
    assert counts[0] == counts[1] == 3


@pytest.mark.parametrize("size", [2_000])
def test_a_large_directory_goes_in_at_once(
    cast: Cast, size: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    rows = "".join(f"p{number}@example.com,Person {number},booking,member,2026-01-01,\n" for number in range(size))
    with django_assert_max_num_queries(20):
        apply(cast, rows)
    assert Membership.objects.filter(team=cast.booking, role="member").count() == size
