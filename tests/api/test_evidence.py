"""Commitments, context events and experiments over REST: written once, replayed safely, refused in words, read by everybody."""

from datetime import UTC, datetime
from typing import Any

import pytest

from metrics.models import Commitment, ContextEvent, Experiment
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_commitment, make_event, make_feature, make_kpi, make_product, make_release, make_token

pytestmark = pytest.mark.django_db


class Caller(Api):
    """Sends the named fields with one token."""

    def post(self, path: str, **body: Any) -> Any:
        return super().post(path.removeprefix("/"), body)

    def get(self, path: str) -> Any:
        return super().get(path.removeprefix("/"))


@pytest.fixture
def emil(cast: Cast) -> Caller:
    """Emil's token for Checkout."""
    return Caller(make_token(cast.emil, product=cast.checkout))


def test_a_kpi_is_named_once_changed_and_taken_back(cast: Cast, emil: Caller) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    make_kpi(cast.checkout, "orders")
    make_kpi(make_product("search", "E"), "searches")
    said = {
        "subject": feature.key,
        "kpi": "orders",
        "direction": "rise",
        "expected_change": 0.05,
        "controls": ["searches"],
    }
    made = emil.post("/commitments", **said)
    assert (made.status_code, made.json()["version"], made.json()["undetectable"]) == (
        201,
        1,
        "no reading has arrived yet",
    )
    assert emil.post("/commitments", **said).status_code == 200
    assert emil.post("/commitments", **said, window_days=28).json()["version"] == 2
    listed = emil.get(f"/commitments?subject={feature.key}&state=standing").json()["items"]
    assert [(one["version"], one["controls"], one["declared_by"]) for one in listed] == [
        (2, ["searches"], cast.emil.email)
    ]
    key = {"subject": feature.key, "kpi": "orders"}
    assert emil.post("/commitments:take-back", **key).json()["superseded_by"] == cast.emil.email
    assert emil.post("/commitments:take-back", **key).json()["type"].endswith("not-named")
    assert Commitment.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "status", "pointer", "words"),
    [
        ({"controls": ["orders"]}, 422, "/controls", "Orders is the KPI itself"),
        ({"controls": ["weekly"]}, 422, "/controls", "is read every week"),
        ({"controls": ["own"]}, 422, "/controls", "is of Checkout, which the release may touch"),
        ({"controls": ["a", "b"]}, 422, "/controls/0", "There is no KPI 'a'"),
        ({"controls": ["a", "b", "c", "d"]}, 400, "/controls", "3"),
        ({"is_main": True}, 422, "/is_main", "Revenue is the main KPI of W-"),
        ({"window_days": 10}, 400, "/window_days", ""),
        ({"expected_change": -1}, 422, "/expected_change", "without a sign"),
        ({"expected_change": "1e40"}, 422, "/expected_change", "below 10¹²"),
        ({"expected_change": "NaN"}, 422, "/expected_change", "below 10¹²"),
        ({"direction": "up"}, 400, "/direction", ""),
        ({"colour": "red"}, 400, "/colour", ""),
    ],
)
def test_a_bad_commitment_is_refused_at_its_field(
    cast: Cast, emil: Caller, sent: dict[str, Any], status: int, pointer: str, words: str
) -> None:
    feature = make_feature(cast.emil, cast.checkout)
    for slug in ("orders", "own"):
        make_kpi(cast.checkout, slug)
    make_kpi(make_product("search", "E"), "weekly", cadence="week")
    make_commitment(cast.emil, feature, make_kpi(cast.checkout, "revenue"), is_main=True)
    response = emil.post("/commitments", **{"subject": feature.key, "kpi": "orders", "direction": "rise", **sent})
    problem = response.json()
    assert response.status_code == status
    assert problem["errors"][0]["pointer"] == pointer
    assert words in problem["errors"][0]["detail"]
    assert Commitment.objects.count() == 1


