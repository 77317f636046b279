"""B1: CPU a row of `COPY` into the same table ÷ ours over HTTP, in batches of 1,000 with token and marks.

The floor is one COPY of all rows of a round, with the table's key, checks and foreign
keys, but without the triggers that leave marks.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import islice

from pmtrack.bench.intake import ROWS, SOURCE, START, add_kpis, push, set_up
from pmtrack.bench.measuring import Figure, Plan, cpu_seconds, spent
from pmtrack.bench.scratch import Raw, execute, scratch_databases
from pmtrack.bench.server import web_server

BOUND = 0.25
BATCHES, BATCHES_QUICK = 30, 12


def measure(plan: Plan) -> list[Figure]:
    """Each round pushes batches over HTTP and copies as many rows, all of them new."""
    batches = BATCHES_QUICK if plan.quick else BATCHES
    with scratch_databases(1, template=plan.template) as (scratch,):
        with scratch.in_django():
            product, secret = set_up()
        raw = scratch.connect()
        kpis = add_kpis(raw, product, count=(plan.rounds + 1) * batches * 2)
        ours, floor = [], []
        with web_server(scratch) as server:
            push(server, secret, _slugs(kpis, batches))  # warm: connections, plans, caches; not counted
            _copy(raw, product.pk, kpis, batches)
            for _ in range(plan.rounds):
                execute(raw, "CHECKPOINT")
                slugs = _slugs(kpis, batches)
                ours.append(spent(server.pids, lambda slugs=slugs: push(server, secret, slugs)) / (batches * ROWS))
                floor.append(_copy(raw, product.pk, kpis, batches) / (batches * ROWS))
        raw.close()
    ratios = tuple(low / high for low, high in zip(floor, ours, strict=True))
    detail = f"{min(ours) * 1e6:.1f}–{max(ours) * 1e6:.1f} µs CPU a row ours, {min(floor) * 1e6:.1f}–{max(floor) * 1e6:.1f} µs COPY"
    return [Figure("B1", "COPY ÷ readings over HTTP, CPU a row", ratios, BOUND, at_least=True, detail=detail)]


def _slugs(kpis: Iterator[tuple[int, str]], batches: int) -> list[str]:
    """The next KPIs to push to."""
    return [slug for _, slug in islice(kpis, batches)]


def _copy(raw: Raw, product: int, kpis: Iterator[tuple[int, str]], batches: int) -> float:
    """Copy the same rows for as many other KPIs in one statement; CPU seconds of the database's process."""
    now = datetime.now(UTC).isoformat()
    days = [(START + timedelta(days=number)).isoformat() for number in range(ROWS)]
    lines = [
        f"{product}\t{kpi}\t{day}\t{SOURCE}\t{100 + number}\t2000\t2000\t0\tfinal\t{now}\n"
        for kpi, _ in (next(kpis) for _ in range(batches))
        for number, day in enumerate(days)
    ]
    columns = "product_id, kpi_id, day, source, numerator, denominator, n, squares, status, recorded_at"
    pid, text = raw.info.backend_pid, StringIO("".join(lines))
    execute(raw, "ALTER TABLE metrics_reading DISABLE TRIGGER USER")
    before = cpu_seconds([pid])
    with raw.cursor() as cursor:
        cursor.copy_expert(f"COPY metrics_reading ({columns}) FROM STDIN", text)
    seconds = cpu_seconds([pid]) - before
    execute(raw, "ALTER TABLE metrics_reading ENABLE TRIGGER USER")
    return seconds
