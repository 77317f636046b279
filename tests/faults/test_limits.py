"""Limits are counted by all web processes together, and by each alone while Valkey is dead or frozen; nobody waits for it."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import LazySettings, settings
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client

from pmtrack.stack import valkey
from pmtrack.stack.processes import Child, ProcessGroup
from pmtrack.web import shared_cache
from pmtrack.web.shared_cache import Shared, SharedCache
from pmtrack.web.throttles import TokenThrottle
from tests.conftest import Cast

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stack")]
PARAMS = {"KEY_PREFIX": "pmtrack:cache"}


@pytest.fixture
def server(tmp_path: Path, settings: LazySettings) -> Iterator[Child]:
    """A Valkey that may be stopped and killed; three calls a minute for each token."""
    with ProcessGroup(tmp_path / "logs") as group:
        settings.CELERY_BROKER_URL = valkey.start(group, tmp_path / "valkey", password="a-word", throw_away=True)
        settings.API_RATE_PER_MINUTE = 3
        another_process()
        yield group.children[0]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group.children[0].process.pid, signal.SIGCONT)
    another_process()


def another_process() -> None:
    """What a second web process starts with: no connection, no counts."""
    shared_cache.shared.cache_clear()
    TokenThrottle._windows.clear()


def call(token: int = 7) -> bool:
    """Whether one more call with the token is allowed."""
    return TokenThrottle().allow_request(SimpleNamespace(auth=SimpleNamespace(pk=token)), None)  # type: ignore[arg-type]


def stop(server: Child, how: str) -> None:
    """Kill it, or let it stand still with its connections open."""
    os.killpg(server.process.pid, signal.SIGKILL if how == "dead" else signal.SIGSTOP)
    if how == "dead":
        server.process.wait()


def test_two_processes_share_the_limit_of_a_token(server: Child) -> None:
    assert [call(), call()] == [True, True]
    another_process()
    assert [call(), call()] == [True, False]
    assert call(token=8)


def test_a_refused_token_is_told_when_its_window_ends(server: Child) -> None:
    throttle = TokenThrottle()
    for _ in range(4):
        allowed = throttle.allow_request(SimpleNamespace(auth=SimpleNamespace(pk=7)), None)  # type: ignore[arg-type]
    assert not allowed
    assert 58 < throttle.wait() <= 60


@pytest.mark.parametrize("how", ["dead", "frozen"])
def test_without_valkey_each_process_counts_alone_and_waits_once_at_most(server: Child, how: str) -> None:
    call()
    another_process()
    call(token=8)
    stop(server, how)
    began = time.monotonic()
    assert [call() for _ in range(4)] == [True, True, True, False]
    assert time.monotonic() - began < 4 * shared_cache.PATIENCE_SECONDS
    began = time.monotonic()
    for _ in range(1000):
        call()
    assert time.monotonic() - began < 1


def test_valkey_is_asked_again_when_the_pause_is_over(server: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    stop(server, "frozen")
    assert call()
    os.killpg(server.process.pid, signal.SIGCONT)
    monkeypatch.setattr(shared_cache.shared(address()), "_quiet_until", 0.0)
    assert [call(), call(), call(), call()] == [True, True, True, False], "the window in Valkey is a new one"


def address() -> str:
    """Where the fixture's server is."""
    return str(settings.CELERY_BROKER_URL)


def test_the_cache_keeps_values_for_all_processes_and_for_one_without_valkey(server: Child) -> None:
    url = address()
    one = SharedCache(url, PARAMS)
    one.set("history", [1.5, 2.5], 60)
    assert one.add("lock", True, 10)
    another_process()
    two = SharedCache(url, PARAMS)
    assert (two.get("history"), two.add("lock", True, 10), two.get("nothing", "else")) == ([1.5, 2.5], False, "else")
    stop(server, "dead")
    assert (two.get("history"), two.add("lock", True, 10), two.add("lock", True, 10)) == (None, True, False)
    assert (two.delete("lock"), two.get("lock")) == (True, None)


def test_forgetting_counts_leaves_the_brokers_messages(server: Child) -> None:
    cache = SharedCache(address(), PARAMS)
    client = Shared(address()).client
    client.lpush("celery", "a message")
    cache.set("history", [1.5])
    cache.clear()
    assert (client.llen("celery"), cache.get("history")) == (1, None)


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["dead", "frozen"])
def test_signing_in_works_without_valkey_and_is_still_limited(
    cast: Cast, server: Child, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(server, how)
    cache = SharedCache(address(), PARAMS)
    assert isinstance(cache._near, LocMemCache)
    monkeypatch.setattr("allauth.core.internal.ratelimit.cache", cache)
    browser, wrong = Client(), {"login": cast.emil.email, "password": "something else"}
    began = time.monotonic()
    answers = [browser.post("/login/", wrong) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 6
    assert "Too many failed login attempts" in answers[-1].text
    assert time.monotonic() - began < 20
