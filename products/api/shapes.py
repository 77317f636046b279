"""The bodies of the products floor: structs that decode what clients send and describe what we answer."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Source = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S", description="The program that sends.")]
Slug = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[-a-zA-Z0-9_]+\Z")]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset.")]
Url = Annotated[str, Meta(max_length=1000, pattern=r"^(https?://[^\s]+)?\Z")]
Kind = Literal["planned", "released", "exposed", "rolled_back"]


class ReleaseEventIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One event of a release."""

    source: Source
    event_id: Text
    product: Slug
    version: Text
    kind: Kind
    occurred_at: Instant
    environment: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")] = "production"
    sequence: Annotated[int, Meta(ge=0, le=2_147_483_647)] = 0
    name: Annotated[str, Meta(max_length=200)] = ""
    url: Url = ""
    features: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=40)], ...], Meta(max_length=50)] = ()


class ReleaseEventBatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 events; with ``atomic`` all or nothing."""

    events: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=500)]
    atomic: bool = False


class ReleaseEventBatchIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 events; with ``atomic`` all or nothing."""

    events: Annotated[list[ReleaseEventIn], Meta(min_length=1, max_length=500)]
    atomic: bool = False


class ReleaseOut(msgspec.Struct, frozen=True):
    """A release as its events fold."""

    key: str
    product: str
    environment: str
    version: str
    name: str
    url: str
    features: list[str]
    state: str
    planned_for: datetime | None
    released_at: datetime | None
    live_at: datetime | None
    rolled_back_at: datetime | None


class IngestedOut(msgspec.Struct, frozen=True):
    """What became of an event."""

    source: str
    event_id: str
    replayed: bool
    release: ReleaseOut


class BatchOut(msgspec.Struct, frozen=True):
    """A result for every item of a batch, in its order."""

    stored: int
    replayed: int
    refused: int
    results: list[dict[str, object]]


class ProductOut(msgspec.Struct, frozen=True):
    """A product."""

    slug: str
    name: str
    type: Literal["I", "E"]
    audience: str
    time_zone: str
    currency: str
    released_is_live: bool
    continues: str | None
