"""The audit's page and file for administrators, and everybody's own page."""

import csv
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.html import escape

from products.models import AuditEntry, Membership, User
from products.queries.audit import PAGE_ROWS, AuditFilter, about_me, audit_page
from products.queries.audit_words import in_words
from products.services.audit import record_export, record_refusal, record_sign_in
from products.services.people import join_team
from tests.conftest import Cast
from tests.factories import NOW, assign, make_kpi, make_token

Counting = Callable[[int], AbstractContextManager[object]]
ADDRESSES = ("/settings/audit/", "/settings/audit.csv")


def get(user: User | None, address: str, **query: str) -> object:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client.get(address, query, secure=True)


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(("name", "status"), [("admin", 200), ("lena", 403), ("emil", 403), ("otto", 403), (None, 302)])
def test_the_audit_is_for_administrators(cast: Cast, address: str, name: str | None, status: int) -> None:
    answer = get(getattr(cast, name) if name else None, address)
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_administrator_who_left_is_shown_nothing(cast: Cast, address: str) -> None:
    client = Client()
    client.force_login(cast.admin)
    User.objects.filter(pk=cast.admin.pk).update(is_active=False)
    assert client.get(address, secure=True).status_code == 302


def test_nothing_is_posted_to_the_audit(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.admin)
    assert [client.post(address, secure=True).status_code for address in ADDRESSES] == [405, 405]


def test_the_newest_stands_first_in_words(cast: Cast) -> None:
    record_sign_in(user=cast.emil, request_id="r-1", now=NOW)
    answer = get(cast.admin, "/settings/audit/")
    text = answer.text
    assert text.index("signed in") < text.index("added a PM of a product") < text.index("added a role in a team")
    assert "role: owner" in text
    assert "since 2020-01-01" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"who": "emil"}, {"signed_in"}),
        ({"who": "EMIL@example.com"}, {"signed_in"}),
        ({"who": "nobody at all"}, set()),
        ({"topic": "refusal"}, {"refused"}),
        ({"topic": "export"}, {"exported"}),
        ({"since": "2026-06-15", "until": "2026-06-15"}, {"signed_in", "refused"}),
        ({"until": "2026-06-14"}, {"exported"}),
        ({"topic": "refusal", "since": "2026-06-16"}, set()),
    ],
)
def test_the_filters_narrow_the_audit(cast: Cast, query: dict[str, str], expected: set[str]) -> None:
    first = AuditEntry.objects.latest("pk").pk
    record_sign_in(user=cast.emil, request_id="", now=NOW.replace(hour=0, minute=0))
    record_refusal(
        user=cast.otto, token=None, method="GET", address="/x/", status=403, request_id="",
        now=NOW.replace(hour=23, minute=59, second=59, microsecond=999_000),
    )  # fmt: skip
    record_export(
        user=cast.lena, token=None, address="/x.csv", size=7, request_id="", now=NOW - timedelta(days=1)
    )  # fmt: skip
    answer = get(cast.admin, "/settings/audit/", **query)
    shown = {row.id for row in answer.context["page"].rows if row.id > first}
    assert set(AuditEntry.objects.filter(pk__in=shown).values_list("deed", flat=True)) == expected


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"since": "yesterday"}, "Write the day like 2026-06-15."),
        ({"since": "2026-02-30"}, "Write the day like 2026-06-15."),
        ({"since": "2026-06-15", "until": "2026-06-14"}, "Choose a last day on or after 2026-06-15."),
        ({"topic": "gossip"}, "Choose what to show from the list."),
        ({"before": "-1"}, "There is no such page. Start from the newest."),
        ({"before": "9" * 30}, "There is no such page. Start from the newest."),
        ({"who": "x" * 300}, "Shorten the name or address."),
        ({"who": "a\x00b"}, "Null characters are not allowed."),
    ],
)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_bad_filter_is_refused_in_words_and_kept(cast: Cast, address: str, query: dict[str, str], words: str) -> None:
    answer = get(cast.admin, address, **query)
    assert answer.status_code == 422
    assert words in answer.text
    assert "<title>Error: Audit" in answer.text
    if "since" in query:
        assert f'value="{escape(query["since"])}"' in answer.text


@pytest.mark.parametrize("query", [{"until": "9999-12-31"}, {"since": "0001-01-01"}, {"who": "%_'\"\\"}])
def test_the_ends_of_time_and_wildcards_are_no_error(cast: Cast, query: dict[str, str]) -> None:
    assert get(cast.admin, "/settings/audit/", **query).status_code == 200


def test_the_pages_hold_every_entry_once(cast: Cast) -> None:
    for number in range(2 * PAGE_ROWS):
        record_sign_in(user=cast.emil, request_id=str(number), now=NOW)
    seen: list[int] = []
    before = None
    while True:
        page = audit_page(cast.admin, wanted=AuditFilter(before=before))
        seen += [row.id for row in page.rows]
        if page.older is None:
            break
        before = page.older
    assert seen == list(AuditEntry.objects.order_by("-pk").values_list("pk", flat=True))
    answer = get(cast.admin, "/settings/audit/", who="emil")
    assert f"?who=emil&amp;before={answer.context['page'].older}" in answer.text


@pytest.mark.parametrize("many", [1, 50])
def test_a_page_takes_one_statement_however_many_entries(
    cast: Cast, django_assert_num_queries: Counting, many: int
) -> None:
    for number in range(many):
        kpi = make_kpi(cast.checkout, f"kpi-{number}")
        record_sign_in(user=cast.emil, request_id="", now=NOW)
    assert kpi.pk
    with django_assert_num_queries(1):
        page = audit_page(cast.admin, wanted=AuditFilter(who="e", since=NOW.date()))
    assert page.rows


