"""The bodies of a release's way to its users: sign-offs and announcements. Nobody is named."""

from datetime import date, datetime

import msgspec


class SignOffOut(msgspec.Struct, frozen=True):
    """One function asked about a release. ``decision`` is null while it is open; ``waited_days`` run until it is decided.

    ``is_overdue`` says that an open one is past its day; ``usual_days`` is the function's median, null before there are five.
    """

    release: str
    function: str
    has_approver: bool
    asked_at: datetime
    due_on: date
    is_overdue: bool
    decision: str | None
    decided_at: datetime | None
    waited_days: float
    usual_days: float | None
    usual_n: int
    words: str
    evidence_url: str
    is_newest: bool


class SignOffsOut(msgspec.Struct, frozen=True):
    """Every sign-off of a release, the newest of each function first.

    ``needed`` is false for internal products, which need none. ``breach`` says what it went live without, "" for nothing.
    """

    release: str
    needed: bool
    breach: str
    items: list[SignOffOut]


class AnnouncementOut(msgspec.Struct, frozen=True):
    """One announcement. ``teams`` is empty where everybody was told; a post goes to a channel and has no people to count.

    ``opened`` counts people who had their own page before them, so it is a lower bound; null for a post.
    """

    key: str
    release: str
    channel: str
    subject: str
    body: str
    teams: list[str]
    written_at: datetime
    follows: str | None
    recipients: int | None
    sent: int
    given_up: int
    opened: int | None
    replied: int | None
