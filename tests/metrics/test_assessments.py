"""What leads make of internal products: who writes, who reads, and that every version stays."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client

from metrics.catalog.quarters import Quarter, quarter_named, quarter_of
from metrics.models import Assessment
from metrics.queries.assessments import assessed_quarters
from metrics.services.assessments import Answers, AssessedMeanwhile, NotYours, QuarterAhead, assess
from products.models import AuditEntry, User
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import assign, join, make_product, make_team, make_token, make_user, own
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
Q2 = Quarter(date(2026, 4, 1))
CANARY = "xylophone-heron"
ANSWERS = Answers(f"Booking shipped without us: {CANARY}.", "They would have waited.", "Emil, E-1.")


def written(cast: Cast, now: datetime, *, by: User | None = None, **given: Any) -> Assessment:
    """An assessment of Switchyard by Lena."""
    said = {"product": cast.switchyard, "quarter": Q2, "answers": ANSWERS, **given}
    return assess(by=by or cast.lena, now=now, **said)


@pytest.mark.parametrize(
    ("day", "name", "end"),
    [
        (date(2026, 1, 1), "2026-Q1", date(2026, 4, 1)),
        (date(2026, 6, 30), "2026-Q2", date(2026, 7, 1)),
        (date(2024, 12, 31), "2024-Q4", date(2025, 1, 1)),
    ],
)
def test_quarters_have_names_and_ends(day: date, name: str, end: date) -> None:
    quarter = quarter_of(day)
    assert (quarter.name, quarter.end) == (name, end)
    assert quarter_named(name) == quarter


@pytest.mark.parametrize("name", ["2026-Q5", "2026-q1", "26-Q1", "2026-Q1x", "", "1999-Q1"])
def test_what_is_no_quarter_names_none(name: str) -> None:
    assert quarter_named(name) is None


def test_a_new_version_leaves_the_old_one_readable(cast: Cast, now: datetime) -> None:
    written(cast, now)
    written(cast, now, answers=replace(ANSWERS, says_who="Nobody but me."))
    (quarter,) = assessed_quarters(cast.paula, cast.switchyard, day=now.date())
    assert quarter.newest is not None
    assert (quarter.newest.number, quarter.newest.says_who) == (2, "Nobody but me.")
    assert [(old.number, old.says_who) for old in quarter.older] == [(1, "Emil, E-1.")]


def test_the_same_words_again_write_no_version(cast: Cast, now: datetime) -> None:
    assert written(cast, now) == written(cast, now)
    assert Assessment.objects.count() == 1


def test_whoever_comes_second_is_told_and_stores_nothing(cast: Cast, now: datetime) -> None:
    written(cast, now)
    with pytest.raises(AssessedMeanwhile, match="Lena wrote version 1"):
        written(cast, now, answers=replace(ANSWERS, says_who="Me."), standing=0)
    assert Assessment.objects.count() == 1


def test_a_quarter_that_has_not_begun_is_not_assessed(cast: Cast, now: datetime) -> None:
    with pytest.raises(QuarterAhead, match="has not begun"):
        written(cast, now, quarter=Quarter(date(2026, 7, 1)))


@pytest.mark.parametrize("who", ["paula", "emil", "otto", "admin"])
def test_nobody_but_a_lead_of_the_owning_team_assesses(cast: Cast, now: datetime, who: str) -> None:
    with pytest.raises(NotYours):
        written(cast, now, by=getattr(cast, who))


def test_a_lead_does_not_assess_what_he_was_pm_of_in_the_quarter(cast: Cast, now: datetime) -> None:
    duty = assign(cast.lena, cast.switchyard, "covering")
    duty.period = type(duty.period)(duty.period.lower, date(2026, 4, 2))
    duty.save()
    with pytest.raises(NotYours):
        written(cast, now)
    assert written(cast, datetime(2026, 8, 1, tzinfo=UTC), quarter=Quarter(date(2026, 7, 1))).version == 1


def refused(name: str, **given: Any) -> None:
    """The database itself refuses the row."""
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Assessment.objects.create(**given)


def test_the_database_refuses_who_may_not_and_what_cannot_be(cast: Cast, now: datetime) -> None:
    row = {
        "product": cast.switchyard, "quarter": Q2.start, "version": 1, "became_possible": "a", "otherwise": "b",
        "says_who": "c", "written_by": cast.lena, "written_at": now,
    }  # fmt: skip
    other = make_user("Olga")
    join(other, make_team("other"), "lead")
    refused("Only a lead", **{**row, "written_by": other})
    refused("Only a lead", **{**row, "written_by": cast.paula})
    refused("Only internal", **{**row, "product": cast.checkout})
    refused("has not begun", **{**row, "quarter": date(2026, 7, 1)})
    refused("follow each other", **{**row, "version": 2})
    refused("is_of_a_quarter", **{**row, "quarter": date(2026, 5, 1)})
    refused("answers_every_question", **{**row, "otherwise": ""})
    assign(cast.lena, cast.switchyard, "covering")
    refused("Nobody assesses", **row)


def test_versions_are_never_changed_or_deleted(cast: Cast, now: datetime) -> None:
    row = written(cast, now)
    for change in (lambda: Assessment.objects.filter(pk=row.pk).update(otherwise="x"), row.delete):
        with pytest.raises(ProgrammingError, match="only grows"), transaction.atomic():
            change()
    assert Assessment.objects.get().otherwise == ANSWERS.otherwise


def test_the_audit_says_who_assessed_what_and_none_of_the_words(cast: Cast, now: datetime) -> None:
    written(cast, now)
    entry = AuditEntry.objects.get(topic="assessment")
    assert (entry.concerned, entry.subject) == (cast.lena, "metrics_assessment")
    assert CANARY not in str(entry.details) + entry.label


FORM = {"version": "0", "became_possible": "a", "otherwise": "b", "says_who": "c"}


def at(quarter: Quarter) -> str:
    return f"/products/switchyard/assessments/{quarter.name}/"


def test_a_lead_answers_three_questions_on_a_page_without_script(cast: Cast) -> None:
    client, running = browser_of(cast.lena), quarter_of(datetime.now(UTC).date())
    assert "What is known about the" in text(client.get(at(running)))
    empty = client.post(at(running), {**FORM, "otherwise": "  "})
    assert empty.status_code == 422
    assert "“We do not know” is an answer." in text(empty)
    for version in ({}, {"version": ""}, {"version": "x"}):
        without = client.post(at(running), {**{name: FORM[name] for name in FORM if name != "version"}, **version})
        assert (without.status_code, "open the page again" in text(without)) == (422, True)
    assert not Assessment.objects.exists()
    assert client.post(at(running), FORM).status_code == 303
    assert Assessment.objects.get().otherwise == "b"
    both = client.post(at(running), {**FORM, "otherwise": "Other words."})
    assert both.status_code == 409
    assert "Other words." in text(both)
    assert "Lena wrote version 1" in text(both)
    assert client.post(at(running), {**FORM, "version": "1", "otherwise": "Other words."}).status_code == 303
    page = text(client.get("/products/switchyard/assessments/"))
    assert "Version 2" in page
    assert "Version 1" in page


def test_its_pm_reads_and_does_not_write(cast: Cast) -> None:
    now = datetime.now(UTC)
    written(cast, now, quarter=quarter_of(now.date()))
    client = browser_of(cast.paula)
    assert CANARY in text(client.get("/products/switchyard/assessments/"))
    assert client.get(at(quarter_of(now.date()))).status_code == 403
    assert client.post(at(quarter_of(now.date())), FORM).status_code == 403


@pytest.mark.parametrize("name", ["2026-Q9", "now", "2026-06-01"])
def test_an_address_that_names_no_quarter_is_not_there(cast: Cast, name: str) -> None:
    assert browser_of(cast.lena).get(f"/products/switchyard/assessments/{name}/").status_code == 404


def strangers(cast: Cast) -> list[User]:
    """Everybody near who may not read it: the PM and the lead of another team, a member of the owning one, others, an admin."""
    other, member = make_user("Olga"), make_user("Mona")
    team = make_team("other")
    own(team, make_product("ledger", "I"))
    join(other, team, "lead")
    join(member, cast.platform, "member")
    return [cast.emil, other, member, cast.otto, cast.admin]


PAGES = [
    "/products/switchyard/assessments/", "/products/switchyard/", "/impact/", "/impact/internal/", "/products/",
    "/find/?q=xylophone", "/find/options/?q=xylophone", "/letters/", "/settings/about-me/", "/settings/audit/",
    "/enablements/", "/products/switchyard/reach.csv", "/queue/",
]  # fmt: skip
CALLS = ["products", "products/switchyard", "products/switchyard/impact", "dashboards/internal", "enablements"]


def test_its_words_reach_nobody_else_on_pages_in_find_in_files_and_over_rest(cast: Cast) -> None:
    now = datetime.now(UTC)
    written(cast, now, quarter=quarter_of(now.date()))
    for person in strangers(cast):
        client: Client = browser_of(person)
        for path in PAGES:
            assert CANARY not in client.get(path).content.decode(), (person.name, path)
        assert client.get(PAGES[0]).status_code == 404
        assert client.get(at(quarter_of(now.date()))).status_code == 404
    for maker in (cast.lena, cast.paula):
        api = Api(make_token(maker, product=cast.switchyard))
        for call in CALLS:
            assert CANARY not in api.get(call).content.decode(), call


def test_a_lead_who_leaves_the_team_reads_it_no_more(cast: Cast) -> None:
    now = datetime.now(UTC)
    written(cast, now, quarter=quarter_of(now.date()))
    duty = cast.lena.memberships.get(team=cast.platform)
    duty.period = type(duty.period)(duty.period.lower, now.date() - timedelta(days=1))
    duty.save()
    assert browser_of(cast.lena).get(PAGES[0]).status_code == 404
