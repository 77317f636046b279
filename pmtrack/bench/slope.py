"""B4: one fact made visible among many facts ÷ among a hundredth of them, at the same density in each bucket."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice

from django.db import connection

from metrics.models import Kpi
from metrics.services.readings import NewReading, push_readings
from metrics.services.rollups import refresh
from pmtrack.bench.measuring import CannotMeasure, Figure, Plan, cpu_seconds
from pmtrack.bench.scratch import Raw, Scratch, pages_read, past_triggers, scratch_databases

KPIS, WEEKS = 5, 57
MONDAY = date(2024, 1, 1)
SOURCE = "bench"
BOUND = 1.3
WARM = 5

# Every product has 5 KPIs and 57 weeks; each week's last day lacks the fifth KPI's reading. Those gaps are filled one
# by one while we measure, so that each bucket holds 34 facts before and 35 after, however many products there are.
FILL = (
    """INSERT INTO products_product (slug, name, type, audience, time_zone, currency, production_environment, released_is_live)
    SELECT 'bench-' || number, 'Bench', 'E', '', 'UTC', 'EUR', 'production', false
    FROM generate_series(1, %(products)s) AS number""",
    """INSERT INTO metrics_kpi (slug, product_id, name, family, form, unit, currency, direction, is_main, source)
    SELECT product.slug || '-' || number, product.id, 'Bench', 'other', 'ratio', '%%', '', 'up', false, %(source)s
    FROM products_product AS product CROSS JOIN generate_series(1, %(kpis)s) AS number
    ORDER BY product.id, number""",
    """INSERT INTO metrics_reading
        (product_id, kpi_id, day, source, numerator, denominator, n, squares, status, recorded_at)
    SELECT kpi.product_id, kpi.id, %(monday)s::date + number, %(source)s, 100 + number, 2000, 2000, 0, 'final', now()
    FROM metrics_kpi AS kpi CROSS JOIN generate_series(0, %(days)s - 1) AS number
    WHERE number %% 7 < 6 OR kpi.slug NOT LIKE '%%-' || %(kpis)s
    ORDER BY kpi.product_id, kpi.id, number""",
    """INSERT INTO metrics_rollup (product_id, measure, day, n, total, squares, numerator, denominator, is_partial)
    SELECT product_id, 'kpi:' || kpi_id, day, n, 0, squares, numerator, denominator, false
    FROM metrics_reading ORDER BY product_id, kpi_id, day""",
    """INSERT INTO metrics_weeklyrollup (product_id, measure, week, n, total, squares, numerator, denominator, is_partial)
    SELECT product_id, measure, date_trunc('week', day)::date, sum(n), 0, 0, sum(numerator), sum(denominator), false
    FROM metrics_rollup GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "VACUUM (ANALYZE)",
)


def measure(plan: Plan) -> list[Figure]:
    """Rounds alternate between the two databases; CPU is ours in this process and the database's."""
    with scratch_databases(2, template=plan.template) as (few, many):
        return compare(few, many, rounds=plan.rounds, facts=plan.facts)


