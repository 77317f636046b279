"""The bodies of the metrics floor: readings and usage in, KPIs, readings and usage out."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Source = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"\S", description="The program that sends.")]
Slug = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[-a-zA-Z0-9_]+\Z")]
Count = Annotated[int, Meta(ge=0, le=9_000_000_000_000)]
Week = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-([0-9]{2}-[0-9]{2}|W[0-9]{2})\Z",
        description="A Monday (2026-06-15) or an ISO week (2026-W25).",
    ),
]
Few = Annotated[int, Meta(ge=0, le=2_000_000_000)]


class ReadingIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One day. A sum takes ``value``; a ratio ``numerator`` and ``denominator``; a mean ``value`` (the sum of its n values) and ``n``."""

    day: Annotated[date, Meta(description="The product's own day, from 1970 to tomorrow.")]
    value: Annotated[Decimal | None, Meta(description="The day's total, or for a mean the sum of its values.")] = None
    numerator: Annotated[Decimal | None, Meta(description="For ratios: those that count.")] = None
    denominator: Annotated[Decimal | None, Meta(description="For ratios: those that could.")] = None
    n: Annotated[Count, Meta(description="Units behind the figure; for a mean the number of its values.")] = 0
    squares: Annotated[Decimal | None, Meta(description="Sum of squared values, for the spread within a day.")] = None
    status: Annotated[Literal["partial", "final"], Meta(description="Whether the day is over.")] = "final"


class ReadingBatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 10,000 days of one KPI from one source."""

    source: Source
    readings: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=10_000)]
    atomic: bool = False


class ReadingBatchIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 10,000 days of one KPI from one source."""

    source: Source
    readings: Annotated[list[ReadingIn], Meta(min_length=1, max_length=10_000, description="Each day once.")]
    atomic: Annotated[bool, Meta(description="All or nothing.")] = False


class UsageIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One team's use of one product in one week, named by its Monday or its ISO number."""

    product: Annotated[Slug, Meta(description="Slug of an internal product.")]
    team: Annotated[Slug, Meta(description="Slug of the team that used it.")]
    week: Week
    active_users: Annotated[Few, Meta(description="Colleagues of the team who used it that week.")]
    eligible_users: Annotated[Few, Meta(description="Colleagues of the team who could.")]
    actions: Annotated[Count, Meta(description="What they did in it, counted.")] = 0


class UsageBatch(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 5,000 rows of usage from one source."""

    source: Source
    rows: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=5_000)]
    atomic: bool = False


class UsageBatchIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 5,000 rows of usage from one source."""

    source: Source
    rows: Annotated[list[UsageIn], Meta(min_length=1, max_length=5_000, description="Each team's week once.")]
    atomic: Annotated[bool, Meta(description="All or nothing.")] = False


class PushedOut(msgspec.Struct, frozen=True):
    """Counts of what was new, corrected and known already; ``results`` names the refused items only."""

    created: int
    corrected: int
    unchanged: int
    refused: int
    results: list[dict[str, Any]]


class KpiOut(msgspec.Struct, frozen=True):
    """A KPI."""

    slug: str
    product: str
    name: str
    family: str
    form: str
    unit: str
    currency: str
    direction: str
    target: Decimal | None
    is_main: bool
    source: str


class ReadingOut(msgspec.Struct, frozen=True):
    """A KPI's sums of one day; see the KPI's form for what they mean."""

    day: date
    source: str
    numerator: Decimal
    denominator: Decimal
    n: int
    squares: Decimal
    status: str
    recorded_at: datetime


class UsageOut(msgspec.Struct, frozen=True):
    """One team's use of one product in one week."""

    product: str
    team: str
    week: date
    active_users: int
    eligible_users: int
    actions: int
    source: str
