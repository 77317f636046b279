"""/healthz, /readyz and /metrics of the real programs while a server is dead or frozen: in words, and never late."""

import time
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.waiting import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stack")]
IN_TIME = 4.0
TOKEN = "a-long-word-for-the-scraper"


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One stack for all harms, each of which is mended before the next; its programs know the scraper's token."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PMTRACK_METRICS_TOKEN", TOKEN)
        with Stack(tmp_path_factory.mktemp("health")) as stack:
            yield stack


@pytest.mark.parametrize("how", ["dead", "frozen"])
def test_health_is_told_in_words_and_in_time_without_the_database_and_without_valkey(scraped: Stack, how: str) -> None:
    asked = Asked(scraped)
    assert asked.all() == {"/healthz": 200, "/readyz": 200, "/metrics": 200}
    for server, ready, gauge in (("valkey", 200, "pmtrack_broker_up"), ("postgres", 503, "pmtrack_database_up")):
        assert f"{gauge} 1.0" in asked.words["/metrics"]
        asked.away(server, how)
        for _ in range(4):  # while earlier questions still hang, too
            assert asked.all() == {"/healthz": 200, "/readyz": ready, "/metrics": 200}
            assert f"{gauge} 0.0" in asked.words["/metrics"]
        asked.back(server, how)
        wait_until(
            lambda held=gauge: asked.all() and f"{held} 1.0" in asked.words["/metrics"], within=30, what="it is back"
        )
    assert asked.all() == {"/healthz": 200, "/readyz": 200, "/metrics": 200}


class Asked:
    """The three addresses, and what they said last."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.words: dict[str, str] = {}

    def all(self) -> dict[str, int]:
        """The status of each; each answers in time, and an answer of 503 has words."""
        found = {}
        for path in ("/healthz", "/readyz", "/metrics"):
            began = time.monotonic()
            request = Request(f"http://localhost:{self.stack.port}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
            try:
                with urlopen(request, timeout=IN_TIME) as answer:
                    found[path], self.words[path] = answer.status, answer.read().decode()
            except HTTPError as refused:
                found[path], self.words[path] = refused.code, refused.read().decode()
                assert "the database does not answer" in self.words[path]
            assert time.monotonic() - began < IN_TIME
        return found

    def away(self, server: str, how: str) -> None:
        """Kill it or stop it."""
        (self.stack.kill if how == "dead" else self.stack.freeze)(server)

    def back(self, server: str, how: str) -> None:
        """Bring it back."""
        (self.stack.start_again if how == "dead" else self.stack.thaw)(server)