@pytest.mark.parametrize("many", [1, 50])
def test_ones_own_page_takes_five_statements_however_much_there_is(
    cast: Cast, django_assert_num_queries: Counting, many: int
) -> None:
    for number in range(many):
        make_token(cast.emil, product=cast.checkout)
        record_sign_in(user=cast.emil, request_id=str(number), now=NOW)
    with django_assert_num_queries(5):
        mine = about_me(cast.emil, now=NOW)
    assert len(mine.tokens) == many


def test_the_file_holds_exactly_the_rows_of_the_page(cast: Cast) -> None:
    User.objects.filter(pk=cast.emil.pk).update(name="=cmd|' /C calc'!A0")
    join_team(user=cast.emil, team=cast.finance, role="member", start=NOW.date())
    page = get(cast.admin, "/settings/audit/", topic="role", who="cmd")
    shown = page.context["page"].rows
    answer = get(cast.admin, "/settings/audit.csv", topic="role", who="cmd")
    head, *rows = rows_of(answer.text)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]
    assert head[0] == "When (UTC)"
    assert [row[2] for row in rows] == [row.what for row in shown]
    assert [row[4] for row in rows] == ["; ".join(row.details) for row in shown]
    assert rows[0][3].startswith("'=cmd|")
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row if cell)


def test_taking_the_file_is_written_down(cast: Cast) -> None:
    answer = get(cast.admin, "/settings/audit.csv", who="somebody")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.deed, entry.actor, entry.label) == ("exported", cast.admin, "/settings/audit.csv")
    assert entry.details == {"bytes": len(answer.content)}


def test_everybody_reads_what_is_written_about_himself_and_nothing_else(cast: Cast) -> None:
    record_sign_in(user=cast.emil, request_id="", now=NOW)
    record_sign_in(user=cast.paula, request_id="", now=NOW)
    mine = get(cast.emil, "/settings/about-me/").text
    assert "PM in Booking" in mine
    assert "PM (owner) of Checkout" in mine
    assert "Emil</span> signed in" in mine
    assert "Paula" not in mine
    assert get(None, "/settings/about-me/").status_code == 302


def test_a_person_sees_who_changed_his_role(cast: Cast) -> None:
    admin = Client()
    admin.force_login(cast.admin)
    held = Membership.objects.get(user=cast.otto)
    sent = {"user": cast.otto.pk, "team": cast.finance.pk, "role": "member", "period_0": "2021-01-01", "period_1": ""}
    assert admin.post(f"/admin/products/membership/{held.pk}/change/", sent, secure=True).status_code == 302
    text = get(cast.otto, "/settings/about-me/").text
    assert "Ada Admin</span> changed a role in a team" in text
    assert "since 2021-01-01" in text


def test_tokens_stand_in_words(cast: Cast) -> None:
    make_token(cast.emil, product=cast.checkout, scopes=["read"], now=NOW)
    token = cast.emil.tokens.get()
    assert [held.what for held in about_me(cast.emil, now=NOW).tokens] == [f"{token.name} for Checkout: read"]
    assert about_me(cast.emil, now=NOW).tokens[0].when == f"holds until {token.expires_at:%Y-%m-%d}, never used"
    assert about_me(cast.emil, now=token.expires_at).tokens[0].when.startswith("expired 20")


def test_somebody_without_anything_is_told_so(cast: Cast) -> None:
    text = get(cast.admin, "/settings/about-me/").text
    assert "You hold no role in a team or for a product." in text
    assert "You have made no API token." in text


def test_a_bad_page_of_ones_own_is_not_there(cast: Cast) -> None:
    assert get(cast.emil, "/settings/about-me/", before="x").status_code == 404
    assert "There is nothing older." in get(cast.emil, "/settings/about-me/", before="1").text


def test_an_entry_outlives_the_person_it_tells_of(cast: Cast) -> None:
    gone = User.objects.create(email="gone@example.com", name="Gone", password="!")
    record_sign_in(user=gone, request_id="", now=NOW)
    key = gone.pk
    gone.delete()
    entry = AuditEntry.objects.select_related("actor", "concerned", "token").get(deed="signed_in")
    assert in_words(entry).who == f"person {key}, who is gone"


def test_a_kpis_change_is_called_by_its_name(cast: Cast) -> None:
    kpi = make_kpi(cast.checkout, "conversion", target="0.4")
    type(kpi).objects.filter(pk=kpi.pk).update(target="0.5")
    row = audit_page(cast.admin, wanted=AuditFilter(topic="definition")).rows[0]
    assert (row.who, row.what, row.about) == ("The command line", "changed a KPI", "Conversion")
    assert row.details == ("target: 0.4 → 0.5",)
    assert datetime.now(UTC) - row.at < timedelta(hours=1)


def test_a_moved_product_says_from_whom_to_whom(cast: Cast) -> None:
    held = assign(cast.lena, cast.switchyard, "covering")
    type(held).objects.filter(pk=held.pk).update(user=cast.otto)
    row = audit_page(cast.admin, wanted=AuditFilter(topic="role")).rows[0]
    assert row.about == "Otto · Switchyard"
    assert row.details == (f"user: {cast.lena.pk} → {cast.otto.pk}",)
