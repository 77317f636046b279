"""Take in release events: append to the journal once for ever, fold the release in the same transaction."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from products.models import Product, Release, ReleaseEvent, ReleaseState, User
from products.services.release_state import write_folds
from products.services.signoffs import ask_by_rule

CLOCK_SKEW = timedelta(minutes=5)
Key = tuple[str, str]
Identity = tuple[int, str, str]
INSERT_EVENTS = """
    INSERT INTO products_releaseevent
        (source, event_id, fingerprint, release_id, kind, occurred_at, sequence, recorded_at, payload)
    SELECT source, event_id, fingerprint, release_id, kind, occurred_at, sequence, recorded_at, payload
    FROM json_populate_recordset(NULL::products_releaseevent, %s)
    ORDER BY source, event_id
    ON CONFLICT (source, event_id) DO NOTHING
    RETURNING id, source, event_id
"""


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
    planned_for: datetime | None = None
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What makes the event unique for ever."""
        return self.source, self.event_id

    def stored_payload(self) -> dict[str, Any]:
        """What the journal keeps beside its columns."""
        said = {
            "name": self.name,
            "url": self.url,
            "features": list(self.features),
            "planned_for": self.planned_for and self.planned_for.astimezone(UTC).isoformat(),
        }
        return {**self.payload, **{field: value for field, value in said.items() if value}}

    def fingerprint(self) -> str:
        """SHA-256 over the event's meaning: the same fact sent twice has the same one."""
        meaning = {
            "product": self.product.pk,
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


def ingest_release_event(*, event: NewReleaseEvent, now: datetime, by: User | None = None) -> Ingested:
    """Take in one event; ``by`` is who told it in the browser. Raises ``EventFromTheFuture`` or ``EventConflict``; then nothing is stored."""
    outcome = ingest_release_events(events=[event], now=now, by=by)[0]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


@transaction.atomic
def ingest_release_events(
    *, events: Sequence[NewReleaseEvent], now: datetime, all_or_nothing: bool = False, by: User | None = None
) -> list[Ingested | EventConflict | EventFromTheFuture]:
    """Take in many events; the outcome of each stands at its place, refused ones as exceptions (not raised).

    Releases are locked and events inserted in the order of their keys, so that batches in opposite orders never wait
    for each other in a circle. The number of statements does not depend on the number of events. With
    ``all_or_nothing`` nothing is stored where any outcome is an exception.
    """
    first: dict[Key, NewReleaseEvent] = {}
    for event in events:
        if event.occurred_at <= now + CLOCK_SKEW:
            first.setdefault(event.key, event)
    stored = _stored(first)
    fresh = [event for key, event in sorted(first.items()) if key not in stored]
    releases = _lock_releases(fresh)
    inserted = _append(fresh, releases, now)
    if len(inserted) < len(first):
        stored = _stored(first)  # somebody else's, or ours from before
    stored.update(inserted)
    _drop_unused(releases, inserted)
    touched = {row.release_id for row in inserted.values()}
    changed = [release for release in releases.values() if release.pk in touched]
    write_folds(changed)
    ask_by_rule(changed, now=now, by=by)
    outcomes = _outcomes(events, stored, set(inserted), releases, now)
    if all_or_nothing and any(isinstance(outcome, Exception) for outcome in outcomes):
        transaction.set_rollback(True)
    return outcomes


def _outcomes(
    events: Sequence[NewReleaseEvent],
    stored: dict[Key, ReleaseEvent],
    fresh: set[Key],
    locked: dict[Identity, Release],
    now: datetime,
) -> list[Ingested | EventConflict | EventFromTheFuture]:
    by_id = {release.pk: release for release in locked.values()}
    if missing := {row.release_id for row in stored.values()} - by_id.keys():
        by_id.update(Release.objects.select_related("product").in_bulk(missing))
    outcomes: list[Ingested | EventConflict | EventFromTheFuture] = []
    for event in events:
        if event.occurred_at > now + CLOCK_SKEW:
            outcomes.append(EventFromTheFuture())
        elif (row := stored[event.key]).fingerprint != event.fingerprint():
            outcomes.append(EventConflict(event.fingerprint(), row.fingerprint))
        else:
            outcomes.append(Ingested(row, by_id[row.release_id], replayed=event.key not in fresh))
            fresh.discard(event.key)  # the second of two equal events in one batch is a replay
    return outcomes


def _identity(event: NewReleaseEvent) -> Identity:
    return event.product.pk, event.environment, event.version


def _lock_releases(events: Sequence[NewReleaseEvent]) -> dict[Identity, Release]:
    """The releases of the events, made where they are new, locked in the order of their identity."""
    wanted = sorted({_identity(event) for event in events})
    if not wanted:
        return {}
    columns = [list(column) for column in zip(*wanted, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO products_release (product_id, environment, version, name, url, feature_keys, state)
            SELECT product_id, environment, version, '', '', '{}', %s
            FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (product_id, environment, version)
            ORDER BY product_id, environment, version
            ON CONFLICT DO NOTHING
            """,
            [ReleaseState.PLANNED.value, *columns],
        )
        cursor.execute(
            """
            SELECT release.id FROM products_release AS release
            JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS wanted (product_id, environment, version)
            USING (product_id, environment, version)
            ORDER BY product_id, environment, version FOR UPDATE OF release
            """,
            columns,
        )
        ids = [row[0] for row in cursor.fetchall()]
    # The product is read behind the lock: what starts its clock may have changed while we waited.
    found = Release.objects.select_related("product").filter(pk__in=ids)
    return {(release.product_id, release.environment, release.version): release for release in found}


def _append(
    events: Sequence[NewReleaseEvent], releases: dict[Identity, Release], now: datetime
) -> dict[Key, ReleaseEvent]:
    """Insert ``events``, sorted by key; give back by key those that nobody else had inserted meanwhile."""
    if not events:
        return {}
    rows = {
        event.key: ReleaseEvent(
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
        for event in events
    }
    columns = [field.attname for field in ReleaseEvent._meta.concrete_fields]
    sent = [{column: _plain(getattr(row, column)) for column in columns} for row in rows.values()]
    with connection.cursor() as cursor:
        cursor.execute(INSERT_EVENTS, [json.dumps(sent)])
        found = cursor.fetchall()
    for pk, source, event_id in found:
        rows[source, event_id].pk = pk
    return {(source, event_id): rows[source, event_id] for _, source, event_id in found}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _drop_unused(releases: dict[Identity, Release], inserted: dict[Key, ReleaseEvent]) -> None:
    """Take away releases made for events that somebody else's insert forestalled: nothing is half stored."""
    used = {row.release_id for row in inserted.values()}
    if idle := [release.pk for release in releases.values() if release.pk not in used]:
        Release.objects.filter(pk__in=idle, events__isnull=True).delete()


def _stored(keys: Iterable[Key]) -> dict[Key, ReleaseEvent]:
    """The journal's rows with these keys."""
    wanted = set(keys)
    if not wanted:
        return {}
    sources, event_ids = zip(*wanted, strict=True)
    found = ReleaseEvent.objects.filter(source__in=set(sources), event_id__in=set(event_ids))
    return {(row.source, row.event_id): row for row in found if (row.source, row.event_id) in wanted}


@transaction.atomic
def erase_release_event(*, event: ReleaseEvent, now: datetime) -> Release:
    """Take an event's content away and fold again; its key stays, so that a late redelivery changes nothing."""
    release = Release.objects.select_for_update(of=("self",)).select_related("product").get(pk=event.release_id)
    ReleaseEvent.objects.filter(pk=event.pk, erased_at__isnull=True).update(erased_at=now, payload={})
    write_folds([release])
    return release


@transaction.atomic
def refold_releases(*, product: Product) -> int:
    """Fold every release of a product again, after its production environment or released_is_live changed."""
    locked = Release.objects.select_for_update().filter(product=product).order_by("environment", "version")
    releases = list(locked)
    for release in releases:
        release.product = product
    write_folds(releases)
    return len(releases)
