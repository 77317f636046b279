"""Clients that write their own keys over REST and send each until it is acknowledged, as every client of ours must."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from pmtrack.bench.faults.company import PRODUCTS, TEAMS
from pmtrack.bench.faults.ledger import Ledger
from pmtrack.bench.faults.stack import Answer, Stack

FIRST = date(2026, 1, 5)
WEEKS = 30
GIVE_UP_SECONDS = 60.0
RETRY_SECONDS = 0.2
WRITERS = 2
OWN_PRODUCTS = len(PRODUCTS) // WRITERS


class Client(Protocol):
    """Somebody who works in a thread of his own until it is over."""

    over: threading.Event
    ledger: Ledger

    def run(self) -> None:
        """Work until it is over."""


def send(stack: Stack, token: str, path: str, body: Any, ledger: Ledger) -> Answer:
    """Send until it is acknowledged, with the same key; anything but no answer or 503 with Retry-After is a surprise."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while True:
        answer = stack.call("POST", f"/api/v1/{path}", body, token=token)
        ledger.answers[answer.status] += 1
        if answer.status in {200, 201}:
            ledger.seconds.append(answer.seconds)
            return answer
        if answer.status not in {0, 503} or (answer.status == 503 and "retry-after" not in answer.headers):
            ledger.surprises.append(f"{path}: {answer.status} {answer.body}")
            return answer
        if time.monotonic() > deadline:
            ledger.surprises.append(f"{path}: not within {GIVE_UP_SECONDS:.0f} s")
            return answer
        time.sleep(RETRY_SECONDS)  # the client's own pause between two tries


@dataclass(slots=True)
class Writer:
    """One client with products of its own: releases, readings and their corrections, feedback and usage, in a seeded order.

    It starts a write ``every`` so many seconds, or as soon as the one before is acknowledged.
    """

    stack: Stack
    token: str
    number: int
    seed: int
    over: threading.Event
    every: float = 0.0
    ledger: Ledger = field(default_factory=Ledger)
    written: int = 0

    def run(self) -> None:
        """Write until it is over."""
        choice = random.Random(f"{self.seed}-{self.number}")
        products = PRODUCTS[self.number * OWN_PRODUCTS :][:OWN_PRODUCTS]
        due = time.monotonic()
        while not self.over.wait(max(0.0, due - time.monotonic())):
            due = max(due + self.every, time.monotonic())
            deed = choice.choice([self.release, self.read, self.hear, self.use])
            deed(choice, choice.choice(products), FIRST + timedelta(days=choice.randrange(WEEKS * 7)))
            self.written += 1

    def send(self, path: str, body: Any) -> None:
        """Send until it is acknowledged."""
        send(self.stack, self.token, path, body, self.ledger)

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


def writers(stack: Stack, token: str, *, seed: int, every: float = 0.0) -> list[Writer]:
    """As many writers as the company has products for."""
    over = threading.Event()
    return [Writer(stack, token, number, seed, over, every) for number in range(WRITERS)]


@contextmanager
def at_work(clients: Sequence[Client]) -> Iterator[None]:
    """Let them work while the block runs; on leaving it each ends after its last acknowledgement."""
    threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for client in clients:
            client.over.set()
        for thread in threads:
            thread.join(timeout=2 * GIVE_UP_SECONDS)
