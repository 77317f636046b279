"""The API's reference: every call is there, and every example does on a running server what the page says.

``PMTRACK_RECORD_ANSWERS=1`` writes the answers that the page shows anew.
"""

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from metrics.queries.reader import reader_names
from metrics.services.rollups import refresh
from pmtrack import routes
from pmtrack.reference.document import calls, kind_of, shapes
from pmtrack.reference.examples import EXAMPLES, PROBLEM
from pmtrack.reference.names import ANSWERS, USUAL, filled, recorded_answer, words_of
from pmtrack.reference.snippets import curl, python
from pmtrack.reference.views import STATUSES, limits
from products.models import Release
from tests.api.heard import hear, help_asked_of, on_its_way
from tests.conftest import Cast
from tests.credit.scene import thanks
from tests.factories import expose, make_commitment, make_feature, make_kpi, make_product, make_release, make_token, own
from tests.metrics.test_dashboards import read, ship

RECORDS = os.environ.get("PMTRACK_RECORD_ANSWERS") == "1"


@dataclass(frozen=True, slots=True)
class World:
    """A running server, and whom the examples speak to."""

    base: str
    secret: str
    words: dict[str, str]


@pytest.fixture
def world(transactional_db: None, cast: Cast, live_server: LiveServer) -> World:
    """Lena's team with a product of each type, a KPI with readings, a release and a token."""
    now = datetime.now(UTC)
    rate_desk = make_product("rate-desk", "I")
    own(cast.booking, rate_desk)
    visits = make_kpi(cast.checkout, "checkout-visits", "sum", unit="visits", is_main=True)
    days = [now.date() - timedelta(days=ago) for ago in range(3, 300)]
    read(visits, {day: (3000 + day.toordinal() % 90, 0) for day in days}, now)
    visits.refresh_from_db()
    visits.readings.update(source="warehouse")
    type(visits).objects.update(source="warehouse")
    form = make_feature(cast.emil, cast.checkout, title="Guest form")
    named = make_release(cast.checkout, "7.3.0", name="Guest form", feature_keys=[form.key])
    make_commitment(cast.emil, named, visits, is_main=True, declared_at=now - timedelta(days=60))
    expose(named, now - timedelta(days=40))
    ship(cast.checkout, "Split payment", now - timedelta(days=9), now)
    thanks(cast.emil, form, rate_desk, "accelerated", (9, 9), None)
    on_its_way(cast, Release.objects.get(version="Split payment"), now)
    help_asked_of(cast, cast.lena, now)
    hear(cast, now - timedelta(days=2))
    secret = make_token(cast.lena, team=cast.booking)
    refresh(now=now)
    names = reader_names(cast.lena, now=now)
    return World(f"{live_server.url}/api/v1", secret, words_of(names, mail=cast.emil.email, today=now.date()))


def by_curl(world: World, operation: str) -> tuple[int, Any]:
    """Send what the curl command says."""
    text = curl(EXAMPLES[operation], base=world.base, words=world.words)
    command = shlex.split(text.replace("$PMTRACK_TOKEN", world.secret).replace("\\\n", " "))
    assert command[:2] == ["curl", "-sS"]
    url, *options = command[2:]
    given = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for option, value in given if option == "-H")
    data = next((value.encode() for option, value in given if option == "-d"), None)
    return send(urllib.request.Request(url, data, headers))


def send(request: urllib.request.Request) -> tuple[int, Any]:
    """Status and answer."""
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def by_python(world: World, operation: str) -> tuple[int, Any]:
    """Run the Python program as it stands."""
    program = compile(python(EXAMPLES[operation], base=world.base, words=world.words), operation, "exec")
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(program, {})
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    status, _, answer = out.getvalue().partition(" ")
    return int(status), json.loads(answer)


