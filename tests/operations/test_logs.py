"""What the log says of requests and jobs, and what it never says."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.db import DataError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from metrics.tasks import refresh_rollups
from pmtrack.celery import app
from pmtrack.web import wake
from pmtrack.web.jobs import HEADER as JOB_HEADER
from pmtrack.web.log_lines import JsonLine, WordsLine, describe
from pmtrack.web.request_ids import current
from products.models import Product, User
from tests.conftest import Cast
from tests.factories import make_token

SECRETS = ("anna.lind", "070-555-0199", "Brunnsgatan", "hates the checkout")
MAIL = "anna.lind@example.com"


def fail_with_data(request: HttpRequest) -> HttpResponse:
    """A view that fails as PostgreSQL fails: quoting what was sent."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::int", [f"{MAIL} Brunnsgatan"])
    return HttpResponse()


def fail_with_chain(request: HttpRequest) -> HttpResponse:
    """A view whose exceptions quote the request, one from the other."""
    try:
        raise ValueError(f"{request.GET['who']} 070-555-0199")
    except ValueError as error:
        raise RuntimeError(f"Brunnsgatan: {error}") from error


urlpatterns = [
    path("fail-data", fail_with_data, name="fail_data"),
    path("fail-chain/<str:who>", lambda request, who: fail_with_chain(request), name="fail_chain"),
    path("", include("pmtrack.urls")),
]


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What production would print."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLine(role="web"))
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


def bearer(person: User, product: Product, *scopes: str) -> dict[str, dict[str, str]]:
    """A header with a new token of a person, as the test client takes it."""
    return {"headers": {"Authorization": f"Bearer {make_token(person, product=product, scopes=list(scopes))}"}}


def parsed(out: StringIO) -> list[dict[str, object]]:
    """The lines, each one JSON object."""
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_request_has_one_access_line_with_its_id(client: Client, cast: Cast, lines: StringIO) -> None:
    client.force_login(cast.paula)
    response = client.get("/?q=anna.lind")
    (line,) = [line for line in parsed(lines) if line["logger"] == "pmtrack.access"]
    assert line["request_id"] == response.headers["X-Request-Id"]
    assert UUID(str(line["request_id"])).version == 4
    assert (line["method"], line["status"], line["user"]) == ("GET", response.status_code, cast.paula.pk)
    assert line["route"] == "home"
    assert line["role"] == "web"
    assert float(str(line["ms"])) > 0


@pytest.mark.django_db
def test_a_clients_id_is_taken_if_it_is_a_uuid_and_replaced_otherwise(client: Client, lines: StringIO) -> None:
    sent = str(uuid4())
    assert client.get("/healthz", headers={"X-Request-Id": sent}).headers["X-Request-Id"] == sent
    for bad in ("anna.lind@example.com", "", "x" * 4000, sent + "\n", f"{sent}{sent}"):
        assert client.get("/healthz", headers={"X-Request-Id": bad}).headers["X-Request-Id"] not in {bad, sent}
    assert "anna" not in lines.getvalue()
    assert current.get() == "", "nothing of a request stays behind"


def test_a_call_with_a_token_is_logged_with_the_tokens_number(client: Client, cast: Cast, lines: StringIO) -> None:
    headers = bearer(cast.paula, cast.switchyard, "read")
    assert client.get("/api/v1/products", **headers).status_code == 200
    (line,) = [line for line in parsed(lines) if line["logger"] == "pmtrack.access"]
    assert line["token"] == cast.paula.tokens.get().pk
    assert line["user"] == cast.paula.pk
    assert line["route"] == "api_products"


@override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["testserver"])
def test_nothing_that_people_send_reaches_the_log(cast: Cast, lines: StringIO) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.paula)
    headers = bearer(cast.emil, cast.checkout, "feedback:write")
    text = "hates the checkout, call 070-555-0199"
    for address in ("/fail-data", f"/fail-chain/{MAIL}?who={MAIL}"):
        assert client.get(address, headers={"User-Agent": MAIL, "X-Request-Id": MAIL}).status_code == 500
    client.get(f"/no-such/{MAIL}/Brunnsgatan?who={MAIL}")
    client.generic("ANNA.LIND", "/")
    client.get("/", headers={"Host": "anna.lind.example.com"})
    client.get("/healthz", headers={"Referer": f"https://example.com/{MAIL}"})
    client.post("/accounts/login/", {"login": MAIL, "password": "Brunnsgatan 12 Brunnsgatan"})
    Client(enforce_csrf_checks=True).post(f"/accounts/login/?next={MAIL}", {"login": MAIL})
    body = {"source": "desk", "product": "checkout", "text": text, MAIL: text, "author": MAIL}
    for sent in (json.dumps(body), json.dumps({"text": text}), f'{{"text": "{text}', text):
        client.post("/api/v1/feedback", sent, content_type="application/json", **headers)
    client.get(f"/api/v1/releases?{MAIL}=1", **headers)
    client.get("/api/v1/products", HTTP_AUTHORIZATION=f"Bearer {MAIL}")
    said = lines.getvalue()
    assert len(parsed(lines)) >= 14
    for secret in (*SECRETS, "Bearer"):
        assert secret.lower() not in said.lower(), next(line for line in said.splitlines() if secret in line)


@override_settings(ROOT_URLCONF=__name__)
def test_an_exception_is_logged_with_its_class_state_and_place(cast: Cast, lines: StringIO) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(cast.paula)
    client.get("/fail-data")
    (line,) = [line for line in parsed(lines) if "exception" in line]
    steps = line["exception"]
    assert isinstance(steps, list)
    assert steps[-1] == "DataError 22P02"
    assert any(step.startswith("tests/operations/test_logs.py:") and step.endswith("fail_with_data") for step in steps)
    assert line["request_id"]
    assert line["status"] == 500


def test_an_exception_in_a_sentence_of_ours_is_named_without_its_words(lines: StringIO) -> None:
    logging.getLogger("metrics.example").warning("it failed: %s", DataError(MAIL))
    logging.getLogger("somelibrary").warning(f"cannot reach 'Brunnsgatan' for {MAIL}")
    logging.getLogger("somelibrary").warning("cannot reach %s", MAIL)
    assert [line["message"] for line in parsed(lines)] == [
        "it failed: DataError",
        "cannot reach … for …",
        "cannot reach %s",
    ]


def test_people_get_words_and_may_ask_for_an_exceptions_own() -> None:
    record = logging.makeLogRecord({"name": "pmtrack.x", "msg": "it is %s", "args": ("so",), "levelname": "INFO"})
    assert WordsLine(role="web").format(record).endswith("INFO pmtrack.x it is so")
    assert describe(ValueError("because"), with_words=True) == "ValueError: because"


@pytest.mark.django_db
def test_a_job_works_under_the_id_of_the_request_that_woke_it(lines: StringIO) -> None:
    name = str(uuid4())
    app.tasks[refresh_rollups.name].apply(headers={JOB_HEADER: name})
    (line,) = [line for line in parsed(lines) if line["logger"] == "pmtrack.jobs"]
    assert (line["request_id"], line["task"], line["status"]) == (name, "metrics.refresh", "done")
    assert current.get() == ""


def test_the_wake_up_carries_the_id_of_the_request() -> None:
    sender = wake.Sender()
    reset = current.set("00000000-0000-4000-8000-000000000001")
    try:
        sender.wake()
    finally:
        current.reset(reset)
    assert sender._asked_by.endswith("0001")
