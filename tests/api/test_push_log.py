"""The push log: one line for each call with a known token, never a value that was sent, never in the call's way."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from pmtrack.web.outcomes import without_values
from products.models import ApiCall, ApiToken, Scope, User
from products.services.push_log import Call, log_call, trim_push_log
from products.services.tokens import revoke_token
from products.tasks import trim_calls
from tests.api.client import Api
from tests.conftest import Cast
from tests.factories import NOW, make_kpi, make_token

EVENT = {"source": "ci", "event_id": "1", "version": "1", "kind": "exposed", "occurred_at": "2026-06-01T09:30:00Z"}
COUNTS = ("status", "stored", "replayed", "corrected", "refused")


@pytest.fixture
def api(cast: Cast) -> Api:
    """Emil's token for Checkout, with every scope."""
    return Api(make_token(cast.emil, product=cast.checkout))


def last() -> dict[str, Any]:
    """The newest line."""
    return ApiCall.objects.order_by("-pk").values().first() or {}


def counts() -> tuple[int, ...]:
    line = last()
    return tuple(line[name] for name in COUNTS)


def test_a_call_leaves_one_line_with_its_route_status_items_and_request_id(cast: Cast, api: Api) -> None:
    answer = api.post("release-events", {**EVENT, "product": "checkout"})
    line = last()
    assert ApiCall.objects.count() == 1
    assert counts() == (201, 1, 0, 0, 0)
    assert (line["method"], line["route"]) == ("POST", "/api/v1/release-events")
    assert line["token_id"] == ApiToken.objects.get().pk
    assert line["request_id"] == UUID(answer.headers["X-Request-Id"])
    assert line["duration_ms"] >= 0
    assert (line["problem"], line["fields"]) == ("", [])


def test_a_replay_is_counted_as_known(cast: Cast, api: Api) -> None:
    for _ in range(2):
        api.post("release-events", {**EVENT, "product": "checkout"})
    assert counts() == (200, 0, 1, 0, 0)


def test_a_push_counts_what_was_stored_known_corrected_and_refused(cast: Cast, api: Api) -> None:
    make_kpi(cast.checkout, "revenue")
    days = [{"day": f"2026-06-0{number}", "value": 10, "n": 1} for number in (1, 2, 3)]
    path = "kpis/revenue/readings:batch"
    api.post(path, {"source": "etl", "readings": days[:2]})
    assert counts() == (200, 2, 0, 0, 0)
    changed = [{**days[0], "value": 11}, days[1], days[2], {"day": "never", "value": 1}]
    api.post(path, {"source": "etl", "readings": changed})
    assert counts() == (207, 1, 1, 1, 1)
    assert last()["route"] == "/api/v1/kpis/<slug>/readings:batch"
    assert last()["fields"][0][0] == "/readings/3/day"


def test_reading_leaves_a_line_without_items(api: Api) -> None:
    api.get("products")
    assert counts() == (200, 0, 0, 0, 0)


PERSON = "vera.maier@kunde.example"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("release-events", {**EVENT, "product": PERSON}),
        ("release-events", {**EVENT, "product": "checkout", PERSON: 1}),
        ("release-events", {**EVENT, "product": "checkout", "kind": PERSON}),
        ("release-events", {**EVENT, "product": "checkout", "kind": "x' " * 150 + PERSON}),
        ("release-events", b'{"' + PERSON.encode() + b'": 1, "' + PERSON.encode() + b'": 2}'),
        ("release-events:batch", {"events": [{**EVENT, "product": PERSON}, {**EVENT, PERSON: 2}, PERSON]}),
        ("feedback", {"source": "crm", "source_id": "1", "text": "x", "channel": "call", "received_at": "2026-06-01T09:30:00Z",
                      "product": "checkout", "voice": {"account": PERSON}}),
        ("feedback", {"source": "crm", "source_id": "1", "text": "x", "channel": "call", "received_at": PERSON}),
        ("feedback", {"source": "crm", "source_id": "1", "text": "x", "channel": "call", "received_at": "2026-06-01T09:30:00Z",
                      "product": "checkout", "voice": {"colleague": PERSON}}),
    ],
)  # fmt: skip
def test_an_error_says_where_and_what_but_never_what_was_sent(api: Api, path: str, body: Any) -> None:
    answer = api.post(path, body)
    assert 400 <= answer.status_code < 500, answer.content
    line = last()
    assert line["problem"]
    assert "vera" not in str(line)
    assert "kunde" not in str(line)


