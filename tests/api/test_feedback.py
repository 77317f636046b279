"""Feedback over REST: whose it may be, where each refusal points, and who is told which account spoke."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from feedback.models import Account, Feedback, Voice
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_product, make_token, own

pytestmark = pytest.mark.django_db


@pytest.fixture
def emil(cast: Cast) -> Api:
    """Emil's pipeline, with a token for Checkout."""
    Account.objects.create(reference="brenner", name="Brenner Logistik")
    return Api(make_token(cast.emil, product=cast.checkout))


@pytest.fixture
def paula(cast: Cast) -> Api:
    """Paula's pipeline, with a token for Switchyard."""
    return Api(make_token(cast.paula, product=cast.switchyard))


def entry(number: int = 1, **fields: Any) -> dict[str, Any]:
    """One entry about Checkout."""
    usual = {
        "source": "helpdesk",
        "source_id": f"T-{number}",
        "text": "The saved address offers the wrong depot.",
        "product": "checkout",
        "received_at": "2026-06-08T10:00:00Z",
    }
    return {**usual, **fields}


def without(field: str, **fields: Any) -> dict[str, Any]:
    """An entry that lacks ``field``."""
    return {name: value for name, value in entry(**fields).items() if name != field}


def pointer(answer: Any) -> str:
    """Where the first error points."""
    return str(answer.json()["errors"][0]["pointer"])


def test_feedback_may_wait_for_its_product(emil: Api) -> None:
    assert emil.post("feedback", without("product")).status_code == 201
    assert emil.post("feedback", without("product")).status_code == 200
    assert Feedback.objects.get().product is None
    assert emil.get("feedback").json()["items"][0]["product"] is None


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        (entry(product="nothing"), 404, "/product"),
        (entry(product="switchyard"), 403, "/product"),
        (without("product", voice={"account": "brenner"}), 422, "/product"),
        (entry(voice={"account": "nobody"}), 422, "/voice/account"),
        (entry(voice={"account": "brenner"}), 422, "/voice/via"),
        (entry(voice={"account": "brenner", "via": "x@example.com"}), 422, "/voice/via"),
        (entry(voice={"colleague": "x@example.com"}), 422, "/voice/colleague"),
        (entry(voice={"colleague": "otto@example.com", "hours_lost_monthly": "NaN"}), 422, "/voice/hours_lost_monthly"),
        (entry(voice={"colleague": "otto@example.com", "hours_lost_monthly": 0.001}), 422, "/voice/hours_lost_monthly"),
        (
            entry(voice={"colleague": "otto@example.com", "hours_lost_monthly": "1e99999999"}),
            422,
            "/voice/hours_lost_monthly",
        ),
        (entry(voice={"colleague": "otto@example.com", "people_affected": -1}), 400, "/voice/people_affected"),
        (entry(text="\u200b\u2060"), 422, "/text"),
        (entry(received_at="2999-01-01T00:00:00Z"), 422, "/received_at"),
        (entry(received_at="0001-01-01T00:00:00+23:59"), 400, "/received_at"),
        (entry(source=" "), 400, "/source"),
    ],
)
def test_every_refusal_points_at_its_field(emil: Api, body: dict[str, Any], status: int, where: str) -> None:
    single = emil.post("feedback", body)
    assert (single.status_code, pointer(single)) == (status, where), single.content
    batch = emil.post("feedback:batch", {"entries": [entry(9), body]})
    assert batch.status_code == 207
    result = batch.json()["results"][1]
    assert (result["status"], result["problem"]["errors"][0]["pointer"]) == (status, f"/entries/1{where}")
    assert Feedback.objects.count() == 1


def test_accounts_never_speak_about_internal_products(cast: Cast, emil: Api, paula: Api) -> None:
    answer = paula.post("feedback", entry(product="switchyard", voice={"account": "brenner"}))
    assert (answer.status_code, pointer(answer)) == (422, "/voice/account")
    colleague = entry(product="switchyard", voice={"colleague": "Otto@Example.com", "people_affected": 3})
    assert paula.post("feedback", colleague).status_code == 201
    assert Voice.objects.get().colleague == cast.otto


def test_a_conflict_in_a_batch_points_at_its_key_and_tells_both_fingerprints(emil: Api) -> None:
    emil.post("feedback", entry())
    answer = emil.post("feedback:batch", {"entries": [entry(2), entry(text="Something else.")]})
    assert (answer.status_code, answer.json()["stored"]) == (207, 1)
    problem = answer.json()["results"][1]["problem"]
    assert problem["errors"][0]["pointer"] == "/entries/1/source_id"
    assert Feedback.objects.get(source_id="T-1").fingerprint[:12] in problem["detail"]


@pytest.mark.parametrize(
    "spoiler", [{"channel": "pigeon"}, {"product": "nothing"}, {"source_id": "T-1", "text": "Other."}]
)
def test_an_atomic_batch_stores_all_or_nothing(emil: Api, spoiler: dict[str, Any]) -> None:
    emil.post("feedback", entry())
    body = {"entries": [entry(2), {**entry(3), **spoiler}], "atomic": True}
    refused = emil.post("feedback:batch", body)
    assert (refused.status_code, refused.json()["results"][0]["status"], Feedback.objects.count()) == (422, 424, 1)
    body["entries"] = [entry(2), entry(3)]
    assert (emil.post("feedback:batch", body).status_code, Feedback.objects.count()) == (200, 3)


def test_a_token_tells_of_accounts_within_its_reach_only(cast: Cast, emil: Api) -> None:
    shipper_app = make_product("shipper-app", "E")
    own(cast.booking, shipper_app)
    other = Api(make_token(cast.emil, product=shipper_app))
    emil.post("feedback", entry(voice={"account": "brenner", "via": "emil@example.com"}))
    assert emil.get("feedback").json()["items"][0]["accounts"] == ["brenner"]
    beyond = other.get("feedback").json()["items"][0]
    assert (beyond["accounts"], beyond["voices"]) == ([], 1)


def test_a_page_of_feedback_takes_as_many_statements_as_one_entry(cast: Cast, emil: Api) -> None:
    counts = []
    for numbers in (range(1), range(1, 50)):
        voice = {"account": "brenner", "via": "emil@example.com"}
        emil.post("feedback:batch", {"entries": [entry(number, voice=voice) for number in numbers]})
        with CaptureQueriesContext(connection) as statements:
            items = emil.get("feedback?limit=50&product=checkout").json()["items"]
        counts.append((len(items), len(statements)))
    assert [items for items, _ in counts] == [1, 50]
    assert counts[0][1] == counts[1][1] <= 8
