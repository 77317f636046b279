"""The ground of the API: one error shape, limits, outages, health, pages, and a description that tells the truth."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.request import Request

from pmtrack.urls import urlpatterns as real_urls
from pmtrack.web.outages import server_error
from products.api.shapes import ProductOut, ReleaseEventIn
from products.models import Release
from products.queries.releases import ReleaseFacts
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import make_token

handler500 = server_error


def lost(request: HttpRequest) -> HttpResponse:
    """A page whose database goes away under it: the server ends the connection in the middle of a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse()


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def lost_call(request: Request) -> HttpResponse:
    """The same as a call of the API."""
    return lost(request._request)


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def too_large_number(request: Request) -> HttpResponse:
    """A value that the database cannot hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1::int4 + 2147483647")
    return HttpResponse()


def our_fault(request: HttpRequest) -> HttpResponse:
    """A page with a mistake in it."""
    raise ZeroDivisionError


lost.login_required = our_fault.login_required = False
urlpatterns = [
    path("api/v1/lost", lost_call),
    path("api/v1/large", too_large_number),
    path("api/v1/fault", our_fault),
    path("lost", lost),
    path("fault", our_fault),
    *real_urls,
]


@pytest.fixture
def api(cast: Cast) -> Api:
    """Emil's token for Checkout."""
    return Api(make_token(cast.emil, product=cast.checkout))


def problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem in an answer, after checking its shape."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.content)
    assert {"type", "title", "status", "detail", "request_id"} <= body.keys()
    assert (body["status"], UUID(body["request_id"]).version) == (status, 4)
    return body


@pytest.fixture
def broken_client() -> Iterator[Client]:
    """A client of the pages above; the connection that they break is mended afterwards."""
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_is_a_503_that_says_when_to_come_back(broken_client: Client) -> None:
    answer = broken_client.get("/api/v1/lost")
    assert "Nothing of this request was stored" in problem(answer, 503)["detail"]
    assert int(answer.headers["Retry-After"]) > 0
    connection.close()
    page = broken_client.get("/lost")
    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (503, "text/html")
    assert page.headers["Retry-After"]


def test_a_database_lost_outside_of_views_is_a_503_too() -> None:
    try:
        raise OperationalError
    except OperationalError:
        assert server_error(RequestFactory().get("/api/v1/products")).status_code == 503
        assert server_error(RequestFactory().get("/products/")).status_code == 503


def test_a_fault_of_ours_tells_nothing_of_the_inside(broken_client: Client) -> None:
    assert "We failed" in problem(broken_client.get("/api/v1/fault"), 500)["detail"]
    page = broken_client.get("/fault")
    assert page.status_code == 500
    assert b"ZeroDivision" not in page.content


@pytest.mark.django_db
def test_a_value_that_the_database_cannot_hold_is_the_clients_to_mend(broken_client: Client) -> None:
    problem(broken_client.get("/api/v1/large"), 400)


def test_unknown_addresses_and_methods_are_problems(api: Api) -> None:
    for address in ("/api/", "/api/v1", "/api/v1/", "/api/v1/products/", "/api/v2/products", "/api/v1/x%00"):
        problem(api.client.get(address, headers=api.headers), 404)
    problem(api.client.post("/api/v1/nothing", b"{}", content_type="application/json"), 404)
    answer = api.client.put("/api/v1/release-events", b"{}", content_type="application/json", headers=api.headers)
    problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "nonsense"])
def test_every_accept_header_gets_json(api: Api, accept: str) -> None:
    answer = api.client.get("/api/v1/products", headers={**api.headers, "Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")


def test_bodies_over_the_limit_are_refused_whatever_they_announce(api: Api) -> None:
    large = b'{"source": "' + b"x" * 1024 * 1024 + b'"}'
    assert "1 MiB" in problem(api.post("release-events", large), 413)["detail"]
    assert problem(api.post("release-events:batch", large), 400)
    assert "8 MiB" in problem(api.post("release-events:batch", b" " * (8 * 1024 * 1024 + 1)), 413)["detail"]
    assert problem(api.post("release-events", b" " * (26 * 1024 * 1024)), 413)


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ({"CONTENT_TYPE": "application/json; charset=latin-1"}, 415),
        ({"CONTENT_TYPE": 'application/json; charset="UTF-8"'}, 400),
        ({"HTTP_CONTENT_ENCODING": "gzip"}, 415),
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        ({"CONTENT_LENGTH": "9" * 4000}, 413),
    ],
)
def test_bodies_that_are_packed_or_in_other_letters_are_refused(api: Api, meta: dict[str, str], status: int) -> None:
    usual = {"CONTENT_TYPE": "application/json", "HTTP_AUTHORIZATION": api.headers["Authorization"]}
    problem(api.client.generic("POST", "/api/v1/release-events", b"{}", **{**usual, **meta}), status)


