"""The cycle board: what stands in which column, what it waits for, who may move it, and its constant number of statements."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from feedback.models import Outreach
from feedback.queries.board import CARDS, LANES, Board, Cell, board
from products.models import DesignQuestion, User
from tests.conftest import Cast
from tests.factories import NOW, make_account, make_diagnosis, make_entry, make_feature, make_product, speak

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def look(cast: Cast, user: User | None = None, **more: int) -> Board:
    return board(user or cast.emil, [cast.checkout.pk, cast.switchyard.pk], page=1, now=NOW, **more)


def cell(found: Board, slug: str, column: str) -> Cell:
    (lane,) = (lane for lane in found.lanes if lane.slug == slug)
    (one,) = (one for one in lane.cells if one.column == column)
    return one


def test_each_item_stands_in_its_column_and_says_what_it_waits_for(cast: Cast) -> None:
    heard, drafted = make_entry(cast.emil, cast.checkout), make_entry(cast.emil, cast.checkout)
    make_diagnosis(cast.emil, cast.checkout, drafted, done=False)
    undecided = make_diagnosis(cast.emil, cast.checkout, make_entry(cast.emil, cast.checkout))
    build = make_diagnosis(cast.emil, cast.checkout, decision="build", decided_by=cast.emil, decided_at=NOW)
    make_diagnosis(cast.emil, cast.checkout, decision="decline", decided_by=cast.emil, decided_at=NOW, reason="No")
    done = make_diagnosis(cast.emil, cast.checkout)
    ready, bare = make_feature(cast.emil, cast.checkout, done), make_feature(cast.emil, cast.checkout)
    building = make_feature(cast.emil, cast.checkout, done, stage="building")
    DesignQuestion.objects.create(feature=building, question="?", asked=cast.otto, asked_by=cast.emil, asked_at=NOW)
    released = make_feature(cast.emil, cast.checkout, done, stage="released", stage_since=NOW - DAY)
    make_feature(cast.emil, cast.checkout, done, stage="released", stage_since=NOW - 200 * DAY)
    found = look(cast)
    expected = {
        "heard": {heard.key: "a diagnosis", drafted.key: "the end of its diagnosis"},
        "diagnosed": {
            undecided.key: "a decision",
            build.key: "a feature",
            ready.key: "a build slot",
            bare.key: "a diagnosis, or a lead's waiver",
        },
        "building": {building.key: "an answer from Otto"},
        "released": {released.key: "figures"},
        "measured": {},
    }
    for column, items in expected.items():
        assert {card.key: card.waits_for for card in cell(found, "checkout", column).cards} == items


def test_external_products_come_first_and_empty_columns_say_so_in_words(cast: Cast) -> None:
    found = look(cast)
    assert [lane.slug for lane in found.lanes] == ["checkout", "switchyard"]
    assert cell(found, "switchyard", "building").empty == "Nothing is being built."


def test_an_item_is_stuck_against_its_own_products_usual_from_the_earliest_of_its_group(cast: Cast) -> None:
    for _ in range(5):
        entry = make_entry(cast.emil, cast.checkout, received_at=NOW - 40 * DAY)
        make_diagnosis(
            cast.emil,
            cast.checkout,
            entry,
            diagnosed_at=NOW - 30 * DAY,
            decision="watch",
            decided_by=cast.emil,
            decided_at=NOW,
            reason="?",
        )
    group = make_entry(cast.emil, cast.checkout, received_at=NOW - DAY)
    make_entry(cast.emil, cast.checkout, received_at=NOW - 34 * DAY, merged_into=group)
    make_entry(cast.emil, cast.checkout, received_at=NOW - 12 * DAY)
    make_entry(cast.paula, cast.switchyard, received_at=NOW - 500 * DAY)
    found = look(cast)
    first, second = cell(found, "checkout", "heard").cards
    assert (first.key, first.age_text, first.is_stuck) == (group.key, "34 d / 10", True)
    assert first.age_words == "Feedback for 34 days, usual 10 days, stuck"
    assert (second.age_text, second.is_stuck) == ("12 d / 10", False)
    (other,) = cell(found, "switchyard", "heard").cards
    assert (other.age_text, other.is_stuck) == ("500 d", False)
    assert (cell(found, "checkout", "heard").usual_text, found.stuck) == ("usual 10 d, n 5", 1)


def test_voices_are_counted_once_behind_entries_diagnoses_and_features(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    merged = make_entry(cast.emil, cast.checkout, merged_into=entry)
    account = make_account("brenner")
    for one in (entry, merged):
        speak(one, account=account, via=cast.emil)
    speak(merged, colleague=cast.otto)
    assert cell(look(cast), "checkout", "heard").cards[0].voices == 2
    diagnosis = make_diagnosis(cast.emil, cast.checkout, entry)
    assert cell(look(cast), "checkout", "diagnosed").cards[0].voices == 2
    make_feature(cast.emil, cast.checkout, diagnosis, stage="building")
    assert cell(look(cast), "checkout", "building").cards[0].voices == 2


def test_a_talk_that_is_asked_for_is_waited_for_without_naming_the_customer(cast: Cast) -> None:
    entry = make_entry(cast.emil, cast.checkout)
    asked = {"product": cast.checkout, "feedback": entry, "purpose": "?", "asked_by": cast.emil, "asked_at": NOW}
    Outreach.objects.create(account=make_account("brenner"), via=cast.lena, **asked)
    assert cell(look(cast), "checkout", "heard").cards[0].waits_for == "an answer from Lena"
    Outreach.objects.update(booked_for=NOW + DAY)
    assert cell(look(cast), "checkout", "heard").cards[0].waits_for == "a talk on 16 Jun, through Lena"


@pytest.mark.parametrize(
    ("name", "entry", "feature"),
    [
        ("emil", True, True),
        ("paula", False, False),
        ("otto", False, False),
        ("lena", True, True),
        ("admin", False, True),
    ],
)
def test_only_those_who_may_work_on_a_product_get_its_handles(
    cast: Cast, name: str, entry: bool, feature: bool
) -> None:
    make_entry(cast.emil, cast.checkout)
    make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout), stage="building")
    found = look(cast, getattr(cast, name))
    assert cell(found, "checkout", "heard").cards[0].may_move is entry
    assert cell(found, "checkout", "building").cards[0].may_move is feature


def test_many_items_are_counted_and_the_oldest_shown(cast: Cast) -> None:
    for ago in range(CARDS + 3):
        make_entry(cast.emil, cast.checkout, received_at=NOW - ago * DAY)
    found = cell(look(cast), "checkout", "heard")
    assert (found.total, len(found.cards), found.more) == (CARDS + 3, CARDS, 3)
    assert found.cards[0].age_text == f"{CARDS + 2} d"


def test_the_board_takes_as_many_statements_for_one_product_as_for_fifty(cast: Cast) -> None:
    make_entry(cast.emil, cast.checkout)
    make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout))
    ids = [cast.checkout.pk]
    taken = []
    for count in (0, 49):
        for number in range(count):
            product = make_product(f"product-{number}", "E")
            ids.append(product.pk)
            make_feature(
                cast.emil, product, make_diagnosis(cast.emil, product, make_entry(cast.emil, product)), stage="building"
            )
        with CaptureQueriesContext(connection) as statements:
            found = board(cast.emil, ids, page=1, now=NOW)
        taken.append(len(statements))
    assert taken == [8, 8]
    assert (len(found.lanes), found.has_more) == (LANES, True)
    assert len(board(cast.emil, ids, page=5, now=NOW).lanes) == 50 - 4 * LANES


@pytest.mark.parametrize("query", ["", "?team=booking", "?product=checkout", "?type=E", "?all=1", "?page=2"])
def test_the_page_answers_every_filter(cast: Cast, query: str) -> None:
    make_entry(cast.emil, cast.checkout)
    client = Client()
    client.force_login(cast.emil)
    assert client.get(f"/cycle/{query}").status_code == 200


@pytest.mark.parametrize("query", ["?team=nobody", "?product=nothing", "?type=X", "?page=0", "?page=x", "?page=99999"])
def test_what_is_not_there_is_404(cast: Cast, query: str) -> None:
    client = Client()
    client.force_login(cast.emil)
    assert client.get(f"/cycle/{query}").status_code == 404
