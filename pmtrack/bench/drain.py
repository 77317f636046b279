"""B5: buckets drained a second and core, 10,000 at once, each with five changed cells; beside it the cost of one drained alone."""

import os
from datetime import UTC, date, datetime

from django.db import connection

from metrics.services.rollups import refresh
from pmtrack.bench.measuring import CannotMeasure, Figure, Plan, cpu_seconds
from pmtrack.bench.scratch import Raw, Scratch, execute, past_triggers, scratch_databases
from pmtrack.bench.slope import WEEKS, fill

BOUND = 4_000.0
PRODUCTS, PRODUCTS_QUICK = 176, 36
ALONE, ALONE_QUICK = 50, 10

# Tuesdays hold a reading of all five KPIs. The facts change past the triggers, so that the marks are ours to count.
CHANGE = "UPDATE metrics_reading SET numerator = numerator + 1 WHERE extract(isodow FROM day) = 2 AND day >= %s AND product_id <= %s"
MARK = """INSERT INTO metrics_mark (product_id, day, until, source, marked_at)
    SELECT DISTINCT product_id, day, day + 1, 'bench', now() FROM metrics_reading
    WHERE extract(isodow FROM day) = 2 AND day >= %s AND product_id <= %s"""
EVER = date(1970, 1, 1)


def measure(plan: Plan) -> list[Figure]:
    """Each round changes every bucket and drains them all at once, then a few one by one."""
    products = PRODUCTS_QUICK if plan.quick else PRODUCTS
    many, alone = [], []
    with scratch_databases(1, template=plan.template) as (scratch,):
        fill(scratch, products=products)
        raw = scratch.connect()
        change(raw, EVER, products)
        drain(scratch, products * WEEKS)  # warm
        for _ in range(plan.rounds):
            change(raw, EVER, products)
            execute(raw, "VACUUM (ANALYZE)")
            many.append(drain(scratch, products * WEEKS) / (products * WEEKS))
            alone.append(_one_by_one(raw, scratch, ALONE_QUICK if plan.quick else ALONE))
        raw.close()
    detail = (
        f"{min(many) * 1e6:.0f}–{max(many) * 1e6:.0f} µs CPU a bucket of {products * WEEKS:,}, "
        f"{min(alone) * 1e6:.0f}–{max(alone) * 1e6:.0f} µs a bucket alone"
    )
    rates = tuple(1 / cost for cost in many)
    return [Figure("B5", "buckets drained a second and core", rates, BOUND, at_least=True, detail=detail)]


def change(raw: Raw, since: date, products: int) -> None:
    """Change a day in each bucket since a day of the first so many products, and mark it."""
    with past_triggers(raw):
        for statement in (CHANGE, MARK):
            execute(raw, statement, [since, _last_of(raw, products)])


def _last_of(raw: Raw, products: int) -> int:
    with raw.cursor() as cursor:
        cursor.execute("SELECT id FROM products_product ORDER BY id LIMIT 1 OFFSET %s", [products - 1])
        number: int = cursor.fetchone()[0]
    return number


def drain(scratch: Scratch, expected: int) -> float:
    """One refresh; CPU seconds of this process and the database's. Raises ``CannotMeasure`` if it drained another number."""
    with scratch.in_django():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids = [os.getpid(), cursor.fetchone()[0]]
        before = cpu_seconds(pids)
        done = refresh(now=datetime.now(UTC))
        spent = cpu_seconds(pids) - before
    if done.drained != expected:
        raise CannotMeasure(f"{done} instead of {expected} drained buckets.")
    return spent


def _one_by_one(raw: Raw, scratch: Scratch, times: int) -> float:
    """CPU seconds a bucket when so many come one after the other."""
    with raw.cursor() as cursor:
        cursor.execute("SELECT max(day) - 6 FROM metrics_reading")
        last: date = cursor.fetchone()[0]
    total = 0.0
    with scratch.in_django(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pids = [os.getpid(), cursor.fetchone()[0]]
        for _ in range(times):
            change(raw, last, 1)
            before = cpu_seconds(pids)
            if refresh(now=datetime.now(UTC)).drained != 1:
                raise CannotMeasure("A bucket alone was not drained.")
            total += cpu_seconds(pids) - before
    return total / times
