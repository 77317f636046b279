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

    colleague: Mail | None = None
    account: Slug | None = None
    via: Mail | None = None
    people_affected: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    hours_lost_monthly: Decimal | None = None


class FeedbackIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One thing that somebody told us. Never put names, addresses or numbers of people outside the company in it."""

    source: Source
    source_id: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    text: Annotated[str, Meta(min_length=1, max_length=2000, pattern=r"\S")]
    received_at: Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset.")]
    product: Slug | None = None
    channel: ChannelName = "api"
    voice: VoiceIn | None = None
    severity: Annotated[int, Meta(ge=1, le=4)] | None = None
    sentiment: Literal["", "negative", "neutral", "positive"] = ""

    def __post_init__(self) -> None:
        refuse_unlikely(received_at=self.received_at)


class FeedbackBatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 entries; with ``atomic`` all or nothing."""

    entries: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=500)]
    atomic: bool = False


class FeedbackBatchIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 500 entries; with ``atomic`` all or nothing."""

    entries: Annotated[list[FeedbackIn], Meta(min_length=1, max_length=500)]
    atomic: bool = False


class FeedbackOut(msgspec.Struct, frozen=True):
    """One entry. ``voices`` counts whose it is; ``accounts`` names only those that the caller may see."""

    key: str
    product: str | None
    text: str
    received_at: datetime
    channel: str
    severity: int | None
    sentiment: str
    voices: int
    accounts: list[str]


class LoggedOut(msgspec.Struct, frozen=True):
    """What became of an entry."""

    key: str
    source: str
    source_id: str
    replayed: bool
