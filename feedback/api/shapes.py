"""The bodies of the feedback floor."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pmtrack.web.parsing import refuse_unlikely

Source = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S", description="The program that sends.")]
Slug = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[-a-zA-Z0-9_]+\Z")]
Mail = Annotated[str, Meta(min_length=3, max_length=254)]
ChannelName = Literal[
    "chat", "mail", "call", "meeting", "interview", "survey", "ticket", "account_manager", "in_app", "api", "import"
]


class VoiceIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A ``colleague`` by mail address, or an ``account`` by its reference ``via`` a colleague."""

    colleague: Annotated[Mail | None, Meta(description="A colleague's mail address.")] = None
    account: Annotated[Slug | None, Meta(description="A customer's reference; never a person's name.")] = None
    via: Annotated[Mail | None, Meta(description="The colleague who heard it from the account.")] = None
    people_affected: Annotated[
        Annotated[int, Meta(ge=0, le=1_000_000)] | None, Meta(description="How many people it touches.")
    ] = None
    hours_lost_monthly: Annotated[Decimal | None, Meta(description="Hours a month that it costs them.")] = None


class FeedbackIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One thing that somebody told us. Never put names, addresses or numbers of people outside the company in it."""

    source: Source
    source_id: Annotated[
        str,
        Meta(
            min_length=1, max_length=200, pattern=r"\S", description="The sender's own name for it, its key for ever."
        ),
    ]
    text: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S", description="What was said.")]
    received_at: Annotated[datetime, Meta(tz=True, description="When it was heard: RFC 3339 with an offset.")]
    product: Annotated[Slug | None, Meta(description="The product's slug; without it the entry waits for one.")] = None
    channel: Annotated[ChannelName, Meta(description="How it was heard.")] = "api"
    voice: Annotated[VoiceIn | None, Meta(description="Whose voice it was.")] = None
    severity: Annotated[
        Annotated[int, Meta(ge=1, le=4)] | None, Meta(description="From 1, a nuisance, to 4, work stands still.")
    ] = None
    sentiment: Annotated[Literal["", "negative", "neutral", "positive"], Meta(description="How it sounded.")] = ""

    def __post_init__(self) -> None:
        refuse_unlikely(received_at=self.received_at)


class FeedbackBatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 entries; with ``atomic`` all or nothing."""

    entries: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=500)]
    atomic: bool = False


class FeedbackBatchIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 entries; with ``atomic`` all or nothing."""

    entries: Annotated[list[FeedbackIn], Meta(min_length=1, max_length=500, description="In any order.")]
    atomic: Annotated[bool, Meta(description="All or nothing.")] = False


class FeedbackOut(msgspec.Struct, frozen=True):
    """One entry. ``voices`` counts whose it is over all that was ``merged`` into it; ``accounts`` names only those that the caller may see.

    ``state`` is open, diagnosed, merged (then ``merged_into`` says where it counts) or withdrawn. ``revision`` grows
    with each edit.
    """

    key: str
    product: str | None
    text: str
    received_at: datetime
    channel: str
    severity: int | None
    sentiment: str
    state: str
    merged_into: str | None
    merged: list[str]
    diagnosis: str | None
    revision: int
    voices: int
    accounts: list[str]


class VoiceOut(msgspec.Struct, frozen=True):
    """One voice behind ``feedback``: a ``colleague`` by mail address, or an ``account`` by reference ``via`` a colleague."""

    feedback: str
    colleague: str | None
    account: str | None
    via: str | None
    people_affected: int | None
    hours_lost_monthly: Decimal | None


class DiagnosisOut(msgspec.Struct, frozen=True):
    """What people were trying to do and what gets in the way, what was decided, and which features come of it.

    ``decision`` is "" while none is made; ``diagnosed_at`` is null while it is a draft.
    """

    key: str
    product: str
    trying_to: str
    in_the_way: str
    known_from: str
    solved_when: str
    started_at: datetime
    diagnosed_at: datetime | None
    decision: str
    decided_at: datetime | None
    reason: str
    revision: int
    feedback: list[str]
    features: list[str]


class LoggedOut(msgspec.Struct, frozen=True):
    """What became of an entry."""

    key: str
    source: str
    source_id: str
    replayed: bool
