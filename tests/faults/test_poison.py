"""Buckets that cannot be drained among healthy ones, on the running stack: quarantined, said, and released once mended."""

import threading

import pytest

from metrics.models import Trouble
from pmtrack.bench.faults.company import PRODUCTS, set_up
from pmtrack.bench.faults.ledger import Ledger, in_words
from pmtrack.bench.faults.stack import CommandFailed, Stack
from pmtrack.bench.faults.verdict import missing_facts, quarantined, settle, wrong_cells, wrong_figures
from pmtrack.bench.faults.waiting import wait_until
from pmtrack.bench.faults.watch import Watch
from pmtrack.bench.faults.writers import at_work, writers
from tests.faults.conftest import Told

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.xdist_group("stack")]

REFUSED, DEADLY = PRODUCTS[0], PRODUCTS[5]
POISON = f"""
CREATE FUNCTION test_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.product_id = (SELECT id FROM products_product WHERE slug = '{REFUSED}') THEN
        RAISE EXCEPTION 'this figure cannot be computed';
    ELSIF new.product_id = (SELECT id FROM products_product WHERE slug = '{DEADLY}') THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER test_poison BEFORE INSERT ON metrics_rollup FOR EACH ROW EXECUTE FUNCTION test_poison();
"""
TROUBLED = """SELECT DISTINCT product.slug FROM metrics_trouble JOIN products_product AS product ON product.id = product_id
    WHERE attempts >= %s"""


def troubled(stack: Stack, attempts: int) -> set[str]:
    """The products with a bucket that failed so often."""
    return {slug for (slug,) in stack.rows(TROUBLED, attempts)}


def test_poison_buckets_stop_nobody_else_and_go_on_once_they_are_mended(stack: Stack, told: Told, seed: int) -> None:
    token = set_up(stack)
    stack.execute(POISON)
    clients = [*writers(stack, token, seed=seed, every=0.3), Watch(stack, token)]
    with at_work(clients):
        poisoned = {REFUSED, DEADLY}
        wait_until(
            lambda: troubled(stack, Trouble.QUARANTINED_AFTER) == poisoned, within=120, what="both are in quarantine"
        )
        threading.Event().wait(20)  # and life goes on
    # A healthy bucket is counted for the moment in which it is drained alone.
    wait_until(lambda: troubled(stack, 1) == poisoned, within=30, what="no healthy product is in trouble")
    with pytest.raises(CommandFailed) as said:
        stack.manage("check_rollups")
    ledger = Ledger.of(client.ledger for client in clients)
    buckets = quarantined(stack)
    told(
        f"PMTRACK_SEED={seed}: two of nine products poisoned, one refuses, one kills its session; {buckets} buckets in "
        f"quarantine\n  {ledger.facts:,} facts; healthy readings until shown: {in_words(ledger.fresh, unit='s')}"
    )
    assert ledger.surprises == []
    assert "this figure cannot be computed" in str(said.value)
    assert f"{REFUSED}, week of" in str(said.value)
    assert f"{DEADLY}, week of" in str(said.value)
    assert max(ledger.fresh) <= 5
    stack.execute("DROP FUNCTION test_poison CASCADE")
    stack.manage("check_rollups", "--retry")
    settle(stack)
    assert quarantined(stack) == 0
    assert missing_facts(ledger, stack) == []
    assert wrong_figures(ledger, stack) == []
    assert wrong_cells(stack) == 0
