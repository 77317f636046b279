"""Take in release events: append to the journal once for ever, fold the release in the same transaction."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from products.models import Exposure, Product, Release, ReleaseEvent, ReleaseState
from products.services.fold import Folded, fold_events

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NewReleaseEvent:
    """One event as a client sent it; ``occurred_at`` is an aware instant."""

    source: str
    event_id: str
    product: Product
    version: str
    kind: str
    occurred_at: datetime
    environment: str = "production"
    sequence: int = 0
    name: str = ""
    url: str = ""
    features: tuple[str, ...] = ()
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What makes the event unique for ever."""
        return self.source, self.event_id

    def stored_payload(self) -> dict[str, Any]:
        """What the journal keeps beside its columns."""
        return {**self.payload, "name": self.name, "url": self.url, "features": list(self.features)}

    def fingerprint(self) -> str:
        """SHA-256 over the event's meaning: the same fact sent twice has the same one."""
        meaning = {
            "product": self.product.slug,
            "environment": self.environment,
            "version": self.version,
            "kind": self.kind,
            "occurred_at": self.occurred_at.astimezone(UTC).isoformat(),
            "sequence": self.sequence,
            **self.stored_payload(),
        }
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


class EventFromTheFuture(Exception):
    """``occurred_at`` is more than five minutes ahead of our clock."""


class EventConflict(Exception):
    """The key is taken by an event with another meaning."""

    def __init__(self, sent: str, stored: str) -> None:
        super().__init__("This source and event_id already belong to another event.")
        self.sent = sent
        self.stored = stored


@dataclass(frozen=True, slots=True)
class Ingested:
    """The journal's row and its release; ``replayed`` when it was there before."""

    event: ReleaseEvent
    release: Release
    replayed: bool


def ingest_release_event(*, event: NewReleaseEvent, now: datetime) -> Ingested:
    """Take in one event. Raises ``EventFromTheFuture`` or ``EventConflict``; then nothing is stored."""
    outcome = ingest_release_events(events=[event], now=now)[0]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@transaction.atomic
def ingest_release_events(
    *, events: Sequence[NewReleaseEvent], now: datetime
) -> list[Ingested | EventConflict | EventFromTheFuture]:
    """Take in many events; the outcome of each stands at its place, refused ones as exceptions (not raised).

    Releases and events are locked and inserted in the order of their keys, so that batches in opposite orders never
    wait for each other in a circle. The number of statements does not depend on the number of events.
    """
    timely = [event for event in events if event.occurred_at <= now + CLOCK_SKEW]
    releases = _lock_releases(timely)
    stored, inserted = _append(timely, releases, now)
    _drop_unused(releases, stored)
    touched = {row.release_id for key, row in stored.items() if key in inserted}
    _fold_all([release for release in releases.values() if release.pk in touched])
    by_id = {release.pk: release for release in releases.values()}
    missing = {row.release_id for row in stored.values()} - by_id.keys()
    by_id.update({release.pk: release for release in Release.objects.filter(pk__in=missing)} if missing else {})
    return [_outcome(event, stored, inserted, by_id, now) for event in events]


def _outcome(
    event: NewReleaseEvent,
    stored: dict[tuple[str, str], ReleaseEvent],
    inserted: set[tuple[str, str]],
    releases: dict[int, Release],
    now: datetime,
) -> Ingested | EventConflict | EventFromTheFuture:
    if event.occurred_at > now + CLOCK_SKEW:
        return EventFromTheFuture()
    row = stored[event.key]
    if row.fingerprint != event.fingerprint():
        return EventConflict(event.fingerprint(), row.fingerprint)
    fresh = event.key in inserted
    inserted.discard(event.key)  # the second of two equal events in one batch is a replay
    return Ingested(row, releases[row.release_id], replayed=not fresh)


def _identity(event: NewReleaseEvent) -> tuple[int, str, str]:
    return event.product.pk, event.environment, event.version


