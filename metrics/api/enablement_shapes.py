"""The bodies of enablements: claims and answers in, enablements with their chain out."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from metrics.api.shapes import Slug

KindName = Literal["enabled", "unblocked", "accelerated"]
VerdictName = Literal["enabled", "unblocked", "accelerated", "no", "unknown"]
Mail = Annotated[str, Meta(min_length=3, max_length=254)]
ReleaseKey = Annotated[str, Meta(pattern=r"^R-[1-9][0-9]{0,17}\Z")]
FeatureKey = Annotated[str, Meta(pattern=r"^W-[1-9][0-9]{0,17}\Z")]
Words = Annotated[str, Meta(max_length=500)]
Link = Annotated[str, Meta(min_length=8, max_length=1000)]


class EnablementIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A claim that a product of yours helped the work of others. Whoever did that work is asked."""

    product: Annotated[Slug, Meta(description="Slug of the product that helped; the token must reach it.")]
    kind: Annotated[
        KindName,
        Meta(description="It made the work possible, removed a wait without which no release, or made it faster."),
    ]
    release: Annotated[ReleaseKey | None, Meta(description="The live release that helped, like R-57.")] = None
    feature: Annotated[FeatureKey | None, Meta(description="The feature that was helped, like W-88.")] = None
    work: Annotated[
        Annotated[str, Meta(max_length=200)], Meta(description="Or the work in words, with whose it is.")
    ] = ""
    owner_product: Annotated[Slug | None, Meta(description="Slug of the product whose work it was.")] = None
    owner_team: Annotated[Slug | None, Meta(description="Slug of the team whose work it was.")] = None
    days_low: Annotated[Decimal | None, Meta(description="Working days saved at least, 0 to 90.")] = None
    days_high: Annotated[Decimal | None, Meta(description="Working days saved at most.")] = None
    statement: Annotated[Words, Meta(description="What would have happened otherwise.")] = ""
    evidence: Annotated[list[Link], Meta(max_length=5, description="Web addresses.")] = msgspec.field(
        default_factory=list
    )
    asked: Annotated[Mail | None, Meta(description="Whom to ask; the PM of that work unless told.")] = None


class AnswerIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The answer of whoever is asked."""

    verdict: Annotated[VerdictName, Meta(description="Yes, and how it helped; no; or unknown.")]
    days_low: Annotated[Decimal | None, Meta(description="Working days saved at least.")] = None
    days_high: Annotated[Decimal | None, Meta(description="Working days saved at most.")] = None
    words: Annotated[Words, Meta(description="A word about it.")] = ""


class EnablementStepOut(msgspec.Struct, frozen=True):
    """One step of an enablement with the figures that stood after it; without ``by`` pmtrack took it."""

    deed: str
    by: str | None
    at: datetime
    from_state: str | None
    to_state: str
    kind: str
    days_low: Decimal | None
    days_high: Decimal | None
    to: str | None
    words: str


class EnablementOut(msgspec.Struct, frozen=True):
    """Who helped what, how, how well that is backed, and every step that led there."""

    key: str
    product: str
    release: str | None
    feature: str | None
    work: str
    owner_product: str | None
    owner_team: str | None
    kind: str
    days_low: Decimal | None
    days_high: Decimal | None
    statement: str
    evidence: list[str]
    state: str
    claimed_by: str | None
    thanked_by: str | None
    made_at: datetime
    asked: str | None
    asked_at: datetime | None
    expires_at: datetime | None
    answered_by: str | None
    answered_at: datetime | None
    steps: list[EnablementStepOut]