def test_an_event_is_noted_ended_by_sending_it_again_and_removed(cast: Cast, emil: Caller) -> None:
    said = {"product": "checkout", "name": "Summer campaign", "kind": "campaign", "first_day": "2026-06-01"}
    assert emil.post("/context-events", **said).status_code == 201
    assert emil.post("/context-events", **said, last_day="2026-06-07").json()["last_day"] == "2026-06-07"
    reversed_days = emil.post("/context-events", **said, last_day="2026-05-31")
    assert (reversed_days.status_code, reversed_days.json()["errors"][0]["pointer"]) == (422, "/last_day")
    assert emil.post("/context-events", **{**said, "first_day": "1066-10-14"}).status_code == 422
    assert emil.post("/context-events", **{**said, "name": "a\x00b"}).status_code == 400
    make_event(cast.lena, None, datetime(2026, 1, 1, tzinfo=UTC).date(), None, name="Outage")
    assert [one["product"] for one in emil.get("/context-events").json()["items"]] == [None, "checkout"]
    assert len(emil.get("/context-events?product=checkout&since=2026-06-08").json()["items"]) == 0
    gone = {key: said[key] for key in ("product", "name", "first_day")}
    assert emil.post("/context-events:remove", **gone).status_code == 200
    assert emil.post("/context-events:remove", **gone).status_code == 404
    assert ContextEvent.objects.count() == 1


RESULT = {"effect": 0.04, "low": 0.01, "high": 0.07, "scale": "relative", "with_it": 900, "without_it": 910}


def test_a_result_is_entered_corrected_and_taken_back(cast: Cast, emil: Caller) -> None:
    release = make_release(cast.checkout, "2.0")
    make_kpi(cast.checkout, "orders")
    key = {"release": release.key, "kpi": "orders"}
    assert emil.post("/experiments", **key, **RESULT).status_code == 201
    assert emil.post("/experiments", **key, **RESULT).status_code == 200
    assert emil.post("/experiments", **key, **{**RESULT, "effect": 0.05}).status_code == 201
    assert len(emil.get("/experiments?kpi=orders&state=standing").json()["items"]) == 1
    assert emil.post("/experiments:take-back", **key).status_code == 200
    assert emil.post("/experiments:take-back", **key).status_code == 409
    for wrong, pointer in (
        ({"low": 0.05}, "/effect"),
        ({"scale": "points"}, "/scale"),
        ({"level": 1}, "/level"),
        ({"level": "NaN"}, "/level"),
        ({"level": 0.3}, "/effect"),
        ({"high": "1e30"}, "/high"),
    ):
        refused = emil.post("/experiments", **key, **{**RESULT, **wrong})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), wrong
    assert Experiment.objects.count() == 2


def test_a_token_writes_about_its_own_products_only(cast: Cast, emil: Caller) -> None:
    feature, release = make_feature(cast.paula, cast.switchyard), make_release(cast.switchyard, "9")
    make_kpi(cast.checkout, "orders")
    said = {"kpi": "orders", "direction": "rise"}
    event = {"product": "switchyard", "name": "Move", "kind": "outage", "first_day": "2026-06-01"}
    for path, body in (
        ("/commitments", {"subject": feature.key, **said}),
        ("/commitments", {"subject": release.key, **said}),
        ("/commitments:take-back", {"subject": feature.key, "kpi": "orders"}),
        ("/context-events", event),
        ("/experiments", {"release": release.key, "kpi": "orders", **RESULT}),
        ("/experiments:take-back", {"release": release.key, "kpi": "orders"}),
    ):
        assert emil.post(path, **body).status_code == 403, path
    assert emil.post("/commitments", subject="W-999999999999999999", **said).status_code == 404
    assert emil.post("/commitments", subject=feature.key.lower(), **said).status_code == 400
    reader = Caller(make_token(cast.emil, product=cast.checkout, scopes=["read"]))
    own = make_feature(cast.emil, cast.checkout)
    assert reader.post("/commitments", subject=own.key, **said).status_code == 403
    assert reader.get("/commitments").status_code == 200


def test_weekly_kpis_take_their_mondays_only(cast: Cast, emil: Caller) -> None:
    make_kpi(cast.checkout, "weekly", cadence="week")
    days = [{"day": "2026-06-08", "value": 5}, {"day": "2026-06-10", "value": 6}]
    response = emil.post("/kpis/weekly/readings:batch", source="erp", readings=days)
    assert response.status_code == 207
    assert "send the week as its Monday, 2026-06-08" in response.json()["results"][0]["problem"]["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/commitments?subject=W-x",
        "/commitments?subject=X-1",
        "/commitments?state=old",
        "/context-events?since=soon",
        "/experiments?state=old",
    ],
)
def test_bad_filters_are_refused_in_words(emil: Caller, path: str) -> None:
    assert emil.get(path).status_code == 400
