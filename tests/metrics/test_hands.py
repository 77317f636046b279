"""Who could use a hand: for leads alone, of their own people, one blocked piece of work each, and never a ranking."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import Outreach
from metrics.models import Enablement
from metrics.queries.cycle import CycleRow, StageCell
from metrics.queries.hands import Hands, hands_of
from metrics.queries.scope import chosen_teams, known_teams
from metrics.services.person_notes import Talk, write_talk
from products.models import Membership, SignOff, User
from tests.conftest import Cast
from tests.enablement.scene import set_scene
from tests.factories import NOW, assign, join, make_product, make_release, make_user, own
from tests.metrics.uploads import browser_of, text

pytestmark = pytest.mark.django_db
PANEL = "Blocked work, not a ranking"


def stuck(slug: str, stage: str = "diagnosed", n: int = 3, days: int = 61, usual: float = 18.0) -> CycleRow:
    """A product of which ``n`` things are stuck in a stage."""
    cell = StageCell(stage, stage.capitalize(), n, n, days, usual, 9)
    return CycleRow(slug, slug.capitalize(), "E", (cell,))


def hands(user: User, *rows: CycleRow, slugs: tuple[str, ...] = (), now: datetime = NOW) -> Hands | None:
    """What the reader sees on the page of these teams, or of his own."""
    teams = chosen_teams(known_teams(user, day=now.date()), slugs)
    return hands_of(user, teams, rows, now=now)


def shown(user: User, *rows: CycleRow) -> list[tuple[str, str, str, str]]:
    """Person, fact, what was asked and where one can act."""
    found = hands(user, *rows)
    assert found is not None
    return [(one.person, one.fact, one.asked, one.url) for one in found.rows]


def test_a_pm_whose_items_are_stuck_is_told_with_the_usual_and_one_thing_to_do(cast: Cast) -> None:
    fact = "Three diagnosed items have no build slot, the oldest for 61 days; usual is 18."
    assert shown(cast.lena, stuck("checkout")) == [("Emil", fact, "", "/cycle/?product=checkout")]


def test_nobody_is_told_where_nothing_is_stuck(cast: Cast) -> None:
    found = hands(cast.lena)
    assert found is not None
    assert (found.rows, found.total, found.sentence) == ((), 0, "")


def test_each_person_stands_once_with_what_waits_longest_against_its_usual(cast: Cast) -> None:
    assign(cast.emil, make_product("rates", "E"))
    rows = (stuck("checkout", days=61, usual=18), stuck("checkout", "building", 1, 90, 10))
    ((person, fact, _, _),) = shown(cast.lena, CycleRow("checkout", "Checkout", "E", (*rows[0].cells, *rows[1].cells)))
    assert (person, fact) == ("Emil", "One item is being built longer than twice its usual, for 90 days; usual is 10.")


def test_a_sign_off_past_its_day_a_claim_and_a_question_without_an_answer_are_waits_too(cast: Cast) -> None:
    release = make_release(cast.checkout, "9.0")
    asked = {"approver": cast.otto, "requested_by": cast.emil, "requested_at": NOW - timedelta(days=30)}
    SignOff.objects.create(release=release, function="legal", due_on=(NOW - timedelta(days=20)).date(), **asked)
    set_scene(cast).claim(now=NOW - timedelta(days=40))
    told = {person: (fact, url) for person, fact, _, url in shown(cast.lena)}
    assert told["Emil"] == (
        "Sign-off from Legal has waited 30 days; it was due on 26 May 2026.",
        f"/releases/R-{release.pk}/",
    )
    claim = Enablement.objects.get()
    assert told["Paula"] == (
        "A claim of help has stood for 40 days and nobody confirmed it.",
        f"/enablements/E-{claim.pk}/",
    )


def test_a_question_that_nobody_booked_a_talk_for_is_a_wait(cast: Cast) -> None:
    question = Outreach.objects.create(
        product=cast.switchyard,
        colleague=cast.otto,
        purpose="Why?",
        asked_by=cast.paula,
        asked_at=NOW - timedelta(days=21),
    )
    fact = "A question has waited 21 days for a talk; nothing is booked."
    assert shown(cast.lena) == [("Paula", fact, "", f"/asked/{question.pk}/")]


def test_what_is_young_booked_or_on_its_way_is_no_wait(cast: Cast) -> None:
    release = make_release(cast.checkout, "9.0")
    asked = {"approver": cast.otto, "requested_by": cast.emil, "requested_at": NOW - timedelta(days=30)}
    SignOff.objects.create(release=release, function="legal", due_on=NOW.date(), **asked)
    set_scene(cast).claim(now=NOW - timedelta(days=13))
    Outreach.objects.create(
        product=cast.switchyard, colleague=cast.otto, purpose="Why?", asked_by=cast.paula, asked_at=NOW - timedelta(days=30),
        booked_for=NOW,
    )  # fmt: skip
    assert shown(cast.lena) == []


def test_who_wrote_what_is_in_the_way_stands_first_without_their_words(cast: Cast) -> None:
    write_talk(talk=Talk(None, "", "Nobody owns reviews", ""), by=cast.paula, now=NOW - timedelta(days=3))
    found = shown(cast.lena, stuck("checkout"))
    assert [one[0] for one in found] == ["Paula", "Emil"]
    assert found[0][1:] == (
        "Nothing of theirs is stuck here.", "Wrote on 12 Jun 2026 what is in the way", f"/people/{cast.paula.pk}/",
    )  # fmt: skip
    write_talk(talk=Talk(None, "", "", ""), by=cast.paula, now=NOW)
    assert [one[0] for one in shown(cast.lena, stuck("checkout"))] == ["Emil"]


def test_five_at_most_are_shown_and_all_are_counted(cast: Cast) -> None:
    for number in range(7):
        person, product = make_user(f"P{number}"), make_product(f"p{number}", "E")
        join(person, cast.booking, "pm")
        own(cast.booking, product)
        assign(person, product)
    found = hands(cast.lena, *(stuck(f"p{number}", days=40 + number) for number in range(7)))
    assert found is not None
    assert (len(found.rows), found.total) == (5, 7)
    assert found.sentence == "Seven people could use a hand."


def test_only_the_lead_sees_it_and_only_his_own_people(cast: Cast) -> None:
    for who in (cast.emil, cast.paula, cast.otto, cast.admin):
        assert hands(who, stuck("checkout"), slugs=("booking",)) is None
    join(cast.admin, cast.booking, "lead")
    assert hands(cast.admin, stuck("checkout"), slugs=("booking",)) is None
    Membership.objects.filter(user=cast.lena, team=cast.booking).delete()
    found = hands(cast.lena, stuck("checkout"), slugs=("booking", "platform"))
    assert found is not None, "she still leads Platform"
    assert found.rows == (), "Emil is not hers any more"


def test_a_lead_does_not_stand_there_himself(cast: Cast) -> None:
    assign(cast.lena, cast.checkout, "co_owner")
    assert [one[0] for one in shown(cast.lena, stuck("checkout"))] == ["Emil"]


def test_it_costs_one_statement_and_none_for_others(cast: Cast) -> None:
    teams = {who: chosen_teams(known_teams(who, day=NOW.date()), ()) for who in (cast.lena, cast.emil)}
    for who, cost in ((cast.lena, 1), (cast.emil, 0)):
        with CaptureQueriesContext(connection) as statements:
            hands_of(who, teams[who], (), now=NOW)
        assert len(statements) == cost


def test_the_panel_stands_on_the_leads_page_alone_and_never_in_the_json(cast: Cast) -> None:
    write_talk(talk=Talk(None, "", "Nobody owns reviews", ""), by=cast.emil, now=datetime.now(UTC))
    lead = browser_of(cast.lena)
    page = text(lead.get("/impact/", secure=True))
    assert PANEL in page
    assert "One person could use a hand." in page
    for who in (cast.emil, cast.otto, cast.admin):
        other = text(browser_of(who).get("/impact/?team=booking", secure=True))
        assert (PANEL in other, "could use a hand" in other) == (False, False)
    for path in ("/impact/internal/", "/impact/external/"):
        assert PANEL not in text(lead.get(path, secure=True))
    assert b"could use a hand" not in lead.get("/api/v1/dashboards/team?team=booking", secure=True).content


@pytest.mark.django_db(transaction=True)
def test_a_new_note_makes_the_leads_page_anew(cast: Cast) -> None:
    lead = browser_of(cast.lena)
    lead.get("/impact/", secure=True)  # which gives the browser its form token
    tag = lead.get("/impact/", secure=True)["ETag"]
    assert lead.get("/impact/", secure=True, headers={"If-None-Match": tag}).status_code == 304
    write_talk(talk=Talk(None, "", "Nobody owns reviews", ""), by=cast.emil, now=datetime.now(UTC))
    assert lead.get("/impact/", secure=True, headers={"If-None-Match": tag}).status_code == 200
