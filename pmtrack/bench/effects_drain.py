"""B9, second half: effects made anew by the drain, from marks to rows, in two processes of their own; their CPU and their memory."""

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from time import perf_counter, process_time
from typing import Any

import django
from django.db import connection

from pmtrack.bench.measuring import CannotMeasure, Figure, Plan, cpu_seconds
from pmtrack.bench.scratch import Raw, Scratch, execute, past_triggers, scratch_databases
from pmtrack.stack import programs
from pmtrack.stack.discovery import ServerUrls
from pmtrack.stack.places import ROOT

# 10,000 in 60 s on two cores.
CPU_BOUND, MEMORY_BOUND = 12.0, 400.0
PROCESSES = 2
PRODUCTS, PRODUCTS_QUICK = 100, 10
KPIS, RELEASES, DAYS, APART = 5, 20, 800, 17
FIRST_LIVE = 460
START = datetime.now(UTC).date() - timedelta(days=DAYS)

# Counts with weekdays and noise; every KPI is named by each of its product's releases, 17 days apart, so that windows are cut.
FILL = (
    """INSERT INTO products_product (slug, name, type, audience, time_zone, currency, production_environment, released_is_live)
    SELECT 'bench-' || number, 'Bench', 'E', '', 'UTC', 'EUR', 'production', false
    FROM generate_series(1, %(products)s) AS number""",
    """INSERT INTO metrics_kpi (slug, product_id, name, family, form, unit, currency, direction, is_main, source)
    SELECT product.slug || '-' || number, product.id, 'Bench', 'other', 'sum', '', '', 'up', false, 'bench'
    FROM products_product AS product CROSS JOIN generate_series(1, %(kpis)s) AS number ORDER BY product.id, number""",
    """INSERT INTO metrics_rollup (product_id, measure, day, n, total, squares, numerator, denominator, is_partial)
    SELECT product_id, 'kpi:' || id, %(start)s::date + number, 0, 0, 0,
        round(10000 * (1 + 0.3 * (number %% 7)) * exp(0.05 * (random() + random() + random() - 1.5)))::numeric, 0, false
    FROM metrics_kpi CROSS JOIN generate_series(0, %(days)s - 1) AS number ORDER BY product_id, id, number""",
    """INSERT INTO metrics_reading (product_id, kpi_id, day, source, numerator, denominator, n, squares, status, recorded_at)
    SELECT product_id, id, %(start)s::date + number, 'bench', 1, 0, 0, 0, 'final', %(start)s::date + number + 1
    FROM metrics_kpi CROSS JOIN generate_series(%(days)s - 28, %(days)s - 1) AS number ORDER BY product_id, id, number""",
    """INSERT INTO products_release (product_id, environment, version, name, url, feature_keys, state, live_at)
    SELECT id, 'production', number::text, '', '', '{}', 'live', %(start)s::date + %(first)s + %(apart)s * number + interval '9 hours'
    FROM products_product CROSS JOIN generate_series(0, %(releases)s - 1) AS number ORDER BY id, number""",
    "INSERT INTO products_exposure (release_id, exposed_at) SELECT id, live_at FROM products_release ORDER BY id",
    """INSERT INTO metrics_commitment (release_id, kpi_id, version, is_main, is_guardrail, direction, window_days, roll_out_days,
        control_count, undetectable, declared_by_id, declared_at)
    SELECT release.id, kpi.id, 1, false, false, 'rise', 14, 0, 0, 'bench', 1, release.live_at - interval '30 days'
    FROM products_release AS release JOIN metrics_kpi AS kpi USING (product_id) ORDER BY release.id, kpi.id""",
    "VACUUM (ANALYZE)",
)
MARK = """INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
    SELECT id, '0001-01-01', '0001-01-02', 'bench', now() FROM products_product ORDER BY id"""
FORGET = "UPDATE metrics_estimate SET digest = ''"  # every question is a new one


@dataclass(frozen=True, slots=True)
class Run:
    """One run over ``effects``: seconds of CPU of the drains and the database, of wall time, and the drains' largest memory in MB."""

    effects: int
    cpu: float
    wall: float
    memory: float


