"""B11: seconds from the acknowledgement of a reading until it is in the cell that pages read, p99 at half load.

Half load is half the rate at which two clients write without a pause on the same machine, measured just before.
"""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from pmtrack.bench.faults.company import set_up
from pmtrack.bench.faults.ledger import Ledger, in_words, share_below
from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.watch import Watch
from pmtrack.bench.faults.writers import WRITERS, Writer, at_work, writers
from pmtrack.bench.measuring import CannotMeasure, Figure, Plan

FULL_SECONDS = 10.0
SECONDS, SECONDS_QUICK = 60.0, 15.0
BOUND = 5.0


def measure(plan: Plan) -> list[Figure]:
    """First as fast as clients can, then at half that rate with a watch beside them."""
    seconds = SECONDS_QUICK if plan.quick else SECONDS
    with TemporaryDirectory(prefix="pmtrack-bench-") as folder, Stack(Path(folder)) as stack:
        token = set_up(stack)
        clients = writers(stack, token, seed=1)
        with at_work(clients):
            threading.Event().wait(FULL_SECONDS)
        rate = sum(client.ledger.writes for client in clients) / FULL_SECONDS
        slower = [_go_on(client, every=2 * WRITERS / rate) for client in clients]
        watch = Watch(stack, token, pause=0.05)
        with at_work([*slower, watch]):
            threading.Event().wait(seconds)
    ledger = Ledger.of(client.ledger for client in (*slower, watch))
    if ledger.surprises or ledger.retries:
        raise CannotMeasure(f"A client was refused: {ledger.surprises[:3] or ledger.answers}")
    half = sum(client.ledger.writes for client in slower) / seconds
    detail = (
        f"{in_words(watch.ledger.fresh, unit='s')}, at {half:.0f} writes a second of {rate:.0f}; "
        f"writes: {in_words(ledger.seconds)} (wall time on this machine)"
    )
    fresh = (share_below(watch.ledger.fresh, 0.99),)
    return [Figure("B11", "p99 until a reading is shown, s", fresh, BOUND, at_least=False, detail=detail)]


def _go_on(writer: Writer, *, every: float) -> Writer:
    """The same client with its keys, slower and with a fresh ledger."""
    return Writer(
        writer.stack, writer.token, writer.number, writer.seed + 1, threading.Event(), every, written=writer.written
    )
