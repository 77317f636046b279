"""What a data person does on the first day, with the real curl, a real server and a real worker: from readings to a verdict on the page."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from metrics.models import Mark
from pmtrack.bench.faults.waiting import wait_until
from pmtrack.stack import programs
from pmtrack.stack.discovery import ServerUrls
from pmtrack.stack.processes import ProcessGroup
from pmtrack.web import wake
from tests.conftest import Cast
from tests.factories import make_kpi, make_product, make_token, own
from tests.metrics.daily import DAY, amounts
from tests.reports import REPORT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("stack")]

WITHIN, WORKER_STARTS_WITHIN = 10.0, 60.0
AGO, HISTORY = 20, 320


@pytest.fixture
def worker(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Celery worker on the tests' database, woken by writes; no schedule and no sweep helps it."""
    settings.WAKE_AFTER_WRITES = True
    monkeypatch.setattr(wake, "sender", wake.Sender())
    held = connection.settings_dict
    place = f"{held['USER']}:{quote(held['PASSWORD'])}@{quote(held['HOST'], safe='')}:{held['PORT']}/{held['NAME']}"
    urls = ServerUrls(f"postgres://{place}", settings.CELERY_BROKER_URL, "")
    with ProcessGroup(tmp_path / "logs") as group:
        environment = programs.environment(urls, role="worker", url="http://localhost")
        group.start("worker", programs.commands(0, tmp_path)["worker"], env=environment)
        yield


@dataclass
class Curl:
    """Sends JSON with the real curl, as the reference tells people to."""

    base: str
    secret: str
    said: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, path: str, body: Any = None, *, status: int = 200) -> dict[str, Any]:
        """The answer, whose status has to be ``status``."""
        command = ["curl", "-sS", "-w", "\n%{http_code}", f"{self.base}/api/v1/{path}"]
        command += ["-H", f"Authorization: Bearer {self.secret}", "-H", "Content-Type: application/json"]
        command += ["-d", "@-"] if body else []
        done = subprocess.run(command, input=json.dumps(body), capture_output=True, text=True, check=True)
        text, _, code = done.stdout.rpartition("\n")
        assert int(code) == status, text
        answer: dict[str, Any] = json.loads(text)
        return answer


@pytest.fixture
def curl(cast: Cast, live_server: LiveServer) -> Curl:
    """Emil's calls: he may write what his team does."""
    if shutil.which("curl") is None:
        assert os.environ.get("PMTRACK_REQUIRE_BROWSER") != "1", "Install curl: here a test that skips is a failure."
        pytest.skip("there is no curl on this machine")
    return Curl(live_server.url, make_token(cast.emil, team=cast.booking))


def days_of(values: list[int], last: datetime) -> dict[str, Any]:
    """A push of these days, the last of them yesterday."""
    first = last.date() - len(values) * DAY
    return {
        "source": "warehouse",
        "readings": [{"day": str(first + place * DAY), "value": value} for place, value in enumerate(values)],
    }


def page_has(client: Client, path: str, *words: str) -> Callable[[], bool]:
    """Whether the page says all of the words."""
    return lambda: all(one in client.get(path).content.decode() for one in words)


@pytest.fixture
def orders(cast: Cast) -> None:
    """What is there before anybody sends anything: a KPI of Checkout, and one of another product that may control it."""
    make_kpi(cast.checkout, "orders", unit="orders")
    search = make_product("search", "E")
    own(cast.booking, search)
    make_kpi(search, "searches")


def release_event(curl: Curl, kind: str, at: datetime) -> None:
    """Say what happened to version 7.4.0."""
    event = {"source": "ci", "event_id": kind, "product": "checkout", "version": "7.4.0", "name": "Guest form"}
    curl("release-events", {**event, "kind": kind, "occurred_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}, status=201)


def test_readings_a_commitment_and_an_event_by_curl_become_a_verdict_on_the_page(
    cast: Cast, worker: None, orders: None, curl: Curl, record_property: Callable[[str, object], None]
) -> None:
    now = datetime.now(UTC)
    live = now - AGO * DAY
    release_event(curl, "planned", live - DAY)
    key = curl("releases?product=checkout")["items"][0]["key"]
    pushed = curl("kpis/orders/readings:batch", days_of(amounts(HISTORY, lift=0.2, since=HISTORY - AGO), now))
    assert (pushed["created"], pushed["refused"]) == (HISTORY, 0)
    curl("kpis/searches/readings:batch", days_of(amounts(HISTORY, seed=2), now))
    named = {"subject": key, "kpi": "orders", "direction": "rise", "is_main": True, "controls": ["searches"]}
    curl("commitments", named, status=201)
    wait_until(lambda: not Mark.objects.exists(), within=WORKER_STARTS_WITHIN, what="the worker drained the readings")
    client = Client()
    client.force_login(cast.lena)
    verdict = page_has(client, f"/releases/{key}/", "Clearly better")
    assert not verdict()

    release_event(curl, "exposed", live)
    told = time.monotonic()
    wait_until(verdict, within=WITHIN, what="the verdict stands on the page")
    took = time.monotonic() - told
    record_property(REPORT, f"from an acknowledged event by curl to the verdict on the page: {took:.2f} s")
    (effect,) = curl(f"effects?release={key}")["items"]
    assert (effect["words"], effect["kpi"], effect["controls"], effect["horizon"]) == (
        "Clearly better",
        "orders",
        1,
        14,
    )
    assert effect["figures"]["change_95"][0] < 20 < effect["figures"]["change_95"][1]
    assert effect["is_named_before"] is False, "it was named today, for a release of three weeks ago"
