"""Enablements over REST: claimed with a token of the helping product, answered with one of the very person who is asked."""

from typing import Any

import pytest

from metrics.models import Enablement
from tests.api.client import Api
from tests.enablement.scene import Scene
from tests.factories import make_token


@pytest.fixture
def paula(scene: Scene) -> Api:
    """A client of the helping product."""
    return Api(make_token(scene.cast.paula, product=scene.cast.switchyard))


def body(scene: Scene, **changed: Any) -> dict[str, Any]:
    """A claim."""
    told = {
        "product": "switchyard", "release": scene.release.key, "feature": scene.feature.key, "kind": "accelerated",
        "days_low": "4", "days_high": 9, "statement": "Rolled out by country.",
    }  # fmt: skip
    return {key: value for key, value in {**told, **changed}.items() if value is not None}


def test_a_claim_is_made_once_read_with_its_chain_and_answered_by_whom_it_asks(scene: Scene, paula: Api) -> None:
    first, again = paula.post("enablements", body(scene)), paula.post("enablements", body(scene))
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (201, 200, "true")
    key = first.json()["key"]
    emil = Api(make_token(scene.cast.emil, product=scene.cast.checkout))
    said = {"verdict": "accelerated", "days_low": 2, "days_high": "3.5", "words": "A day or two."}
    assert paula.post(f"enablements/{key}/answer", said).json()["type"].endswith("not-asked")
    answered = emil.post(f"enablements/{key}/answer", said)
    assert answered.status_code == 200
    row = emil.get(f"enablements/{key}").json()
    assert row == answered.json()
    assert (row["state"], row["days_high"], row["answered_by"]) == ("adjusted", "3.5", "emil@example.com")
    assert [one["deed"] for one in row["steps"]] == ["claimed", "adjusted"]
    twice = emil.post(f"enablements/{key}/answer", said)
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:pmtrack:problem:not-open")
    assert [one["key"] for one in emil.get("enablements?product=checkout&state=adjusted").json()["items"]] == [key]
    assert emil.get("enablements?state=claimed").json()["items"] == []


@pytest.mark.parametrize(
    ("changed", "status", "code", "pointer"),
    [
        ({"days_low": 9, "days_high": 4}, 422, "bad-days", "/days_low"),
        ({"days_low": -1}, 422, "bad-days", "/days_low"),
        ({"days_high": 91}, 422, "bad-days", "/days_low"),
        ({"feature": "W-999999"}, 422, "bad-enablement", "/feature"),
        ({"release": "R-999999"}, 422, "bad-enablement", "/release"),
        ({"feature": None}, 422, "no-work", "/work"),
        ({"feature": None, "work": "Own", "owner_product": "switchyard"}, 422, "self-link", "/work"),
        ({"feature": None, "work": "Own", "owner_team": "nowhere"}, 422, "bad-enablement", "/owner_team"),
        ({"asked": "nobody@example.com"}, 422, "bad-enablement", "/asked"),
        ({"asked": "paula@example.com"}, 422, "may-not-answer", "/asked"),
        ({"evidence": ["file:///etc/passwd"]}, 422, "bad-evidence", "/evidence"),
        ({"kind": "helped"}, 400, "bad-field", "/kind"),
        ({"colour": "red"}, 400, "bad-field", "/colour"),
        ({"product": "checkout"}, 403, "out-of-reach", "/product"),
        ({"product": "nowhere"}, 404, "not-found", "/product"),
    ],
)
def test_a_bad_claim_is_a_problem_at_its_field(
    scene: Scene, paula: Api, changed: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    response = paula.post("enablements", body(scene, **changed))
    problem = response.json()
    assert (response.status_code, problem["type"].rpartition(":")[2]) == (status, code)
    assert problem["errors"][0]["pointer"] == pointer
    assert not Enablement.objects.exists()


def test_a_token_of_a_product_that_lost_its_maker_claims_nothing(scene: Scene, paula: Api) -> None:
    scene.cast.paula.assignments.all().delete()
    scene.cast.paula.memberships.all().delete()
    assert paula.post("enablements", body(scene)).json()["type"].endswith("maker-lost-role")


def test_the_same_help_with_other_figures_is_told(scene: Scene, paula: Api) -> None:
    paula.post("enablements", body(scene))
    response = paula.post("enablements", body(scene, days_high=20))
    assert (response.status_code, response.json()["type"]) == (409, "urn:pmtrack:problem:said-already")
