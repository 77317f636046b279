"""No request, however broken, gets a 5xx or leaves half a fact behind; each refusal says what to mend."""

import json

import pytest
from django.test import Client

from feedback.models import Feedback, Voice
from metrics.models import Reading, Usage
from products.models import Release, ReleaseEvent
from tests.api.client import Api
from tests.api.nasty import BODIES, CALLS, QUERIES, VALUES, spoiled
from tests.conftest import Cast
from tests.factories import make_kpi, make_token

HARMLESS = {"script", "sql", "a path", "an emoji", "control characters"}


@pytest.fixture
def api(cast: Cast) -> Api:
    """A token of Emil's for Checkout, with every scope."""
    make_kpi(cast.checkout, "revenue")
    return Api(make_token(cast.emil, product=cast.checkout))


def stored() -> int:
    """How many facts there are."""
    return sum(model.objects.count() for model in (Release, ReleaseEvent, Reading, Usage, Feedback, Voice))


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(list(spoiled())) + len(QUERIES) >= 150


def test_no_broken_body_gets_a_5xx_or_stores_anything(api: Api) -> None:
    for path in CALLS:
        for name, body in BODIES.items():
            answer = api.post(path, body)
            assert 400 <= answer.status_code < 500, f"{path}: {name}: {answer.status_code}"
            assert answer.headers["Content-Type"].startswith("application/problem+json"), f"{path}: {name}"
            problem = json.loads(answer.content)
            assert problem["detail"], f"{path}: {name}"
            assert problem["request_id"], f"{path}: {name}"
    assert stored() == 0


def test_no_spoiled_field_gets_a_5xx_and_odd_texts_are_kept_as_they_are(api: Api) -> None:
    names = set(VALUES)
    for label, path, body in spoiled():
        value = label.rpartition(": ")[2]
        if value not in names or value in BODIES:
            continue
        before = stored()
        answer = api.post(path, body)
        assert answer.status_code < 500, f"{label}: {answer.status_code} {answer.content!r}"
        if answer.status_code >= 400:
            assert json.loads(answer.content)["detail"], label
            assert stored() == before, f"{label} left something behind"
        else:
            assert value in HARMLESS or "source" in label or "event_id" in label or "version" in label, label


def test_no_query_gets_a_5xx(api: Api) -> None:
    for query in QUERIES:
        answer = api.get(query)
        assert 400 <= answer.status_code < 500, f"{query}: {answer.status_code}"
        assert json.loads(answer.content)["detail"], query


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_a_wrong_method_is_refused_in_the_apis_own_shape(api: Api, method: str) -> None:
    for path in ("release-events", "kpis", "nowhere"):
        answer = getattr(api.client, method)(f"/api/v1/{path}", headers=api.headers)
        assert answer.status_code < 500
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png"]
)
def test_another_content_type_is_refused_with_the_right_one_named(api: Api, kind: str) -> None:
    answer = api.client.post("/api/v1/release-events", b"{}", content_type=kind, headers=api.headers)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic abc", "Bearer pmt_ci_short", "Bearer " + "x" * 5000, "Bearer pmt_ci_" + "0" * 38],
)
def test_a_broken_token_is_a_401_in_words(cast: Cast, header: str) -> None:
    answer = Client().get("/api/v1/products", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["detail"]


def test_a_body_over_the_limit_is_413_and_says_what_to_do(api: Api) -> None:
    answer = api.post("release-events", b'{"source": "' + b"x" * (1024 * 1024) + b'"}')
    assert answer.status_code == 413
    assert "batch" in answer.json()["detail"].lower() or "MiB" in answer.json()["detail"]


def test_too_many_items_are_refused_before_any_is_stored(api: Api) -> None:
    answer = api.post("release-events:batch", {"events": [CALLS["release-events"]] * 501})
    assert answer.status_code == 400
    assert stored() == 0
