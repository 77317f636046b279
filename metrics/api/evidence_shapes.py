"""The bodies of what effects are read against: commitments, context events and experiments, in and out."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from metrics.api.shapes import Slug

Subject = Annotated[
    str, Meta(pattern=r"^[RW]-[1-9][0-9]{0,17}\Z", description="Key of a feature (W-88) or a release (R-123).")
]
ReleaseKey = Annotated[str, Meta(pattern=r"^R-[1-9][0-9]{0,17}\Z", description="Key of a release, like R-123.")]
KpiSlug = Annotated[Slug, Meta(description="Slug of a KPI.")]
Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
Group = Annotated[int, Meta(ge=1, le=9_000_000_000_000)]


class CommitmentIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a feature or release is to do to one KPI."""

    subject: Subject
    kpi: KpiSlug
    direction: Annotated[Literal["rise", "fall", "stay"], Meta(description="“stay” makes it a guardrail.")]
    is_main: Annotated[bool, Meta(description="The one that the verdict is about; one at most.")] = False
    expected_change: Annotated[
        Decimal | None,
        Meta(
            description="Without a sign: a part of a sum (0.05 is 5 %), percentage points of a ratio, points of a mean."
        ),
    ] = None
    window_days: Annotated[Literal[7, 14, 28], Meta(description="The days over which it is read.")] = 14
    roll_out_days: Annotated[
        Annotated[int, Meta(ge=0, le=60)], Meta(description="Days until everybody has it; they are not read.")
    ] = 0
    controls: Annotated[
        list[Slug], Meta(max_length=3, description="Slugs of KPIs of other products that the release cannot touch.")
    ] = msgspec.field(default_factory=list)


class CommitmentKeyIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The KPI that is named no longer."""

    subject: Subject
    kpi: KpiSlug


class CommitmentOut(msgspec.Struct, frozen=True):
    """One version of a commitment. ``detectable`` is the smallest effect that could show, on the logarithmic scale of effects;
    ``detectable_natural`` the same in the KPI's unit over the window; without them ``undetectable`` says why."""

    id: int
    subject: str
    product: str
    kpi: str
    version: int
    direction: str
    is_main: bool
    is_guardrail: bool
    expected_change: Decimal | None
    window_days: int
    roll_out_days: int
    controls: list[str]
    detectable: float | None
    detectable_natural: float | None
    undetectable: str
    declared_by: str
    declared_at: datetime
    superseded_by: str | None
    superseded_at: datetime | None


class ContextEventIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A campaign, an outage, an offer of one product. Its name and first day are its key."""

    product: Annotated[Slug, Meta(description="Slug of the product whose figures it moved.")]
    name: Annotated[Name, Meta(description="What people call it.")]
    kind: Annotated[Literal["campaign", "outage", "offer", "holiday", "other"], Meta(description="What it is.")]
    first_day: Annotated[date, Meta(description="The first day on which it moved the figures.")]
    last_day: Annotated[date | None, Meta(description="The last one; without it the event goes on.")] = None


class ContextEventKeyIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The event that did not happen."""

    product: Annotated[Slug, Meta(description="Slug of the product.")]
    name: Annotated[Name, Meta(description="What it is called.")]
    first_day: Annotated[date, Meta(description="Its first day.")]


class ContextEventOut(msgspec.Struct, frozen=True):
    """An event; ``product`` is null where it is the whole company's."""

    id: int
    product: str | None
    name: str
    kind: str
    first_day: date
    last_day: date | None
    noted_by: str
    noted_at: datetime


class ExperimentIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The result of a randomised comparison for one KPI of a release."""

    release: ReleaseKey
    kpi: KpiSlug
    effect: Annotated[Decimal, Meta(description="With the release against without it, with its sign.")]
    low: Annotated[Decimal, Meta(description="The lower end of the interval.")]
    high: Annotated[Decimal, Meta(description="The upper end of the interval.")]
    scale: Annotated[
        Literal["relative", "points"],
        Meta(description="Relative: 0.02 is 2 %. Points: percentage points of a ratio, points of a mean."),
    ]
    with_it: Annotated[Group, Meta(description="Units that had the release.")]
    without_it: Annotated[Group, Meta(description="Units that did not.")]
    level: Annotated[Decimal, Meta(description="The level of the interval, from 0.5 to below 1.")] = Decimal("0.95")
    url: Annotated[
        str, Meta(max_length=1000, pattern=r"^(https?://\S+)?\Z", description="Where it is written down.")
    ] = ""
    note: Annotated[str, Meta(max_length=1000, description="What a reader should know.")] = ""


class ExperimentKeyIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The result that is taken back."""

    release: ReleaseKey
    kpi: KpiSlug


class ExperimentOut(msgspec.Struct, frozen=True):
    """A result; superseded by a correction, or taken back, where it says when."""

    id: int
    release: str
    kpi: str
    effect: Decimal
    low: Decimal
    high: Decimal
    level: Decimal
    scale: str
    with_it: int
    without_it: int
    url: str
    note: str
    entered_by: str
    entered_at: datetime
    superseded_by: str | None
    superseded_at: datetime | None