def differs(told: Any, found: Any, place: str = "") -> str:
    """Where two answers have not the same shape; "" where they have. Null goes with everything, an empty list with every list."""
    if told is None or found is None:
        return ""
    if isinstance(told, dict) and isinstance(found, dict):
        if told.keys() != found.keys():
            return f"{place}: {sorted(told.keys() ^ found.keys())}"
        return next((wrong for key in told if (wrong := differs(told[key], found[key], f"{place}/{key}"))), "")
    if isinstance(told, list) and isinstance(found, list):
        return differs(told[0], found[0], f"{place}/0") if told and found else ""
    kinds = [("number" if type(one) in {int, float} else type(one).__name__) for one in (told, found)]
    return "" if kinds[0] == kinds[1] else f"{place}: {kinds[0]} is told, {kinds[1]} found"


def record(operation: str, answer: Any, words: Mapping[str, str]) -> None:
    """Write an answer with names in place of what stands for them. What pages show keeps its days: its sentences name them."""
    text = json.dumps(answer, indent=1, ensure_ascii=False)
    for name in (
        "kpi",
        "product",
        "internal",
        "source",
        "team",
        "release",
        "entry",
        "diagnosis",
        "feature",
        "enablement",
    ):
        text = re.sub(rf"(?<![\w$-]){re.escape(words[name])}(?![\w-])", f"${{{name}}}", text)
    if not operation.endswith(("dashboard", "impact", "series")):
        for name in ("today", "yesterday", "before", "monday"):
            text = re.sub(rf"\b{words[name]}(?!\d)", f"${{{name}}}", text)
    (ANSWERS / f"{operation}.json").write_text(text + "\n")


@pytest.mark.parametrize("way", [by_curl, by_python])
def test_every_example_does_what_the_page_says(
    world: World, way: Callable[[World, str], tuple[int, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PMTRACK_TOKEN", world.secret)
    wrong = {}
    for operation, example in EXAMPLES.items():
        status, answer = way(world, operation)
        refresh(now=datetime.now(UTC))
        if RECORDS:
            record(operation, answer, world.words)
            recorded_answer.cache_clear()
        told = recorded_answer(operation)
        if status != example.status or (differing := differs(told, answer)):
            wrong[operation] = (status, answer if status != example.status else differing)
    assert wrong == {}


def test_the_error_on_the_page_is_the_one_that_clients_get(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.secret}", "Content-Type": "application/json"}
    body = json.dumps(filled(PROBLEM.body, world.words)).encode()
    status, answer = send(urllib.request.Request(f"{world.base}{PROBLEM.path}", body, headers))
    if RECORDS:
        record("problem", answer, world.words)
        recorded_answer.cache_clear()
    told = recorded_answer("problem")
    assert (status, differs(told, answer)) == (PROBLEM.status, "")
    assert told["detail"] == answer["detail"]


def test_the_first_release_sent_twice_with_the_real_curl_is_one_release(world: World) -> None:
    program = shutil.which("curl")
    if program is None:
        assert os.environ.get("PMTRACK_REQUIRE_BROWSER") != "1", "Install curl: here a test that skips is a failure."
        pytest.skip("there is no curl on this machine")
    text = curl(EXAMPLES["send_release_event"], base=world.base, words=world.words)
    said = []
    for _ in range(2):
        done = subprocess.run(
            ["sh", "-c", f"{text} -i"],
            env={**os.environ, "PMTRACK_TOKEN": world.secret},
            capture_output=True,
            text=True,
        )
        said.append(done.stdout)
    assert " 201 " in said[0].splitlines()[0]
    assert " 200 " in said[1].splitlines()[0]
    assert "idempotent-replayed: true" in said[1].lower()


def test_every_route_has_an_example_and_every_example_a_route() -> None:
    assert set(EXAMPLES) == set(calls())
    assert {path.stem for path in ANSWERS.glob("*.json")} == {*EXAMPLES, "problem"}
    listed = {pattern.name for pattern in routes.urlpatterns if pattern.name} - {"api_schema", "api_docs"}
    assert len(listed) <= len(calls())


def test_every_call_says_its_scope_and_every_field_that_clients_send_has_words() -> None:
    for call in calls().values():
        assert call.scope, call.operation
        assert call.words, call.operation
        assert call.takes_session == (call.method == "GET"), call.operation
        assert [one.name for one in call.parameters if not one.words] == [], call.operation
    sent = [shape for shape in shapes() if shape.name.endswith("In")]
    assert {shape.name: [one.name for one in shape.fields if not one.words] for shape in sent} == {
        shape.name: [] for shape in sent
    }


def test_every_status_that_a_call_may_answer_is_explained() -> None:
    explained = {status for status, _ in STATUSES}
    assert {status for call in calls().values() for status in call.bad} <= explained


def test_refusals_of_examples_are_among_the_documented_answers() -> None:
    for operation, example in EXAMPLES.items():
        call = calls()[operation]
        assert example.status in call.good
        assert {status for status, _, _ in example.refusals} <= {*call.bad, *call.good}, operation


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 5000}, "whole number, 0 to 5,000"),
        ({"type": "string", "minLength": 1, "maxLength": 80}, "text, 1 to 80 characters"),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, "day, like 2026-06-15 or null"),
        ({"enum": ["a", "b"]}, "one of “a”, “b”"),
        (
            {"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 9},
            "list of true or false, 1 to 9",
        ),
        ({"type": ["string", "null"]}, "text or null"),
    ],
)
def test_limits_are_said_in_words(schema: dict[str, Any], words: str) -> None:
    assert kind_of(schema) == words


