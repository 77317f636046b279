"""The broker may freeze or die: no request waits for it, and figures stay fresh without it."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest
import redis
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import RequestFactory

from pmtrack.bench.faults.company import set_up
from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.waiting import wait_until
from pmtrack.stack import valkey
from pmtrack.stack.processes import Child, ProcessGroup
from pmtrack.web import wake

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stack")]

QUEUE = "celery"
REQUESTS = 30


@pytest.fixture
def broker(tmp_path: Path, settings: LazySettings) -> Iterator[tuple[Child, "redis.Redis[bytes]"]]:
    """A Valkey that may be stopped and killed, as our broker, with a client that looks into it."""
    with ProcessGroup(tmp_path / "logs") as group:
        url = valkey.start(group, tmp_path / "valkey", password="a-word", throw_away=True)
        settings.CELERY_BROKER_URL, settings.WAKE_AFTER_WRITES = url, True
        client = redis.Redis.from_url(url)
        yield group.children[0], client
        client.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group.children[0].process.pid, signal.SIGCONT)


def waiting(client: "redis.Redis[bytes]") -> int:
    """How many wake-ups wait for a worker."""
    return int(client.llen(QUEUE))


@pytest.mark.parametrize(
    ("method", "status", "wakes"),
    [
        ("POST", 201, True),
        ("POST", 303, True),
        ("DELETE", 204, True),
        ("POST", 422, False),
        ("POST", 503, False),
        ("GET", 200, False),
    ],
)
def test_only_a_successful_write_wakes(
    broker: tuple[Child, "redis.Redis[bytes]"],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    status: int,
    *,
    wakes: bool,
) -> None:
    sender = wake.Sender()
    monkeypatch.setattr(wake, "sender", sender)
    middleware = wake.WakeMiddleware(lambda request: HttpResponse(status=status))
    assert middleware(RequestFactory().generic(method, "/")).status_code == status
    assert sender.awake is wakes
    if wakes:
        wait_until(lambda: waiting(broker[1]) == 1, within=10, what="the wake-up is in the queue")


def test_many_writes_at_once_cost_few_messages(broker: tuple[Child, "redis.Redis[bytes]"]) -> None:
    child, client = broker
    sender = wake.Sender()
    sender.wake()
    wait_until(lambda: waiting(client) == 1, within=10, what="the first wake-up is in the queue")
    os.killpg(child.process.pid, signal.SIGSTOP)
    for _ in range(1_000):
        sender.wake()
    os.killpg(child.process.pid, signal.SIGCONT)
    wait_until(lambda: waiting(client) > 1, within=10, what="a later wake-up is in the queue")
    assert waiting(client) <= 3


def test_a_frozen_broker_costs_a_write_nothing(broker: tuple[Child, "redis.Redis[bytes]"]) -> None:
    sender = wake.Sender()
    os.killpg(broker[0].process.pid, signal.SIGSTOP)
    began = time.thread_time(), time.monotonic()
    for _ in range(1_000):
        sender.wake()
    assert time.thread_time() - began[0] < 0.1
    assert time.monotonic() - began[1] < 2, "a thousand writes do not wait for one answer"


def test_after_its_death_a_broker_is_asked_again(broker: tuple[Child, "redis.Redis[bytes]"], tmp_path: Path) -> None:
    child, client = broker
    sender = wake.Sender(pause=0.1)
    sender.wake()
    wait_until(lambda: waiting(client) == 1, within=10, what="the first wake-up is in the queue")
    client.flushall()
    port = client.connection_pool.connection_kwargs["port"]
    os.killpg(child.process.pid, signal.SIGKILL)
    child.process.wait()
    sender.wake()
    with ProcessGroup(tmp_path / "again") as group:
        program = [str(valkey.valkey_program()), str(tmp_path / "valkey" / "valkey.conf")]
        again = group.start("valkey", program, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"})
        valkey.wait_until_it_answers(again, port, "a-word")

        def arrives() -> bool:
            sender.wake()
            return waiting(client) > 0

        wait_until(arrives, within=20, what="a wake-up is in the new queue")


def post(stack: Stack, token: str, number: int) -> float:
    """Log one entry; gives back how long it took."""
    body = {
        "source": "form",
        "source_id": str(number),
        "text": "Slow.",
        "product": "product-0",
        "received_at": datetime(2026, 6, 8, 12, tzinfo=UTC).isoformat(),
    }
    answer = stack.call("POST", "/api/v1/feedback", body, token=token)
    assert answer.status == 201, answer
    return answer.seconds


def shows(stack: Stack, entries: int) -> bool:
    """Whether pages count so many entries."""
    return stack.rows("SELECT n FROM metrics_weeklyrollup WHERE measure = 'feedback'") == [(entries,)]


def stands(stack: Stack) -> list[tuple[int]]:
    """How many entries pages say wait for a diagnosis."""
    return stack.rows("SELECT n FROM metrics_rollup WHERE measure = 'cycle:heard'")


def test_writes_are_as_quick_and_figures_stay_fresh_with_the_broker_frozen_and_dead(tmp_path: Path) -> None:
    with Stack(tmp_path) as stack:
        token = set_up(stack)
        post(stack, token, 0)
        wait_until(lambda: stands(stack) == [(1,)], within=5, what="the stage of the cycle counts the entry")
        sound = median(post(stack, token, number) for number in range(1, REQUESTS))
        stack.freeze("valkey")
        frozen = [post(stack, token, REQUESTS + number) for number in range(REQUESTS)]
        wait_until(lambda: shows(stack, 2 * REQUESTS), within=20, what="the sweep counts all entries, broker frozen")
        stack.thaw("valkey")
        stack.kill("valkey")
        dead = [post(stack, token, 2 * REQUESTS + number) for number in range(REQUESTS)]
        wait_until(lambda: shows(stack, 3 * REQUESTS), within=20, what="the sweep counts all entries, broker dead")
    # Generous for a busy machine, far below the 500 ms that one wait for the broker would cost.
    for times in (frozen, dead):
        assert median(times) < 3 * sound + 0.05
        assert sum(seconds > 0.45 + 3 * sound for seconds in times) <= 2, "no request waits for the broker"
