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
    event_id: Annotated[
        Text, Meta(description="The sender's own name for the event; with the source its key for ever.")
    ]
    product: Annotated[Slug, Meta(description="The product's slug.")]
    version: Annotated[Text, Meta(description="With product and environment it names the release.")]
    kind: Annotated[Kind, Meta(description="What happened. Users have it from 'exposed' on.")]
    occurred_at: Annotated[
        datetime, Meta(tz=True, description="When it happened: RFC 3339 with an offset. May be years ago.")
    ]
    environment: Annotated[
        str,
        Meta(
            min_length=1, max_length=60, pattern=WORDS, description="Only the product's production environment counts."
        ),
    ] = "production"
    sequence: Annotated[int, Meta(ge=0, le=2_147_483_647, description="The order of events of one instant.")] = 0
    name: Annotated[str, Meta(max_length=200, description="What people call the release.")] = ""
    url: Annotated[Url, Meta(description="Where the release is described.")] = ""
    features: Annotated[
        tuple[FeatureKey, ...], Meta(max_length=50, description="Keys of the features in it, like W-88.")
    ] = ()
    planned_for: Annotated[Instant | None, Meta(description="When it is meant to happen, for 'planned'.")] = None

    def __post_init__(self) -> None:
        refuse_unlikely(occurred_at=self.occurred_at, planned_for=self.planned_for)


class ReleaseEventBatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 events; with ``atomic`` all or nothing."""

    events: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=500)]
    atomic: bool = False


class ReleaseEventBatchIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 events; with ``atomic`` all or nothing."""

    events: Annotated[list[ReleaseEventIn], Meta(min_length=1, max_length=500, description="In any order.")]
    atomic: Annotated[bool, Meta(description="All or nothing.")] = False


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
    country: str
    subdivision: str
