"""The fold: the same facts give the same release, whatever order, batch or number of times they arrive in."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from products.models import Exposure, Product, Release, ReleaseEvent
from products.services.fold import fold_events
from products.services.releases import (
    EventConflict,
    EventFromTheFuture,
    Ingested,
    NewReleaseEvent,
    erase_release_event,
    ingest_release_event,
    ingest_release_events,
    refold_releases,
)
from tests.conftest import Cast
from tests.factories import NOW, make_product

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def said(product: Product, number: int, kind: str, hours: int, **fields: object) -> NewReleaseEvent:
    """An event of version 1, ``hours`` after the start."""
    occurred_at = START + timedelta(hours=hours)
    base = {"source": "ci", "event_id": f"e{number}", "version": "1", "kind": kind, "occurred_at": occurred_at}
    return NewReleaseEvent(product=product, **{**base, **fields})


def release_as_told() -> tuple[object, ...]:
    """Every column of the only release and its exposures, keys left out."""
    row = Release.objects.values_list(
        "version", "name", "url", "feature_keys", "state", "planned_for", "released_at", "live_at", "rolled_back_at"
    ).get()
    return *row, list(Exposure.objects.order_by("exposed_at").values_list("exposed_at", "rolled_back_at"))


KINDS = st.sampled_from(["planned", "released", "exposed", "rolled_back"])
# Few hours, sequences and names on purpose, so that ties happen.
STORY = st.lists(
    st.tuples(KINDS, st.integers(0, 5), st.integers(0, 1), st.sampled_from(["", "Split", "Split 2"])),
    min_size=1,
    max_size=8,
)


class TheFold(TestCase):
    """Properties of the fold on the real database."""

    @settings(max_examples=60, deadline=None)
    @given(story=STORY, data=st.data())
    def test_any_order_any_batches_and_any_replays_give_the_same_release(
        self, story: list[tuple[str, int, int, str]], data: st.DataObject
    ) -> None:
        product = make_product("switchyard", "I")
        events = [
            said(product, number % 3, kind, hours, sequence=sequence, name=name, source=f"ci-{number // 3}")
            for number, (kind, hours, sequence, name) in enumerate(story)
        ]
        ingest_release_events(events=events, now=NOW)
        expected = release_as_told()
        Exposure.objects.all().delete()
        ReleaseEvent.objects.all().delete()
        Release.objects.all().delete()

        mixed = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=4))]))
        while mixed:
            size = data.draw(st.integers(1, len(mixed)))
            ingest_release_events(events=mixed[:size], now=NOW)
            mixed = mixed[size:]
        assert release_as_told() == expected
        assert ReleaseEvent.objects.count() == len(events)

    @settings(max_examples=60, deadline=None)
    @given(story=STORY)
    def test_what_is_stored_is_what_the_pure_fold_says(self, story: list[tuple[str, int, int, str]]) -> None:
        product = make_product("switchyard", "I")
        for number, (kind, hours, sequence, name) in enumerate(story):
            ingest_release_event(event=said(product, number, kind, hours, sequence=sequence, name=name), now=NOW)
        folded = fold_events(ReleaseEvent.objects.all(), product=product, environment="production")
        release = Release.objects.get()
        assert (release.state, release.live_at, release.rolled_back_at) == (
            folded.state,
            folded.live_at,
            folded.rolled_back_at,
        )
        spans = [(span.exposed_at, span.rolled_back_at) for span in folded.exposures]
        assert list(Exposure.objects.order_by("exposed_at").values_list("exposed_at", "rolled_back_at")) == spans


def test_each_exposure_after_a_rollback_is_an_interval_of_its_own(cast: Cast) -> None:
    for number, (kind, hours) in enumerate([("exposed", 0), ("rolled_back", 5), ("exposed", 9), ("exposed", 11)]):
        ingest_release_event(event=said(cast.checkout, number, kind, hours), now=NOW)
    hour = timedelta(hours=1)
    assert list(Exposure.objects.order_by("exposed_at").values_list("exposed_at", "rolled_back_at")) == [
        (START, START + 5 * hour),
        (START + 9 * hour, None),
    ]
    release = Release.objects.get()
    assert (release.state, release.live_at, release.rolled_back_at) == ("live", START + 9 * hour, None)


def test_out_back_and_out_again_in_one_instant_is_one_open_exposure(cast: Cast) -> None:
    for number, kind in enumerate(["exposed", "rolled_back", "exposed"]):
        ingest_release_event(event=said(cast.checkout, number, kind, 0, sequence=number), now=NOW)
    assert Exposure.objects.get().rolled_back_at is None
    assert Release.objects.get().state == "live"


def test_a_late_rollback_closes_the_exposure_it_belongs_to(cast: Cast) -> None:
    ingest_release_event(event=said(cast.checkout, 1, "exposed", 0), now=NOW)
    ingest_release_event(event=said(cast.checkout, 2, "exposed", 9), now=NOW)
    kept = Exposure.objects.get().pk
    ingest_release_event(event=said(cast.checkout, 3, "rolled_back", 5), now=NOW)
    assert Exposure.objects.count() == 2
    assert Exposure.objects.get(pk=kept).rolled_back_at == START + timedelta(hours=5)


def test_a_plan_says_for_when(cast: Cast) -> None:
    day = datetime(2026, 9, 1, tzinfo=UTC)
    ingest_release_event(event=said(cast.checkout, 1, "planned", 0, planned_for=day), now=NOW)
    assert (Release.objects.get().state, Release.objects.get().planned_for) == ("planned", day)


def test_an_event_from_the_future_or_with_a_used_key_stores_nothing(cast: Cast) -> None:
    ingest_release_event(event=said(cast.checkout, 1, "exposed", 0), now=NOW)
    with pytest.raises(EventConflict) as refused:
        ingest_release_event(event=said(cast.checkout, 1, "exposed", 0, version="2"), now=NOW)
    assert refused.value.sent != refused.value.stored
    ahead = said(cast.checkout, 2, "exposed", 0, version="3", occurred_at=NOW + timedelta(minutes=5, seconds=1))
    with pytest.raises(EventFromTheFuture):
        ingest_release_event(event=ahead, now=NOW)
    assert list(Release.objects.values_list("version", flat=True)) == ["1"]
    assert ReleaseEvent.objects.count() == 1


def test_all_or_nothing_means_nothing(cast: Cast) -> None:
    ingest_release_event(event=said(cast.checkout, 1, "exposed", 0), now=NOW)
    batch = [said(cast.checkout, 2, "exposed", 1, version="2"), said(cast.checkout, 1, "released", 0)]
    outcomes = ingest_release_events(events=batch, now=NOW, all_or_nothing=True)
    assert [type(outcome) for outcome in outcomes] == [Ingested, EventConflict]
    assert Release.objects.count() == ReleaseEvent.objects.count() == 1


def test_an_erased_event_leaves_its_key_as_a_tombstone(cast: Cast) -> None:
    ingest_release_event(event=said(cast.checkout, 1, "exposed", 0, name="Split"), now=NOW)
    done = ingest_release_event(event=said(cast.checkout, 2, "rolled_back", 1), now=NOW)
    release = erase_release_event(event=done.event, now=NOW)
    assert release.state == "live"
    again = ingest_release_event(event=said(cast.checkout, 2, "rolled_back", 1), now=NOW)
    assert again.replayed
    assert again.event.erased_at == NOW
    assert Release.objects.get().state == "live", "a late redelivery does not bring it back"
    assert ReleaseEvent.objects.get(event_id="e2").payload == {}


def test_a_product_that_changes_its_mind_about_released_is_folded_again(cast: Cast) -> None:
    ingest_release_event(event=said(cast.checkout, 1, "released", 0), now=NOW)
    assert not Exposure.objects.exists()
    cast.checkout.released_is_live = True
    cast.checkout.save(update_fields=["released_is_live"])
    assert refold_releases(product=cast.checkout) == 1
    assert Exposure.objects.get().exposed_at == START
    assert Release.objects.get().state == "live"


def test_the_number_of_statements_does_not_depend_on_the_number_of_events(cast: Cast) -> None:
    counts = []
    for size in (1, 50, 500):
        events = [said(cast.checkout, number, "exposed", 0, version=f"{size}.{number}") for number in range(size)]
        fresh = [NewReleaseEvent(**{**vars_of(event), "source": f"ci-{size}"}) for event in events]
        with CaptureQueriesContext(connection) as seen:
            ingest_release_events(events=fresh, now=NOW)
        counts.append(len(seen))
    assert counts[0] == counts[1] == counts[2] <= 12


def vars_of(event: NewReleaseEvent) -> dict[str, object]:
    """The event's fields by name."""
    return {name: getattr(event, name) for name in NewReleaseEvent.__dataclass_fields__}
