"""What a release's events amount to: a pure fold over (occurred_at, sequence, event_id), whatever order they came in.

Two sources may use the same event_id; their names break that tie, so that equal facts always fold to equal releases.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from products.models import Product, ReleaseEvent, ReleaseState
from products.models.releases import EventKind


@dataclass(frozen=True, slots=True)
class Span:
    """Users had the release from ``exposed_at`` until ``rolled_back_at`` (None: still)."""

    exposed_at: datetime
    rolled_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class Folded:
    """A release's columns and exposures as its events say."""

    state: str
    name: str
    url: str
    feature_keys: tuple[str, ...]
    planned_for: datetime | None
    released_at: datetime | None
    live_at: datetime | None
    rolled_back_at: datetime | None
    exposures: tuple[Span, ...]


def starts_clock(event: ReleaseEvent, *, product: Product, environment: str) -> bool:
    """Whether users have the release from this event on: in the production environment only."""
    if environment != product.production_environment:
        return False
    return event.kind == EventKind.EXPOSED or (event.kind == EventKind.RELEASED and product.released_is_live)


def fold_events(events: Iterable[ReleaseEvent], *, product: Product, environment: str) -> Folded:
    """Fold events into a release. Erased events count for nothing; no events leave a planned release."""
    ordered = sorted(
        (event for event in events if event.erased_at is None),
        key=lambda event: (event.occurred_at, event.sequence, event.event_id, event.source),
    )
    spans, taken_back = _exposures(ordered, product=product, environment=environment)
    released = [event.occurred_at for event in ordered if event.kind == EventKind.RELEASED]
    return Folded(
        state=_state(spans, taken_back, ordered),
        name=_last_said(ordered, "name") or "",
        url=_last_said(ordered, "url") or "",
        feature_keys=tuple(_last_said(ordered, "features") or ()),
        planned_for=_instant(_last_said(ordered, "planned_for")),
        released_at=released[0] if released else None,
        live_at=spans[-1].exposed_at if spans else None,
        rolled_back_at=taken_back,
        exposures=tuple(spans),
    )


def _exposures(
    ordered: list[ReleaseEvent], *, product: Product, environment: str
) -> tuple[list[Span], datetime | None]:
    """The spans in which users had the release, and when it was taken back if nothing brought it out again."""
    spans: list[Span] = []
    taken_back: datetime | None = None
    for event in ordered:
        running = bool(spans) and spans[-1].rolled_back_at is None
        if event.kind == EventKind.ROLLED_BACK:
            if running:
                spans[-1] = Span(spans[-1].exposed_at, event.occurred_at)
            taken_back = taken_back or event.occurred_at
        elif event.kind != EventKind.PLANNED:
            taken_back = None
            if starts_clock(event, product=product, environment=environment) and not running:
                if spans and spans[-1].exposed_at == event.occurred_at:
                    spans.pop()  # out, back and out again in one instant is out
                spans.append(Span(event.occurred_at, None))
    return spans, taken_back


def _state(spans: list[Span], taken_back: datetime | None, ordered: list[ReleaseEvent]) -> str:
    if taken_back is not None:
        return ReleaseState.ROLLED_BACK
    if spans and spans[-1].rolled_back_at is None:
        return ReleaseState.LIVE
    out = any(event.kind in (EventKind.RELEASED, EventKind.EXPOSED) for event in ordered)
    return ReleaseState.RELEASED if out else ReleaseState.PLANNED


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _last_said(ordered: list[ReleaseEvent], field: str) -> Any:
    """The newest value that any event gave for ``field``; an event without it changes nothing."""
    return next((event.payload[field] for event in reversed(ordered) if event.payload.get(field)), None)
