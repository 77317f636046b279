"""Everything is killed at random while clients write: nothing acknowledged is lost, and every figure is right."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.campaign import Ledger, run
from tests.faults.company import set_up
from tests.faults.stack import Stack
from tests.setup.processes import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("stack")]

SETTLED_SECONDS = 120.0


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of its own for each campaign."""
    with Stack(tmp_path) as stack:
        yield stack


def assert_facts_equal(ledger: Ledger, stack: Stack) -> None:
    """Every acknowledged fact is there once, with its last value, and nothing else is."""
    assert {key for (key,) in stack.rows("SELECT event_id FROM products_releaseevent")} == ledger.events
    assert {key for (key,) in stack.rows("SELECT source_id FROM feedback_feedback")} == set(ledger.entries)
    readings = stack.rows(
        "SELECT product.slug, day, numerator::int FROM metrics_reading JOIN products_product AS product"
        " ON product.id = product_id"
    )
    assert {(product, day): value for product, day, value in readings} == ledger.readings
    usage = stack.rows(
        "SELECT product.slug, team.slug, week, active_users FROM metrics_usage"
        " JOIN products_product AS product ON product.id = product_id JOIN products_team AS team ON team.id = team_id"
    )
    assert {(product, team, week): active for product, team, week, active in usage} == ledger.usage


def assert_rollups_equal(ledger: Ledger, stack: Stack) -> None:
    """Every cell equals the ledger where it is easily counted, and a recompute everywhere."""
    assert "Every rollup equals its facts." in stack.manage("check_rollups")
    heard = stack.rows(
        "SELECT product.slug, week, n FROM metrics_weeklyrollup JOIN products_product AS product"
        " ON product.id = product_id WHERE measure = 'feedback'"
    )
    # Noon in UTC is the same day in UTC and in Tokyo.
    said = Counter((product, day - timedelta(days=day.weekday())) for product, day in ledger.entries.values())
    assert {(product, week): n for product, week, n in heard} == dict(said)
    shown = stack.rows(
        "SELECT product.slug, day, numerator::int FROM metrics_rollup JOIN products_product AS product"
        " ON product.id = product_id WHERE measure LIKE 'kpi:%%'"
    )
    assert {(product, day): value for product, day, value in shown} == ledger.readings


def campaign(stack: Stack, *, seed: int, kills: int, pause: float) -> None:
    """Write, kill, let it settle, compare."""
    ledger, killer = run(stack, set_up(stack), seed=seed, kills=kills, pause=pause)
    assert ledger.surprises == [], f"after {killer.deeds}"
    assert len(killer.deeds) == kills
    assert ledger.retries, "the kills were felt"
    assert min(map(len, (ledger.events, ledger.entries, ledger.readings, ledger.usage))) >= 3
    wait_until(stack.has_nothing_waiting, within=SETTLED_SECONDS, what="every mark is drained")
    assert_facts_equal(ledger, stack)
    assert_rollups_equal(ledger, stack)


def test_ten_kills_lose_nothing_and_leave_every_figure_right(stack: Stack) -> None:
    campaign(stack, seed=20260615, kills=12, pause=1.5)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1])
def test_a_hundred_kills_lose_nothing_and_leave_every_figure_right(stack: Stack, seed: int) -> None:
    campaign(stack, seed=seed, kills=100, pause=1.0)
