"""The bodies of the products floor: structs that decode what clients send and describe what we answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pmtrack.web.parsing import refuse_unlikely
from products.queries.releases import ReleaseFacts

# Begins and ends with a visible character, holds no control characters. "Not followed by any character" is the end of
# a text in every dialect of regular expressions; "$" would let a line break through.
WORDS = r"^[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?(?![\s\S])"
Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=WORDS)]
Source = Annotated[str, Meta(min_length=1, max_length=80, pattern=WORDS, description="The program that sends.")]
Slug = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[-a-zA-Z0-9_]+(?![\s\S])")]
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset.")]
Url = Annotated[str, Meta(max_length=1000, pattern=r"^(https?://[^\s\x00-\x1f\x7f]+)?(?![\s\S])")]
FeatureKey = Annotated[str, Meta(max_length=40, pattern=r"^[A-Z][A-Z0-9_]*-[0-9]{1,9}(?![\s\S])", description="W-88")]
Kind = Literal["planned", "released", "exposed", "rolled_back"]


class ReleaseEventIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One event of a release."""

    source: Source
    event_id: Text
    product: Slug
    version: Text
    kind: Kind
    occurred_at: Instant
    environment: Annotated[str, Meta(min_length=1, max_length=60, pattern=WORDS)] = "production"
    sequence: Annotated[int, Meta(ge=0, le=2_147_483_647)] = 0
    name: Annotated[str, Meta(max_length=200)] = ""
    url: Url = ""
    features: Annotated[tuple[FeatureKey, ...], Meta(max_length=50)] = ()
    planned_for: Instant | None = None

    def __post_init__(self) -> None:
        refuse_unlikely(occurred_at=self.occurred_at, planned_for=self.planned_for)


class ReleaseEventBatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 events; with ``atomic`` all or nothing."""

    events: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=500)]
    atomic: bool = False


class ReleaseEventBatchIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 events; with ``atomic`` all or nothing."""

    events: Annotated[list[ReleaseEventIn], Meta(min_length=1, max_length=500)]
    atomic: bool = False


class IngestedOut(msgspec.Struct, frozen=True):
    """What became of an event."""

    source: str
    event_id: str
    replayed: bool
    erased: bool
    release: ReleaseFacts


class BatchOut(msgspec.Struct, frozen=True):
    """A result for every item of a batch, in its order."""

    stored: int
    replayed: int
    refused: int
    results: list[dict[str, Any]]


class ProductOut(msgspec.Struct, frozen=True):
    """A product."""

    slug: str
    name: str
    type: str
    audience: str
    time_zone: str
    currency: str
    production_environment: str
    released_is_live: bool
    continues: str | None
