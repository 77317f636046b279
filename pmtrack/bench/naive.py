"""B2: readings a second and core, ours ÷ a list serializer with ``bulk_create`` on the same server (rival.py)."""

from itertools import islice

from django.db import connection

from pmtrack.bench.intake import ROWS, add_kpis, push, set_up
from pmtrack.bench.measuring import Figure, Plan, spent
from pmtrack.bench.rival import NaiveReading
from pmtrack.bench.scratch import scratch_databases
from pmtrack.bench.server import web_server

BOUND = 5.0
OURS, THEIRS = 20, 5
RIVAL = "/bench/naive/{}"


def measure(plan: Plan) -> list[Figure]:
    """Each round sends new batches to both; theirs are fewer, because they take longer."""
    ours, theirs = [], []
    with scratch_databases(1, template=plan.template) as (scratch,):
        with scratch.in_django():
            product, secret = set_up()
            with connection.schema_editor() as editor:
                editor.create_model(NaiveReading)
        raw = scratch.connect()
        slugs = (slug for _, slug in add_kpis(raw, product, count=(plan.rounds + 1) * (OURS + THEIRS)))
        raw.close()
        with web_server(scratch) as server:
            push(server, secret, islice(slugs, OURS))  # warm: connections, plans, caches; not counted
            push(server, secret, islice(slugs, THEIRS), path=RIVAL)
            for _ in range(plan.rounds):
                cost = spent(server.pids, lambda: push(server, secret, islice(slugs, OURS)))
                ours.append(cost / (OURS * ROWS))
                cost = spent(server.pids, lambda: push(server, secret, islice(slugs, THEIRS), path=RIVAL))
                theirs.append(cost / (THEIRS * ROWS))
    ratios = tuple(rival / own for rival, own in zip(theirs, ours, strict=True))
    detail = (
        f"{1 / max(ours):,.0f}–{1 / min(ours):,.0f} rows a second and core ours, "
        f"{1 / max(theirs):,.0f}–{1 / min(theirs):,.0f} theirs"
    )
    return [Figure("B2", "rows/s/core, ours ÷ list serializer", ratios, BOUND, at_least=True, detail=detail)]
