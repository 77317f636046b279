"""Measures freshness: how long after its acknowledgement a reading is in the cell that pages read."""

import contextlib
import threading
import time
from dataclasses import dataclass, field
from datetime import date, timedelta

import psycopg2

from pmtrack.bench.faults.company import PROBE
from pmtrack.bench.faults.ledger import Ledger
from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.writers import send

FIRST = date(2024, 1, 1)
DAYS = 700
LOOK_SECONDS = 0.02
SHOWN = """SELECT FROM metrics_rollup JOIN products_product AS product ON product.id = product_id
    WHERE product.slug = %s AND measure LIKE 'kpi:%%' AND day = %s AND numerator = %s"""


@dataclass(slots=True)
class Watch:
    """Writes one reading after the other to a product of its own and looks for it until it is shown."""

    stack: Stack
    token: str
    over: threading.Event = field(default_factory=threading.Event)
    pause: float = 0.2
    ledger: Ledger = field(default_factory=Ledger)
    give_up: float = 120.0
    _connection: psycopg2.extensions.connection | None = None

    def run(self) -> None:
        """Measure until it is over; the last reading is still waited for."""
        number = 0
        while not self.over.is_set():
            self._measure(FIRST + timedelta(days=number * 37 % DAYS), number)
            number += 1
            self.over.wait(self.pause)
        if self._connection is not None:
            self._connection.close()

    def _measure(self, day: date, value: int) -> None:
        body = {"source": "erp", "readings": [{"day": str(day), "value": value}]}
        answer = send(self.stack, self.token, f"kpis/kpi-{PROBE}/readings:batch", body, self.ledger)
        self.ledger.readings[PROBE, day] = value
        acknowledged = time.monotonic()
        while answer.status in {200, 201} and not self._shows(day, value):
            if time.monotonic() - acknowledged > self.give_up:
                self.ledger.surprises.append(f"the reading of {day} is not shown after {self.give_up:.0f} s")
                return
            time.sleep(LOOK_SECONDS)
        self.ledger.fresh.append(time.monotonic() - acknowledged)

    def _shows(self, day: date, value: int) -> bool:
        """Whether the cell holds the value; no answer is no."""
        try:
            if self._connection is None:
                self._connection = psycopg2.connect(self.stack.urls.database_url, connect_timeout=3)
                self._connection.autocommit = True
            with self._connection.cursor() as cursor:
                cursor.execute(SHOWN, [PROBE, day, value])
                return cursor.fetchone() is not None
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            with contextlib.suppress(psycopg2.Error):
                if self._connection is not None:
                    self._connection.close()
            self._connection = None
            return False