def test_an_error_keeps_the_names_of_our_own_fields(api: Api) -> None:
    api.post("release-events", {**EVENT, "product": "checkout", "sequence": "three"})
    assert last()["fields"] == [["/sequence", "Expected `int`, got `str`."]]
    api.post("release-events", {key: value for key, value in EVENT.items() if key != "version"})
    assert any("missing required field" in words for _, words in last()["fields"])


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("'source' holds 'O'Brien' again.", "'source' holds '…' again."),
        ("There is no team 'Vera'. Check the slug.", "There is no team '…'. Check the slug."),
        ("Invalid enum value 'cut off in the mid", "Invalid enum value '…'"),
        ("call +49 171 555 0199 or vera@kunde.example, on 2026-06-01", "call … or … on 2026-06-01"),
    ],
)
def test_sentences_lose_what_may_be_a_clients(words: str, kept: str) -> None:
    assert without_values(words) == kept


def test_only_the_first_three_bad_fields_are_kept(api: Api) -> None:
    api.post("release-events:batch", {"events": [{"nothing": 1}] * 5})
    assert (last()["refused"], len(last()["fields"])) == (5, 3)


def test_calls_with_a_token_that_is_refused_are_logged_too(cast: Cast, api: Api) -> None:
    token = ApiToken.objects.get()
    Api(make_token(cast.emil, product=cast.checkout, scopes=["read"])).post("release-events", EVENT)
    assert (counts()[0], "lacks the scope 'release:write'" in last()["problem"]) == (403, True)
    User.objects.filter(pk=cast.emil.pk).update(is_active=False)
    api.get("products")
    assert (counts()[0], "has left" in last()["problem"]) == (401, True)
    User.objects.filter(pk=cast.emil.pk).update(is_active=True)
    revoke_token(token=token, now=NOW)
    api.get("products")
    assert (counts()[0], "revoked" in last()["problem"], last()["token_id"]) == (401, True, token.pk)


def test_calls_without_a_known_token_leave_no_line(cast: Cast, api: Api) -> None:
    for secret in (None, "pmt_ci_guessed"):
        assert Api(secret).get("products").status_code == 401
    assert not ApiCall.objects.exists()


def test_a_call_pays_one_insert_for_its_line(api: Api) -> None:
    api.get("products")
    with CaptureQueriesContext(connection) as seen:
        api.get("products")
    written = [one["sql"] for one in seen if not one["sql"].lstrip().upper().startswith("SELECT")]
    assert len(written) == 1
    assert "products_apicall" in written[0]


def test_a_log_that_cannot_be_written_changes_no_answer(api: Api) -> None:
    def refuse(execute: Any, sql: str, *args: Any) -> Any:
        if "products_apicall" in sql:
            raise OperationalError("no room")
        return execute(sql, *args)

    with connection.execute_wrapper(refuse):
        assert api.post("release-events", {**EVENT, "product": "checkout"}).status_code == 201
    assert not ApiCall.objects.exists()


def test_nothing_is_written_while_the_database_is_away(api: Api) -> None:
    tried: list[str] = []

    def away(execute: Any, sql: str, *args: Any) -> Any:
        tried.append(sql)
        if "products_product" in sql:
            raise OperationalError("gone")
        return execute(sql, *args)

    with connection.execute_wrapper(away):
        assert api.post("release-events", {**EVENT, "product": "checkout"}).status_code == 503
    assert not [sql for sql in tried if "products_apicall" in sql]


def line_of(token: ApiToken, number: int) -> Call:
    """The token's call number so and so."""
    return Call(
        token_id=token.pk,
        called_at=NOW + timedelta(seconds=number),
        method="GET",
        route="/api/v1/products",
        status=200,
        stored=0,
        replayed=0,
        corrected=0,
        refused=0,
        duration_ms=number,
        request_id=UUID(int=1),
    )


def test_each_token_keeps_its_newest_calls(cast: Cast) -> None:
    for user, product in ((cast.emil, cast.checkout), (cast.paula, cast.switchyard)):
        make_token(user, product=product)
    first, second = ApiToken.objects.order_by("pk")
    for number in range(7):
        for token in (first, second)[: 2 if number < 3 else 1]:
            log_call(call=line_of(token, number))
    assert trim_push_log(keep=4) == 3
    assert [call.duration_ms for call in first.calls.order_by("pk")] == [3, 4, 5, 6]
    assert second.calls.count() == 3
    trim_calls()
    assert ApiCall.objects.count() == 7


def test_every_answer_of_the_api_carries_its_request_id(cast: Cast, api: Api) -> None:
    for answer in (api.get("products"), api.get("nothing"), Api(None).get("products"), api.post("feedback", b"{")):
        assert UUID(answer.headers["X-Request-Id"]).version == 4
        if answer.status_code >= 400:
            assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


def test_a_line_survives_the_longest_names(cast: Cast) -> None:
    api = Api(make_token(cast.emil, product=cast.checkout, scopes=list(Scope.values)))
    assert api.get(f"products/{'a' * 3000}").status_code == 404
    assert last()["route"] == "/api/v1/products/<slug>"