def test_a_batch_has_one_to_five_hundred_events(api: Api) -> None:
    for events in ([], [{}] * 501):
        assert problem(api.post("release-events:batch", {"events": events}), 400)["errors"][0]["pointer"] == "/events"


def test_problems_in_a_batch_point_into_the_batch(api: Api) -> None:
    event = {
        "source": "ci",
        "event_id": "1",
        "product": "checkout",
        "version": "1",
        "kind": "exposed",
        "occurred_at": "2026-06-01T09:30:00Z",
    }
    changes: list[dict[str, Any]] = [
        {},
        {"version": "2"},
        {"event_id": "2", "occurred_at": "9998-12-31T23:59:59-12:00"},
        {"event_id": "3", "url": "javascript:alert(1)"},
        {"event_id": "4", "occurred_at": "9999-12-31T23:59:59-12:00"},
        {"event_id": "5", "occurred_at": "0001-01-01T00:00:00+12:00"},
    ]
    events = [{**event, **change} for change in changes]
    body = api.post("release-events:batch", {"events": events}).json()
    found = [result["problem"]["errors"][0]["pointer"] for result in body["results"] if "problem" in result]
    fields = ["/1/event_id", "/2/occurred_at", "/3/url", "/4/occurred_at", "/5/occurred_at"]
    assert found == [f"/events{field}" for field in fields]
    assert Release.objects.count() == 1


def test_half_a_surrogate_pair_spoils_the_document(api: Api) -> None:
    event = '{"source":"ci","event_id":"%s","product":"checkout","version":"1","kind":"exposed","occurred_at":"%s"}'
    items = [event % (name, "2026-06-01T09:30:00Z") for name in ("1", "\\ud800", "3")]
    answer = api.post("release-events:batch", f'{{"events": [{",".join(items)}]}}'.encode())
    problem(answer, 400)
    assert not Release.objects.exists()


def test_a_token_has_so_many_requests_a_minute(api: Api, settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 3
    assert [api.get("products").status_code for _ in range(3)] == [200] * 3
    answer = api.get("products")
    assert "batches" in problem(answer, 429)["detail"]
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_products_are_read_page_by_page_and_one_by_one(api: Api) -> None:
    first = api.get("products?limit=1").json()
    second = api.get(f"products?limit=1&cursor={first['next']}").json()
    assert [row["slug"] for row in first["items"] + second["items"]] == ["checkout", "switchyard"]
    assert second["next"] is None
    assert api.get("products/checkout").json() == first["items"][0]
    assert [row["slug"] for row in api.get("products?type=I").json()["items"]] == ["switchyard"]
    problem(api.get("products/nothing"), 404)


def test_a_signed_in_browser_reads_and_never_writes(cast: Cast) -> None:
    client = Client()
    problem(client.get("/api/v1/products"), 401)
    client.force_login(cast.otto)
    assert client.get("/api/v1/products").status_code == 200
    problem(client.post("/api/v1/release-events", b"{}", content_type="application/json"), 401)


def test_health_says_alive_and_ready(db: None) -> None:
    for address, words in (("/healthz", b"alive\n"), ("/readyz", b"ready\nbroker: answers\n")):
        answer = Client().get(address)
        assert (answer.status_code, answer.content) == (200, words)


def test_the_description_is_open_and_describes_every_call_with_its_problems() -> None:
    answer = Client().get("/api/openapi.json")
    document = json.loads(answer.content)
    assert (answer.status_code, document["openapi"][:3]) == (200, "3.1")
    assert {"/api/v1/release-events", "/api/v1/release-events:batch", "/api/v1/products", "/api/v1/releases"} <= set(
        document["paths"]
    )
    for address, calls in document["paths"].items():
        for method, call in calls.items():
            assert {"400", "401", "403", "429", "503"} <= call["responses"].keys(), f"{method} {address}"
            assert (method == "post") == ("requestBody" in call), f"{method} {address}"
            assert call["security"], f"{method} {address}"
    assert "Problem" in document["components"]["schemas"]


@pytest.mark.parametrize("kind", [ReleaseEventIn, ReleaseFacts, ProductOut])
def test_the_description_says_what_the_structs_check(kind: type[Any]) -> None:
    document = json.loads(Client().get("/api/openapi.json").content)
    _, parts = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    described = document["components"]["schemas"][kind.__name__]
    assert described == json.loads(json.dumps(parts[kind.__name__]))