def compare(few: Scratch, many: Scratch, *, rounds: int, facts: int) -> list[Figure]:
    """CPU and pages of one visible fact in ``many`` (``facts`` of them) ÷ those in ``few`` (a hundredth)."""
    each = min(100, gaps_among(facts // 100) // (rounds + 1) - WARM)
    if each < 10:
        raise CannotMeasure("B4 needs at least 20,000 facts: each round fills gaps of the smaller database.")
    gaps = {}
    for scratch, size in ((few, facts // 100), (many, facts)):
        fill(scratch, products=products_among(size))
        gaps[scratch] = open_gaps(products_among(size))
    cpu: dict[Scratch, list[float]] = {few: [], many: []}
    pages: dict[Scratch, list[float]] = {few: [], many: []}
    for _ in range(rounds):
        for scratch in (few, many):
            seconds, touched = make_visible(scratch, gaps[scratch], each)
            cpu[scratch].append(seconds / each)
            pages[scratch].append(touched / each)
    ratios = [tuple(high / low for high, low in zip(found[many], found[few], strict=True)) for found in (cpu, pages)]
    what = f"one fact visible at {sizes(facts)}"
    details = [
        f"{min(cpu[few]) * 1e3:.2f}–{max(cpu[few]) * 1e3:.2f} ms CPU a fact among few, "
        f"{min(cpu[many]) * 1e3:.2f}–{max(cpu[many]) * 1e3:.2f} ms among many",
        f"{min(pages[few]):.0f}–{max(pages[few]):.0f} pages a fact among few, "
        f"{min(pages[many]):.0f}–{max(pages[many]):.0f} among many",
    ]
    return [
        Figure("B4", f"{what}, {kind}", values, BOUND, at_least=False, detail=detail)
        for kind, values, detail in zip(("CPU", "pages"), ratios, details, strict=True)
    ]


def sizes(facts: int) -> str:
    """The two numbers of facts in words: 1e7 ÷ 1e5 facts."""
    return f"{facts:.0e} ÷ {facts / 100:.0e} facts".replace("e+0", "e")


def products_among(facts: int) -> int:
    """How many products so many facts are about."""
    return max(1, round(facts / (KPIS * WEEKS * 7)))


def gaps_among(facts: int) -> int:
    """How many gaps a database of so many facts has: one for each product and week."""
    return products_among(facts) * WEEKS


def fill(scratch: Scratch, *, products: int) -> None:
    """Facts and the rollups that they amount to, written in key order past the triggers."""
    values = {"products": products, "kpis": KPIS, "days": WEEKS * 7, "monday": MONDAY, "source": SOURCE}
    raw = scratch.connect()
    with past_triggers(raw):
        for statement in FILL:
            run(raw, statement, values)
    raw.close()


def run(raw: Raw, statement: str, values: dict[str, object]) -> None:
    """One statement of the fill; those without places for values get none."""
    with raw.cursor() as cursor:
        cursor.execute(statement, values if "%(" in statement else None)


def open_gaps(products: int) -> Iterator[tuple[str, date]]:
    """(KPI slug, day) of the gaps, jumping about so that no two neighbours share pages: a walk by a step without a
    common divisor."""
    total = products * WEEKS
    step = next(step for step in range(max(2, int(total * 0.618)), total * 2) if _coprime(step, total))
    for number in range(total):
        product, week = divmod(number * step % total, WEEKS)
        yield f"bench-{product + 1}-{KPIS}", MONDAY + timedelta(days=week * 7 + 6)


def _coprime(one: int, other: int) -> bool:
    while other:
        one, other = other, one % other
    return one == 1


def make_visible(scratch: Scratch, gaps: Iterator[tuple[str, date]], count: int) -> tuple[float, int]:
    """Push ``count`` readings, each followed by its refresh; CPU seconds and pages touched for all of them."""
    chosen = list(islice(gaps, WARM + count))
    slugs = [slug for slug, _ in chosen]
    with scratch.in_django():
        kpis = Kpi.objects.in_bulk(slugs, field_name="slug")
        for slug, day in chosen[:WARM]:
            _one(kpis[slug], day)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids = [os.getpid(), cursor.fetchone()[0]]
        pages, seconds = pages_read(), cpu_seconds(pids)
        for slug, day in chosen[WARM:]:
            _one(kpis[slug], day)
        seconds = cpu_seconds(pids) - seconds
        return seconds, pages_read() - pages


def _one(kpi: Kpi, day: date) -> None:
    now = datetime.now(UTC)
    push_readings(kpi=kpi, source=SOURCE, readings=[NewReading(day, Decimal(150), Decimal(2000), 2000)], now=now)
    if refresh(now=now).drained != 1:
        raise CannotMeasure(f"The reading of {kpi.slug} on {day} did not become visible in one refresh.")
