"""From facts to rows on made-up companies: whoever helps whom, in circles or not, nothing is lost and nothing is made."""

import random
from datetime import date

import pytest

from metrics.services.credit_rows import answer, ask
from metrics.sources.credits import Carrier, CreditFacts, Read, Said
from metrics.stats.network import Effect
from metrics.stats.split import Days, Help, Kind
from tests.factories import NOW

QUARTER = date(2026, 4, 1)
KINDS: tuple[Kind, ...] = ("enabled", "unblocked", "accelerated")


def company(seed: int, *, is_uncertain: bool = False) -> CreditFacts:
    """Up to nine products with a release and a feature each; anybody may have helped anybody, and one product continues another."""
    chosen = random.Random(seed)
    products = range(1, chosen.randint(3, 9))
    said: dict[int, tuple[Said, ...]] = {}
    for product in products:
        helpers = chosen.sample([one for one in products if one != product], chosen.randint(0, len(products) - 1))
        said[product] = tuple(_said(chosen, product, helper, is_uncertain) for helper in helpers)
    carriers = {100 + product: Carrier(product, QUARTER, (product,)) for product in products}
    effects = [product for product in products if chosen.random() < 0.6] or [1]
    read = tuple(Read(100 + one, one, 7, QUARTER, Effect(chosen.gauss(0, 50), chosen.uniform(0, 9))) for one in effects)
    owners = {release: one.product for release, one in carriers.items()}
    return CreditFacts(read, said, carriers, owners, {2: 1, 1: 1} if chosen.random() < 0.3 else {})


def _said(chosen: random.Random, feature: int, helper: int, is_uncertain: bool) -> Said:
    low = float(chosen.randint(0, 60))
    days = chosen.choice([None, Days(low, low + 10 * is_uncertain)])
    help = Help(f"E-{feature * 100 + helper}", str(helper), f"{helper}", chosen.choice(KINDS), "confirmed", days)
    return Said(help, helper, chosen.choice([None, 100 + helper]), feature)


@pytest.mark.parametrize("graphs", [range(50), pytest.param(range(50, 1_050), marks=pytest.mark.long)])
def test_credits_add_up_to_the_measured_effects_on_random_graphs(graphs: range) -> None:
    for seed in graphs:
        facts = company(seed)
        (asked,) = ask(facts)
        rows = answer(asked, now=NOW)
        measured = sum(one.effect.value for one in facts.read)
        assert sum(row.credited for row in rows.credits) == pytest.approx(measured, abs=1e-8), seed
        for held in rows.splits:
            shares = [part.share for part in rows.parts if part.split is held]
            assert held.builder + sum(shares) == pytest.approx(1), seed


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_facts_and_asking_again_change_nothing(seed: int) -> None:
    facts = company(seed, is_uncertain=True)
    (asked,), (again,) = ask(facts), ask(company(seed, is_uncertain=True))
    assert asked.digest == again.digest
    one, other = answer(asked, now=NOW), answer(again, now=NOW)
    assert [row.spread for row in one.credits] == [row.spread for row in other.credits]