def measure(plan: Plan) -> list[Figure]:
    """Milliseconds of CPU an effect, database included, and megabytes of both processes together."""
    products = PRODUCTS_QUICK if plan.quick else PRODUCTS
    with scratch_databases(1, template=plan.template) as (scratch,):
        raw = scratch.connect()
        fill(raw, products)
        runs = [make_anew(raw, scratch, products) for _ in range(min(plan.rounds, 3))]
        raw.close()
    effects, walls = runs[0].effects, [run.wall for run in runs]
    detail = (
        f"{min(walls):.1f}–{max(walls):.1f} s of wall time for {effects:,} in {PROCESSES} processes, their start not "
        f"counted; {sum(run.cpu for run in runs) / len(runs):.1f} s of CPU in all"
    )
    each = tuple(run.cpu * 1e3 / run.effects for run in runs)
    memory = tuple(run.memory for run in runs)
    what = f"{effects:,} effects made anew by the drain"
    return [
        Figure("B9", f"{what}, ms of CPU each", each, CPU_BOUND, at_least=False, detail=detail),
        Figure("B9", f"{what}, MB of memory", memory, MEMORY_BOUND, at_least=False),
    ]


def fill(raw: Raw, products: int) -> None:
    """Products with their KPIs, days, releases and commitments, written past the triggers."""
    values = {"products": products, "kpis": KPIS, "days": DAYS, "start": START, "first": FIRST_LIVE, "apart": APART}
    with past_triggers(raw):
        for statement in FILL:
            with raw.cursor() as cursor:
                cursor.execute(statement, {**values, "releases": RELEASES} if "%(" in statement else None)


def make_anew(raw: Raw, scratch: Scratch, products: int) -> Run:
    """Mark every product, and let two processes drain. Raises ``CannotMeasure`` where an effect is missing."""
    with past_triggers(raw):
        for statement in (FORGET, "DELETE FROM metrics_mark", MARK):
            execute(raw, statement)
    execute(raw, "VACUUM (ANALYZE)")
    told = drain_by_children(scratch)
    expected = products * KPIS * RELEASES
    with raw.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM metrics_estimate WHERE digest <> '' AND effect IS NOT NULL")
        found = cursor.fetchone()[0]
    if found != expected:
        raise CannotMeasure(f"{found:,} instead of {expected:,} effects were made anew.")
    return Run(
        expected,
        cpu=sum(one["cpu"] for one in told),
        wall=max(one["wall"] for one in told),
        memory=sum(one["memory"] for one in told),
    )


def drain_by_children(scratch: Scratch) -> Sequence[dict[str, float]]:
    """What each process says of itself; all of them are ready before the first may begin."""
    env = programs.environment(ServerUrls(scratch.url, ""), role="worker", url="http://localhost")
    command = [sys.executable, "-m", "pmtrack.bench.effects_drain"]
    children = [
        subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(PROCESSES)
    ]
    try:
        for child in children:
            if _lines(child)[1].readline() != "ready\n":
                raise CannotMeasure("A process that drains did not start; its words stand above.")
        for child in children:
            _lines(child)[0].write("go\n")
            _lines(child)[0].flush()
        told = [json.loads(_lines(child)[1].readline() or "{}") for child in children]
    finally:
        for child in children:
            child.communicate()
    if not all(told):
        raise CannotMeasure("A process that drains failed; its words stand above.")
    return told


def _lines(child: "subprocess.Popen[str]") -> tuple[Any, Any]:
    return child.stdin, child.stdout


def drain_here() -> None:
    """In the child: start, wait for the word, drain, and say what it took, the database's session included."""
    django.setup()
    refresh = import_module("metrics.services.rollups").refresh  # models need the set-up before them
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        session = cursor.fetchone()[0]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    before, began, wall = cpu_seconds([session]), process_time(), perf_counter()
    refresh(now=datetime.now(UTC))
    told = {
        "wall": perf_counter() - wall,
        "cpu": process_time() - began + cpu_seconds([session]) - before,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    drain_here()
