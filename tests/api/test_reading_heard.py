"""Feedback, voices, diagnoses and features over REST: where things stand, whose they are, and nothing that may not be known."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import Account, Feedback
from products.models import DesignQuestion, Feature, StageChange
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import (
    NOW,
    make_account,
    make_diagnosis,
    make_entry,
    make_feature,
    make_product,
    make_token,
    own,
    speak,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def emil(cast: Cast) -> Api:
    """Emil's pipeline, with a token that reads."""
    return Api(make_token(cast.emil, product=cast.checkout, scopes=["read"]))


@pytest.fixture
def otto(cast: Cast) -> Api:
    """A reader far from Checkout: Paula, with a token for her own product."""
    return Api(make_token(cast.paula, product=cast.switchyard, scopes=["read"]))


@pytest.fixture
def brenner(cast: Cast) -> Account:
    """A customer managed by Emil."""
    return make_account("brenner", cast.emil)


@pytest.fixture
def root(cast: Cast, brenner: Account) -> Feedback:
    """An entry of Brenner's with another of Otto's and Brenner's merged into it."""
    root = make_entry(cast.emil, cast.checkout)
    again = make_entry(cast.emil, cast.checkout, "Wrong depot again.", merged_into=root)
    speak(root, account=brenner, via=cast.emil)
    speak(again, account=brenner, via=cast.emil)
    speak(again, colleague=cast.otto)
    return root


def got(api: Api, path: str) -> Any:
    """What a read answers."""
    answer = api.get(path)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_merged_group_is_one_voice_for_each_speaker(emil: Api, root: Feedback) -> None:
    entry = got(emil, f"feedback/{root.key}")
    merged = root.merged.get()
    assert (entry["state"], entry["voices"], entry["accounts"]) == ("open", 2, ["brenner"])
    assert (entry["merged"], entry["merged_into"], entry["revision"]) == ([merged.key], None, 1)
    other = got(emil, f"feedback/{merged.key}")
    assert (other["state"], other["merged_into"], other["voices"]) == ("merged", root.key, 2)


def test_voices_are_named_with_accounts_only_to_those_near(emil: Api, otto: Api, root: Feedback) -> None:
    near, far = (got(api, f"feedback/{root.key}/voices")["items"] for api in (emil, otto))
    assert [(one["colleague"], one["account"], one["via"]) for one in near] == [
        ("otto@example.com", None, None),
        (None, "brenner", "emil@example.com"),
        (None, "brenner", "emil@example.com"),
    ]
    assert [one["colleague"] for one in far] == ["otto@example.com"]
    assert got(otto, f"feedback/{root.key}")["accounts"] == []
    first = got(emil, f"feedback/{root.key}/voices?limit=2")
    rest = got(emil, f"feedback/{root.key}/voices?limit=2&cursor={first['next']}")
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]


def test_a_token_for_another_product_of_the_same_pm_is_not_told_the_account(cast: Cast, root: Feedback) -> None:
    other = make_product("shipper-app", "E")
    own(cast.booking, other)
    beyond = Api(make_token(cast.emil, product=other, scopes=["read"]))
    assert [one["account"] for one in got(beyond, f"feedback/{root.key}/voices")["items"]] == [None]


def test_entries_are_found_by_where_they_stand(cast: Cast, emil: Api, root: Feedback) -> None:
    done, draft = make_entry(cast.emil, cast.checkout), make_entry(cast.emil, cast.checkout)
    diagnosis = make_diagnosis(cast.emil, cast.checkout, done)
    make_diagnosis(cast.emil, cast.checkout, draft, done=False)
    gone = make_entry(cast.emil, cast.checkout, withdrawn_at=NOW, withdrawn_by=cast.emil)
    found = {
        state: [(one["key"], one["state"]) for one in got(emil, f"feedback?state={state}")["items"]]
        for state in ("open", "diagnosed", "merged", "withdrawn")
    }
    assert found == {
        "open": [(draft.key, "open"), (root.key, "open")],
        "diagnosed": [(done.key, "diagnosed")],
        "merged": [(root.merged.get().key, "merged")],
        "withdrawn": [(gone.key, "withdrawn")],
    }
    assert got(emil, f"feedback/{done.key}")["diagnosis"] == diagnosis.key


