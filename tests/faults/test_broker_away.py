"""A minute without the broker, dead or frozen: writes are as quick as before, and figures stay fresh by the sweep."""

import threading
import time
from collections.abc import Sequence

import pytest

from pmtrack.bench.faults.company import set_up
from pmtrack.bench.faults.ledger import Ledger, in_words, share_below
from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.verdict import missing_facts, settle, wrong_cells
from pmtrack.bench.faults.watch import Watch
from pmtrack.bench.faults.writers import Writer, at_work, writers
from tests.faults.conftest import Told

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.xdist_group("stack")]

SOUND_SECONDS, MINUTE = 20.0, 60.0
FRESH_SECONDS = 5.0
WRITE_SECONDS = 0.15


class Phases:
    """Cuts what the clients measured into the time before and after a moment."""

    def __init__(self, clients: Sequence[Writer | Watch]) -> None:
        self.ledgers = [client.ledger for client in clients]
        self.cuts = self._now()

    def _now(self) -> list[tuple[int, int]]:
        return [(len(ledger.seconds), len(ledger.fresh)) for ledger in self.ledgers]

    def cut(self, seconds: float) -> tuple[list[float], list[float]]:
        """What is measured in the next ``seconds``: time of each write, and time until each was shown."""
        threading.Event().wait(seconds)  # the minute is what is tested
        now = self._now()
        parts = list(zip(self.ledgers, self.cuts, now, strict=True))
        self.cuts = now
        writes = [value for ledger, (start, _), (end, _) in parts for value in ledger.seconds[start:end]]
        return writes, [value for ledger, (_, start), (_, end) in parts for value in ledger.fresh[start:end]]


def lose_broker(stack: Stack, how: str) -> None:
    """Kill it or stop it."""
    (stack.kill if how == "dead" else stack.freeze)("valkey")


def find_broker(stack: Stack, how: str) -> None:
    """Bring it back."""
    (stack.start_again if how == "dead" else stack.thaw)("valkey")


def seconds_until_shown_without_sweep(stack: Stack, token: str) -> float:
    """How long one reading takes when only the broker's way is left: wake-up, worker, beat."""
    stack.kill("sweep")
    watch, began = Watch(stack, token), time.monotonic()
    with at_work([watch]):
        threading.Event().wait(0.5)
    assert watch.ledger.surprises == []
    return time.monotonic() - began


@pytest.mark.parametrize("how", ["dead", "frozen"])
def test_a_minute_without_the_broker_slows_no_write_and_stales_no_figure(
    stack: Stack, told: Told, seed: int, how: str
) -> None:
    token = set_up(stack)
    clients = [*writers(stack, token, seed=seed, every=0.1), Watch(stack, token)]
    with at_work(clients):
        phases = Phases(clients)
        phases.cut(3)  # first connections and caches
        sound, _ = phases.cut(SOUND_SECONDS)
        lose_broker(stack, how)
        writes, fresh = phases.cut(MINUTE)
    find_broker(stack, how)
    settle(stack)
    ledger = Ledger.of(client.ledger for client in clients)
    told(
        f"broker {how} for {MINUTE:.0f} s\n  writes before: {in_words(sound)}\n  writes meanwhile: {in_words(writes)}\n"
        f"  until shown meanwhile: {in_words(fresh, unit='s')}"
    )
    assert ledger.surprises == []
    assert ledger.retries == 0, "no client noticed"
    assert missing_facts(ledger, stack) == []
    assert wrong_cells(stack) == 0
    assert max(fresh) <= FRESH_SECONDS
    # 150 ms; a machine that is slower than that with a sound broker is held against itself.
    assert share_below(writes, 0.99) <= max(WRITE_SECONDS, 1.5 * share_below(sound, 0.99))
    assert seconds_until_shown_without_sweep(stack, token) < 30, "the broker's way works again"
