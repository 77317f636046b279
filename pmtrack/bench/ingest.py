"""B1: CPU a row of `COPY` into the same table ÷ ours over HTTP, in batches of 1,000 with token and marks.

The floor is one COPY of all rows of a round, with the table's key, checks and foreign
keys, but without the triggers that leave marks.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO

from pmtrack.bench.measuring import Figure, cpu_seconds, spent
from pmtrack.bench.scratch import Raw, Scratch, execute
from pmtrack.bench.server import Server, web_server
from products.models import Product
from products.services.people import add_person, add_team, join_team
from products.services.products import add_product, give_product
from products.services.tokens import make_token

ROWS = 1_000
START = date(2020, 1, 1)
SOURCE = "bench"
BOUND = 0.25


def measure(scratch: Scratch, *, rounds: int, batches: int = 30) -> list[Figure]:
    """Each round pushes ``batches`` batches over HTTP and copies as many rows, all of them new."""
    with scratch.in_django():
        product, secret = _set_up()
    raw = scratch.connect()
    kpis = _kpis(raw, product, count=(rounds + 1) * batches * 2)
    ours, floor = [], []
    with web_server(scratch) as server:
        _push(server, secret, kpis, batches)  # warm: connections, plans, caches; not counted
        _copy(raw, product.pk, kpis, batches)
        for _ in range(rounds):
            execute(raw, "CHECKPOINT")
            ours.append(spent(server.pids, lambda: _push(server, secret, kpis, batches)) / (batches * ROWS))
            floor.append(_copy(raw, product.pk, kpis, batches) / (batches * ROWS))
    raw.close()
    ratios = tuple(low / high for low, high in zip(floor, ours, strict=True))
    detail = f"{min(ours) * 1e6:.1f}–{max(ours) * 1e6:.1f} µs CPU a row ours, {min(floor) * 1e6:.1f}–{max(floor) * 1e6:.1f} µs COPY"
    return [Figure("B1", "COPY ÷ readings over HTTP, CPU a row", ratios, BOUND, at_least=True, detail=detail)]


def _set_up() -> tuple[Product, str]:
    """A product with a PM and a token, through the services."""
    now = datetime.now(UTC)
    pm, team = add_person(email="pm@bench.example", name="Bench PM"), add_team(slug="bench", name="Bench")
    join_team(user=pm, team=team, role="pm", start=START)
    product = add_product(slug="bench", name="Bench", type="E", audience="")
    give_product(product=product, team=team, start=START)
    made = make_token(name="bench", kind="ci", scopes=["kpi:write"], maker=pm, product=product, now=now)
    return product, made.secret


def _kpis(raw: Raw, product: Product, *, count: int) -> Iterator[tuple[int, str]]:
    """So many KPIs of the product, each to be filled once: (id, slug)."""
    with raw.cursor() as cursor:
        cursor.execute(
            """INSERT INTO metrics_kpi
                (slug, product_id, name, family, form, unit, currency, direction, is_main, source)
            SELECT 'bench-' || number, %s, 'Bench', 'other', 'ratio', '%%', '', 'up', false, %s
            FROM generate_series(1, %s) AS number RETURNING id, slug""",
            [product.pk, SOURCE, count],
        )
        return iter(cursor.fetchall())


def _push(server: Server, secret: str, kpis: Iterator[tuple[int, str]], batches: int) -> None:
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    for _ in range(batches):
        _, slug = next(kpis)
        path = f"/api/v1/kpis/{slug}/readings:batch"
        server.request("POST", path, body=BODY, headers=headers, expect=200)


def _body() -> bytes:
    readings = [
        {
            "day": (START + timedelta(days=number)).isoformat(),
            "numerator": 100 + number,
            "denominator": 2_000,
            "n": 2_000,
        }
        for number in range(ROWS)
    ]
    return json.dumps({"source": SOURCE, "readings": readings}).encode()


BODY = _body()


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
