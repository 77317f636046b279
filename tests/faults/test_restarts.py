"""PostgreSQL restarts under load: everybody is told to wait, nobody loses what was acknowledged."""

import random
import threading
from dataclasses import dataclass, field

import pytest

from pmtrack.bench.faults.company import set_up
from pmtrack.bench.faults.ledger import Ledger, in_words
from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.verdict import missing_facts, quarantined, settle, wrong_cells
from pmtrack.bench.faults.watch import Watch
from pmtrack.bench.faults.writers import at_work, writers
from tests.faults.conftest import Told

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stack")]


@dataclass(slots=True)
class Reader:
    """Somebody who looks at a page and a list while it happens."""

    stack: Stack
    token: str
    over: threading.Event = field(default_factory=threading.Event)
    ledger: Ledger = field(default_factory=Ledger)

    def run(self) -> None:
        """Look from one to the other until it is over."""
        while not self.over.is_set():
            for path in ("/login/", "/api/v1/products"):
                answer = self.stack.call("GET", path, token=self.token)
                self.ledger.answers[answer.status] += 1
                if answer.status != 200 and (answer.status != 503 or "retry-after" not in answer.headers):
                    self.ledger.surprises.append(f"{path}: {answer.status} {answer.body} {answer.headers}")
            self.over.wait(0.02)


def restart_often(stack: Stack, told: Told, *, seed: int, times: int) -> None:
    """Restart in peace and by force in turns, write and read meanwhile, compare."""
    token, choice = set_up(stack), random.Random(seed)
    clients = [*writers(stack, token, seed=seed), Watch(stack, token), Reader(stack, token)]
    with at_work(clients):
        for number in range(times):
            threading.Event().wait(choice.uniform(0.5, 1.5))  # at a moment that nobody chose
            (stack.kill if number % 2 else stack.stop)("postgres")
            threading.Event().wait(choice.uniform(0, 1))
            stack.start_again("postgres")
    settle(stack)
    ledger = Ledger.of(client.ledger for client in clients)
    told(
        f"PMTRACK_SEED={seed}: {times} restarts of PostgreSQL, every other by kill -9\n"
        f"  {ledger.facts:,} facts, answers {dict(sorted(ledger.answers.items()))}\n"
        f"  acknowledged writes: {in_words(ledger.seconds)}"
    )
    assert ledger.surprises == [], f"PMTRACK_SEED={seed}"
    assert ledger.answers[503] >= times, "the restarts were felt"
    assert ledger.answers[0] == 0, "the web server always answers"
    assert missing_facts(ledger, stack) == []
    assert (wrong_cells(stack), quarantined(stack)) == (0, 0)


def test_a_restart_of_the_database_is_a_pause_and_no_loss(stack: Stack, told: Told, seed: int) -> None:
    restart_often(stack, told, seed=seed, times=2)


@pytest.mark.long
def test_twelve_restarts_of_the_database_are_pauses_and_no_loss(stack: Stack, told: Told, seed: int) -> None:
    restart_often(stack, told, seed=seed, times=12)
