"""B16: CPU of crediting everybody anew in a company of 10,000 products that help each other 100,000 times."""

import random
from collections.abc import Callable
from time import process_time

import numpy as np

from metrics.stats.credit import credited, settle
from metrics.stats.network import Downstream, Effect, Node, gather
from metrics.stats.split import Days, Help, Kind
from pmtrack.bench.measuring import CannotMeasure, Figure, Plan

PRODUCTS, RELEASES, LINKS = 10_000, 20_000, 100_000
SETTLE_BOUND, DRAWS_BOUND = 100.0, 2000.0
REPEATS = 10
KINDS: tuple[Kind, ...] = ("unblocked", "enabled", "accelerated", "accelerated", "accelerated")


def measure(plan: Plan) -> list[Figure]:
    """From the splits' columns to credits, without errors and with those of 200 joint draws; every other help's days are uncertain."""
    company = _company()
    start = process_time()
    network = gather(company)
    gathered = (process_time() - start) * 1e3
    effects = sum(one.effect.value for one in company if one.effect)
    if abs(settle(network).sum() - effects) > 1e-6:
        raise CannotMeasure("The credits do not add up to the effects, so their cost means nothing.")
    alone, drawn = [], []
    for number in range(plan.rounds):
        alone.append(_spent(lambda: settle(network), REPEATS))
        drawn.append(_spent(lambda seed=number: credited(network, rng=np.random.default_rng(seed)), 1))
    detail = f"{len(network.release):,} links between {len(network.nodes):,} products, in circles; gathering them from as many claims took {gathered:,.0f} ms of CPU"
    return [
        Figure("B16", "credit 10,000 products, ms of CPU", tuple(alone), SETTLE_BOUND, at_least=False, detail=detail),
        Figure("B16", "the same with 200 draws, ms of CPU", tuple(drawn), DRAWS_BOUND, at_least=False),
    ]


def _spent(work: Callable[[], object], times: int) -> float:
    """CPU of this process for one of ``times``, in ms; finer than /proc's hundredths of a second."""
    start = process_time()
    for _ in range(times):
        work()
    return (process_time() - start) * 1e3 / times


def _company() -> list[Downstream]:
    """Two releases a product, five helps each, one of which unblocked. Some products help many others, as platforms do; who helps whom runs in circles."""
    chosen = random.Random(16)
    return [_release(chosen, number) for number in range(RELEASES)]


def _release(chosen: random.Random, number: int) -> Downstream:
    product = number % PRODUCTS
    helpers: set[int] = set()
    while len(helpers) < LINKS // RELEASES:
        helpers.add(int(PRODUCTS * chosen.random() ** 2))
        helpers.discard(product)
    placed = zip(chosen.sample(sorted(helpers), len(helpers)), KINDS, strict=True)
    helps = tuple(_help(chosen, f"E-{number}-{helper}", helper, kind) for helper, kind in placed)
    effect = Effect(chosen.gauss(0, 100), chosen.uniform(5, 50)) if chosen.random() < 0.5 else None
    return Downstream(f"R-{number}", Node(f"{product}", "orders", "2026-Q2"), effect, helps)


def _help(chosen: random.Random, key: str, helper: int, kind: Kind) -> Help:
    low = chosen.uniform(1, 20)
    days = Days(low, low + chosen.choice((0, 10)))
    return Help(key, f"{helper}", f"team {helper}", kind, "confirmed", days)