def test_the_limits_on_the_page_are_those_that_are_upheld(settings: Any) -> None:
    settings.API_RATE_PER_MINUTE = 123
    found = limits()
    assert (found["rate"], found["single"], found["batch"], found["skew"]) == (123, 1, 8, 5)
    assert found["batches"]["/kpis/{slug}/readings:batch"] == "list of ReadingIn, 1 to 10,000"
    assert set(found["batches"]) == {call.path for call in calls().values() if call.path.endswith(":batch")}


def test_the_page_speaks_the_readers_own_names(cast: Cast, client: Client) -> None:
    make_token(cast.paula, product=cast.switchyard)
    client.force_login(cast.paula)
    page = client.get("/api/docs/").content.decode()
    assert f"Take your token “{cast.paula.tokens.get().name}”" in page
    assert "&quot;product&quot;: &quot;switchyard&quot;" in page
    assert "http://testserver/api/v1/release-events" in page
    assert 'href="/products/switchyard/"' in page


def test_a_reader_without_products_sees_the_usual_names(cast: Cast, client: Client) -> None:
    client.force_login(cast.otto)
    page = client.get("/api/docs/").content.decode()
    assert "You answer for no product" in page
    assert f"&quot;product&quot;: &quot;{USUAL.product}&quot;" in page


def test_the_reference_is_for_everybody_signed_in_and_nobody_else(cast: Cast, client: Client) -> None:
    assert client.get("/api/docs/").status_code == 302
    assert client.post("/api/docs/").status_code in {302, 403, 405}
    for user in (cast.otto, cast.emil, cast.lena, cast.admin):
        client.force_login(user)
        assert client.get("/api/docs/").status_code == 200
    assert client.post("/api/docs/").status_code == 405


@pytest.mark.parametrize("count", [1, 50])
def test_the_readers_names_cost_nine_statements(
    cast: Cast, now: datetime, count: int, django_assert_num_queries: Callable[[int], AbstractContextManager[Any]]
) -> None:
    for number in range(count):
        product = make_product(f"more-{number}", "I")
        own(cast.booking, product, start=date(2021, 1, 1))
        make_kpi(product, f"kpi-{number}", "sum")
    with django_assert_num_queries(9):
        names = reader_names(cast.lena, now=now)
    assert (names.product, names.internal, names.kpi) == ("checkout", "more-0", "kpi-0")
