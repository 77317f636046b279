"""Release events from many connections at once: one fact for one key, no circle of waiting."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from products.models import Exposure, Product, Release, ReleaseEvent
from products.services.releases import Ingested, NewReleaseEvent, ingest_release_event, ingest_release_events
from tests.factories import NOW, make_product

pytestmark = pytest.mark.django_db(transaction=True)
START = datetime(2026, 1, 1, tzinfo=UTC)


def event(product: Product, number: int, **fields: object) -> NewReleaseEvent:
    """One exposure of a version of its own."""
    base = {"source": "ci", "event_id": f"e{number:03d}", "version": f"v{number:03d}"}
    usual = {**base, "kind": "exposed", "occurred_at": START}
    return NewReleaseEvent(product=product, **{**usual, **fields})


def at_once(batches: list[list[NewReleaseEvent]]) -> list[list[object]]:
    """Ingest each batch on its own connection, all starting together."""
    gate = Barrier(len(batches))

    def ingest(batch: list[NewReleaseEvent]) -> list[object]:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return list(ingest_release_events(events=batch, now=NOW))
        finally:
            connection.close()

    with ThreadPoolExecutor(len(batches)) as pool:
        return list(pool.map(ingest, batches))


def test_forty_parallel_posts_of_one_key_are_one_fact() -> None:
    product = make_product("checkout", "E")
    outcomes = [outcome for (outcome,) in at_once([[event(product, 1)]] * 40)]
    assert all(isinstance(outcome, Ingested) for outcome in outcomes)
    assert sorted(outcome.replayed for outcome in outcomes) == [False] + [True] * 39
    assert ReleaseEvent.objects.count() == Release.objects.count() == Exposure.objects.count() == 1


def test_one_key_with_two_meanings_at_once_keeps_one_and_leaves_no_empty_release() -> None:
    product = make_product("checkout", "E")
    batches = [[event(product, 1, version=f"v{number % 2}")] for number in range(20)]
    outcomes = [outcome for (outcome,) in at_once(batches)]
    assert sum(isinstance(outcome, Ingested) for outcome in outcomes) == 10
    assert ReleaseEvent.objects.count() == Release.objects.count() == 1


def test_batches_in_opposite_orders_do_not_wait_in_a_circle() -> None:
    product = make_product("checkout", "E")
    events = [event(product, number) for number in range(120)]
    for _ in range(3):
        at_once([events, events[::-1], events[60:] + events[:60], events[::-1]])
    assert ReleaseEvent.objects.count() == Release.objects.count() == Exposure.objects.count() == 120


def test_events_of_one_release_from_many_connections_all_count() -> None:
    product = make_product("checkout", "E")
    kinds = ["exposed", "rolled_back"] * 10
    batches = [
        [event(product, number, version="1", kind=kind, occurred_at=START + timedelta(hours=number))]
        for number, kind in enumerate(kinds)
    ]
    at_once(batches)
    assert Exposure.objects.count() == 10
    assert Release.objects.get().state == "rolled_back"
    ingest_release_event(event=event(product, 99, version="1", occurred_at=START + timedelta(hours=99)), now=NOW)
    assert Release.objects.get().state == "live"
