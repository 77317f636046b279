"""B10: after a minute of kills, freezes and flushes while clients write: cells that differ from a recompute, and facts lost."""

from pathlib import Path
from tempfile import TemporaryDirectory

from pmtrack.bench.faults.campaign import run
from pmtrack.bench.faults.company import set_up
from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.waiting import NotInTime
from pmtrack.bench.measuring import CannotMeasure, Figure, Plan

SECONDS, SECONDS_QUICK = 60.0, 20.0
SEED = 10


def measure(plan: Plan) -> list[Figure]:
    """A stack of its own: PostgreSQL and Valkey that keep what they acknowledge, web, worker, beat and sweep."""
    seconds = SECONDS_QUICK if plan.quick else SECONDS
    try:
        with TemporaryDirectory(prefix="pmtrack-bench-") as folder, Stack(Path(folder)) as stack:
            outcome = run(stack, set_up(stack), seed=SEED, seconds=seconds, pause=1.0)
    except NotInTime as problem:
        raise CannotMeasure(f"The stack did not settle: {problem}") from None
    harmed = f"after {seconds:.0f} s of harm"
    facts = len(outcome.missing) + len(outcome.ledger.surprises)
    return [
        Figure("B10", f"wrong cells {harmed}", (outcome.wrong_cells,), 0, at_least=False, detail=outcome.report()),
        Figure("B10", f"facts lost, doubled or refused {harmed}", (facts,), 0, at_least=False),
    ]