def _lock_releases(events: Iterable[NewReleaseEvent]) -> dict[tuple[int, str, str], Release]:
    """The releases of the events, made where they are new, locked in the order of their identity."""
    wanted = sorted({_identity(event) for event in events})
    if not wanted:
        return {}
    products = {event.product.pk: event.product for event in events}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO products_release (product_id, environment, version, name, url, feature_keys, state)
            SELECT product_id, environment, version, '', '', '{}', %s
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (product_id, environment, version)
            ORDER BY product_id, environment, version
            ON CONFLICT DO NOTHING
            """,
            [ReleaseState.PLANNED, *map(list, zip(*wanted, strict=True))],
        )
        cursor.execute(
            """
            SELECT release.id FROM products_release AS release
            JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (product_id, environment, version)
            USING (product_id, environment, version)
            ORDER BY product_id, environment, version FOR UPDATE OF release
            """,
            [*map(list, zip(*wanted, strict=True))],
        )
        ids = [row[0] for row in cursor.fetchall()]
    releases = {}
    for release in Release.objects.filter(pk__in=ids):
        release.product = products[release.product_id]
        releases[release.product_id, release.environment, release.version] = release
    return releases


def _append(
    events: Iterable[NewReleaseEvent], releases: dict[tuple[int, str, str], Release], now: datetime
) -> tuple[dict[tuple[str, str], ReleaseEvent], set[tuple[str, str]]]:
    """Insert what is new; give back every event's stored row by key, and the keys that were new."""
    first: dict[tuple[str, str], NewReleaseEvent] = {}
    for event in events:
        first.setdefault(event.key, event)
    if not first:
        return {}, set()
    rows = [
        ReleaseEvent(
            source=event.source,
            event_id=event.event_id,
            fingerprint=event.fingerprint(),
            release=releases[_identity(event)],
            kind=event.kind,
            occurred_at=event.occurred_at,
            sequence=event.sequence,
            recorded_at=now,
            payload=event.stored_payload(),
        )
        for _, event in sorted(first.items())
    ]
    before = _stored(first)
    ReleaseEvent.objects.bulk_create(
        [row for row in rows if (row.source, row.event_id) not in before], ignore_conflicts=True
    )
    stored = _stored(first)
    mine = {(row.source, row.event_id): row.recorded_at for row in rows}
    inserted = {key for key, row in stored.items() if key not in before and row.recorded_at == mine[key]}
    return stored, inserted


def _drop_unused(releases: dict[tuple[int, str, str], Release], stored: dict[tuple[str, str], ReleaseEvent]) -> None:
    """Take away releases that were made for events which turned out to be conflicts: nothing is half stored."""
    used = {row.release_id for row in stored.values()}
    idle = [release.pk for release in releases.values() if release.pk not in used]
    if idle:
        Release.objects.filter(pk__in=idle, events__isnull=True).delete()


def _stored(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], ReleaseEvent]:
    sources, event_ids = zip(*keys, strict=True)
    found = ReleaseEvent.objects.filter(source__in=set(sources), event_id__in=set(event_ids))
    wanted = set(zip(sources, event_ids, strict=True))
    return {(row.source, row.event_id): row for row in found if (row.source, row.event_id) in wanted}


def _fold_all(releases: Sequence[Release]) -> None:
    """Write what the journals of ``releases`` fold to: columns and exposures. Releases without events stay planned."""
    journals: dict[int, list[ReleaseEvent]] = defaultdict(list)
    for event in ReleaseEvent.objects.filter(release__in=releases):
        journals[event.release_id].append(event)
    exposures: dict[int, Folded] = {}
    for release in releases:
        folded = fold_events(journals[release.pk], product=release.product, environment=release.environment)
        exposures[release.pk] = folded
        for column in FOLDED_COLUMNS:
            value = getattr(folded, column)
            setattr(release, column, list(value) if column == "feature_keys" else value)
    Release.objects.bulk_update(releases, FOLDED_COLUMNS)
    _write_exposures(exposures)


FOLDED_COLUMNS = ("state", "name", "url", "feature_keys", "planned_for", "released_at", "live_at", "rolled_back_at")


def _write_exposures(folded: dict[int, Folded]) -> None:
    """Make the exposure rows equal to the fold; rows that already say so are left alone."""
    wanted = {(pk, span.exposed_at): span.rolled_back_at for pk, fold in folded.items() for span in fold.exposures}
    held = list(Exposure.objects.filter(release__in=folded))
    stale = [row.pk for row in held if wanted.get((row.release_id, row.exposed_at), row) != row.rolled_back_at]
    if stale:
        Exposure.objects.filter(pk__in=stale).delete()
    kept = {(row.release_id, row.exposed_at) for row in held if row.pk not in set(stale)}
    Exposure.objects.bulk_create(
        Exposure(release_id=pk, exposed_at=start, rolled_back_at=end)
        for (pk, start), end in sorted(wanted.items(), key=lambda item: item[0])
        if (pk, start) not in kept
    )


@transaction.atomic
def erase_release_event(*, event: ReleaseEvent, now: datetime) -> Release:
    """Take an event's content away and fold again; its key stays, so that a late redelivery changes nothing."""
    release = Release.objects.select_for_update(of=("self",)).select_related("product").get(pk=event.release_id)
    ReleaseEvent.objects.filter(pk=event.pk, erased_at__isnull=True).update(erased_at=now, payload={})
    _fold_all([release])
    return release


@transaction.atomic
def refold_releases(*, product: Product) -> int:
    """Fold every release of a product again, after its production environment or released_is_live changed."""
    releases = list(Release.objects.select_for_update().filter(product=product).order_by("environment", "version"))
    for release in releases:
        release.product = product
    if releases:
        _fold_all(releases)
    return len(releases)
