"""Writers with a ledger of what was acknowledged, and a killer with a seed."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.faults.company import PRODUCTS, TEAMS
from tests.faults.stack import Answer, Stack

FIRST = date(2026, 1, 5)
WEEKS = 30
GIVE_UP_SECONDS = 60.0
RETRY_SECONDS = 0.2


@dataclass(slots=True)
class Ledger:
    """What the server said it has."""

    events: set[str] = field(default_factory=set)
    entries: dict[str, tuple[str, date]] = field(default_factory=dict)
    readings: dict[tuple[str, date], int] = field(default_factory=dict)
    usage: dict[tuple[str, str, date], int] = field(default_factory=dict)
    surprises: list[str] = field(default_factory=list)
    retries: int = 0


@dataclass(slots=True)
class Writer:
    """One client: writes its own keys one after the other, each until it is acknowledged."""

    stack: Stack
    token: str
    number: int
    seed: int
    over: threading.Event
    ledger: Ledger = field(default_factory=Ledger)
    written: int = 0

    def run(self) -> None:
        """Write until the campaign is over."""
        choice = random.Random(f"{self.seed}-{self.number}")
        products = PRODUCTS[self.number * 4 :][:4]
        while not self.over.is_set():
            deed = choice.choice([self.release, self.read, self.hear, self.use])
            deed(choice, choice.choice(products), FIRST + timedelta(days=choice.randrange(WEEKS * 7)))
            self.written += 1

    def send(self, path: str, body: Any) -> Answer:
        """Send until it is acknowledged, with the same key, as every client of ours must."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while True:
            answer = self.stack.call("POST", f"/api/v1/{path}", body, token=self.token)
            if answer.status in {200, 201}:
                return answer
            if answer.status not in {0, 503} or (answer.status == 503 and "retry-after" not in answer.headers):
                self.ledger.surprises.append(f"{path}: {answer.status} {answer.body}")
                return answer
            if time.monotonic() > deadline:
                self.ledger.surprises.append(f"{path}: not within {GIVE_UP_SECONDS:.0f} s")
                return answer
            self.ledger.retries += 1
            time.sleep(RETRY_SECONDS)  # the client's own pause between two tries

    def release(self, choice: random.Random, product: str, day: date) -> None:
        """A release goes live, or back."""
        key = f"event-{self.number}-{self.written}"
        body = {
            "source": "ci",
            "event_id": key,
            "product": product,
            "version": f"{choice.randrange(30)}.{self.number}",
            "kind": choice.choice(["exposed", "exposed", "rolled_back"]),
            "occurred_at": f"{day}T{choice.randrange(24):02d}:30:00Z",
        }
        self.send("release-events", body)
        self.ledger.events.add(key)

    def read(self, choice: random.Random, product: str, day: date) -> None:
        """A reading, or a correction of one."""
        value = choice.randrange(1_000)
        reading = {"day": str(day), "value": value}
        self.send(f"kpis/kpi-{product}/readings:batch", {"source": "erp", "readings": [reading]})
        self.ledger.readings[product, day] = value

    def hear(self, choice: random.Random, product: str, day: date) -> None:
        """Somebody says something at noon in UTC."""
        key = f"entry-{self.number}-{self.written}"
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        body = {"source": "form", "source_id": key, "text": "Slow.", "product": product, "received_at": at.isoformat()}
        self.send("feedback", body)
        self.ledger.entries[key] = (product, day)

    def use(self, choice: random.Random, product: str, day: date) -> None:
        """Usage of an internal product in one week; customers' products have none."""
        if PRODUCTS.index(product) % 2:
            return
        team, monday, active = choice.choice(TEAMS), day - timedelta(days=day.weekday()), choice.randrange(9)
        row = {"product": product, "team": team, "week": str(monday), "active_users": active, "eligible_users": 9}
        self.send("usage:batch", {"source": "logs", "rows": [row]})
        self.ledger.usage[product, team, monday] = active


@dataclass(slots=True)
class Killer:
    """Kills one thing after the other and starts it again; the same seed kills in the same order."""

    stack: Stack
    seed: int
    deeds: list[str] = field(default_factory=list)

    def run(self, kills: int, *, pause: float) -> None:
        """Kill `kills` times. The first round takes each kind once, so that a short campaign meets all of them."""
        choice = random.Random(self.seed)
        kinds: dict[str, Callable[[random.Random], None]] = {
            **{name: self._whole(name) for name in ("web", "worker", "beat", "sweep", "valkey", "postgres")},
            **{f"a child of {name}": self._child(name) for name in ("web", "worker", "postgres")},
            "freeze valkey": self._freeze,
        }
        order = choice.sample(sorted(kinds), len(kinds))
        while len(self.deeds) < kills:
            kind = order[len(self.deeds)] if len(self.deeds) < len(order) else choice.choice(sorted(kinds))
            # Not a wait for a condition: the kill comes at a moment that nobody chose.
            time.sleep(choice.uniform(pause / 2, pause))
            kinds[kind](choice)
            self.deeds.append(kind)

    def _whole(self, name: str) -> Callable[[random.Random], None]:
        def kill(choice: random.Random) -> None:
            self.stack.kill(name)
            time.sleep(choice.uniform(0, 0.5))  # gone for a while
            self.stack.start_again(name)

        return kill

    def _child(self, name: str) -> Callable[[random.Random], None]:
        return lambda choice: self.stack.kill_a_child_of(name, choice.randrange(20))

    def _freeze(self, choice: random.Random) -> None:
        self.stack.freeze("valkey")
        time.sleep(choice.uniform(0.5, 2))
        self.stack.thaw("valkey")


def run(stack: Stack, token: str, *, seed: int, kills: int, pause: float) -> tuple[Ledger, Killer]:
    """Write and kill at the same time; gives back one ledger of both writers once every write is acknowledged."""
    over = threading.Event()
    writers = [Writer(stack, token, number, seed, over) for number in (0, 1)]
    threads = [threading.Thread(target=writer.run, daemon=True) for writer in writers]
    killer = Killer(stack, seed)
    for thread in threads:
        thread.start()
    try:
        killer.run(kills, pause=pause)
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=2 * GIVE_UP_SECONDS)
    total = Ledger()
    for writer in writers:
        total.events |= writer.ledger.events
        total.entries |= writer.ledger.entries
        total.readings |= writer.ledger.readings
        total.usage |= writer.ledger.usage
        total.surprises += writer.ledger.surprises
        total.retries += writer.ledger.retries
    return total, killer
