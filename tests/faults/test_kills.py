"""Everything is killed, frozen and emptied at random while clients write: nothing acknowledged is lost, and every figure is right."""

import pytest

from pmtrack.bench.faults.campaign import run
from pmtrack.bench.faults.company import set_up
from pmtrack.bench.faults.saboteur import Saboteur
from pmtrack.bench.faults.stack import Stack
from tests.faults.conftest import Told

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stack")]


def campaign(stack: Stack, told: Told, *, seed: int, deeds: int, pause: float) -> None:
    """Write, do harm, let it settle, compare."""
    outcome = run(stack, set_up(stack), seed=seed, deeds=deeds, pause=pause)
    told(outcome.report())
    assert outcome.complaints == [], f"PMTRACK_SEED={seed}, after {outcome.deeds}"
    assert len(outcome.deeds) == deeds
    assert outcome.ledger.retries, "the harm was felt"
    assert min(map(len, (outcome.ledger.events, outcome.ledger.entries, outcome.ledger.usage))) >= 3
    assert outcome.ledger.fresh


def test_one_harm_of_each_kind_loses_nothing_and_leaves_every_figure_right(stack: Stack, told: Told, seed: int) -> None:
    campaign(stack, told, seed=seed, deeds=len(Saboteur(stack, seed).kinds()), pause=1.0)


@pytest.mark.long
def test_over_a_hundred_kills_freezes_and_flushes_lose_nothing_and_leave_every_figure_right(
    stack: Stack, told: Told, seed: int
) -> None:
    campaign(stack, told, seed=seed, deeds=120, pause=1.0)
