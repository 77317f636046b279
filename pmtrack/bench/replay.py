"""B3: CPU a row of a batch sent again ÷ CPU a row when it was new; a client that is unsure shall simply send again."""

from itertools import islice

from pmtrack.bench.intake import ROWS, add_kpis, push, set_up
from pmtrack.bench.measuring import Figure, Plan, spent
from pmtrack.bench.scratch import execute, scratch_databases
from pmtrack.bench.server import web_server

BOUND = 0.7
BATCHES, BATCHES_QUICK = 30, 12


def measure(plan: Plan) -> list[Figure]:
    """Each round sends new batches, then the very same."""
    first, again = [], []
    batches = BATCHES_QUICK if plan.quick else BATCHES
    with scratch_databases(1, template=plan.template) as (scratch,):
        with scratch.in_django():
            product, secret = set_up()
        raw = scratch.connect()
        slugs = (slug for _, slug in add_kpis(raw, product, count=(plan.rounds + 1) * batches))
        with web_server(scratch) as server:
            push(server, secret, islice(slugs, batches))  # warm
            for _ in range(plan.rounds):
                execute(raw, "CHECKPOINT")
                mine = list(islice(slugs, batches))
                for costs in (first, again):
                    cost = spent(server.pids, lambda mine=mine: push(server, secret, mine))
                    costs.append(cost / (batches * ROWS))
        raw.close()
    ratios = tuple(second / new for second, new in zip(again, first, strict=True))
    detail = f"{min(first) * 1e6:.1f}–{max(first) * 1e6:.1f} µs CPU a row new, {min(again) * 1e6:.1f}–{max(again) * 1e6:.1f} µs again"
    return [Figure("B3", "readings again ÷ new, CPU a row", ratios, BOUND, at_least=False, detail=detail)]