def test_a_diagnosis_tells_its_feedback_and_features(cast: Cast, emil: Api, otto: Api, root: Feedback) -> None:
    diagnosis = make_diagnosis(cast.emil, cast.checkout, root)
    feature = make_feature(cast.emil, cast.checkout, diagnosis)
    told = got(otto, f"diagnoses/{diagnosis.key}")
    assert (told["product"], told["feedback"], told["features"]) == ("checkout", [root.key], [feature.key])
    assert (told["trying_to"], told["decision"], told["decided_at"]) == ("Pick a saved address", "", None)
    draft = make_diagnosis(
        cast.emil, cast.checkout, done=False, decision="watch", decided_by=cast.emil, decided_at=NOW, reason="Wait"
    )
    by_state = {
        state: [one["key"] for one in got(emil, f"diagnoses?product=checkout&state={state}")["items"]]
        for state in ("draft", "diagnosed", "watch", "decline")
    }
    assert by_state == {"draft": [draft.key], "diagnosed": [diagnosis.key], "watch": [draft.key], "decline": []}
    assert got(emil, "diagnoses?product=switchyard")["items"] == []


def test_a_feature_tells_every_move_and_how_long_answers_took(cast: Cast, otto: Api) -> None:
    feature = make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout), stage="building")
    feature.co_designers.add(cast.otto)
    StageChange.objects.create(feature=feature, to_stage="diagnosed", by=cast.emil, at=NOW)
    StageChange.objects.create(feature=feature, from_stage="diagnosed", to_stage="building", at=NOW + timedelta(days=1))
    asked = {"feature": feature, "asked": cast.otto, "asked_by": cast.emil, "asked_at": NOW}
    DesignQuestion.objects.create(
        question="Which first?", answer="The last.", answered_at=NOW + timedelta(minutes=90), **asked
    )
    DesignQuestion.objects.create(question="And then?", **asked)
    told = got(otto, f"features/{feature.key}")
    moves = [(one["from_stage"], one["to_stage"], one["by"]) for one in told["stage_changes"]]
    assert moves == [(None, "diagnosed", "emil@example.com"), ("diagnosed", "building", None)]
    questions = [(one["asked"], one["answer_hours"]) for one in told["design_questions"]]
    assert questions == [("otto@example.com", 1.5), ("otto@example.com", None)]
    assert told["co_designers"] == ["otto@example.com"]
    assert [one["key"] for one in got(otto, "features?state=building&since=2026-06-01T00:00:00Z")["items"]] == [
        feature.key
    ]
    assert got(otto, "features?state=parked")["items"] == []


@pytest.mark.parametrize("path", ["feedback/FB-9", "feedback/FB-9/voices", "diagnoses/D-9", "features/W-9"])
def test_what_is_not_there_is_404_and_no_token_401(emil: Api, path: str) -> None:
    answer = emil.get(path)
    assert answer.status_code == 404
    assert path.split("/")[1] in answer.json()["detail"]
    assert Api(None).get(path).status_code == 401


def test_a_token_that_only_writes_reads_nothing(cast: Cast, root: Feedback) -> None:
    writer = Api(make_token(cast.emil, product=cast.checkout, scopes=["kpi:write"]))
    paths = (
        f"feedback/{root.key}",
        f"feedback/{root.key}/voices",
        "diagnoses",
        "diagnoses/D-1",
        "features",
        "features/W-1",
    )
    assert {writer.get(path).status_code for path in paths} == {403}


@pytest.mark.django_db(transaction=True)
def test_unchanged_answers_are_304_until_something_is_said(cast: Cast, emil: Api, root: Feedback) -> None:
    paths = (
        f"feedback/{root.key}",
        f"feedback/{root.key}/voices",
        "feedback?product=checkout",
        "diagnoses",
        "features",
    )
    tags = {path: emil.get(path)["ETag"] for path in paths}

    def statuses() -> set[int]:
        given = [{**emil.headers, "If-None-Match": tags[path]} for path in paths]
        asked = zip(paths, given, strict=True)
        return {emil.client.get(f"/api/v1/{path}", headers=headers).status_code for path, headers in asked}

    assert statuses() == {304}
    speak(root, colleague=cast.paula)
    make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout))
    assert statuses() == {200}


@pytest.mark.parametrize("path", ["feedback?limit=200", "diagnoses?limit=200", "features?limit=200"])
def test_fifty_rows_take_as_many_statements_as_one(cast: Cast, emil: Api, brenner: Account, path: str) -> None:
    counts = []
    emil.get("kpis")  # notes when the token was used last
    for size in (1, 50):
        for _ in range(size - Feature.objects.count()):
            entry = make_entry(cast.emil, cast.checkout)
            speak(entry, account=brenner, via=cast.emil)
            speak(make_entry(cast.emil, cast.checkout, merged_into=entry), colleague=cast.otto)
            feature = make_feature(cast.emil, cast.checkout, make_diagnosis(cast.emil, cast.checkout, entry))
            StageChange.objects.create(feature=feature, to_stage="diagnosed", by=cast.emil, at=NOW)
        with CaptureQueriesContext(connection) as statements:
            assert len(got(emil, path)["items"]) >= size
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10
