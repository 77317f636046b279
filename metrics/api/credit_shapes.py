"""The bodies of credit: rows, splits, sums, and what was assisted. Amounts are in the KPI's own unit."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from metrics.queries.effects import Effect


class CreditOut(msgspec.Struct, frozen=True):
    """What a product is credited with for one KPI and quarter; ``low`` to ``high`` is the 95 % interval.

    ``own_effect`` is null where none of its own releases has an effect. ``is_exact`` says that the error follows from the effects' errors
    alone; else it comes from 200 joint draws.
    """

    product: str
    kpi: str
    unit: str
    period: Annotated[str, Meta(description="The quarter in which the helped releases went live, like 2026-Q3.")]
    own_effect: float | None
    own_error: float | None
    n: Annotated[int, Meta(description="Its own releases with an effect.")]
    throughput: Annotated[float, Meta(description="Its own effect and what others owe it.")]
    kept: Annotated[float, Meta(description="The share, from 0 to 1, that stays of what arrives.")]
    credited: float
    error: Annotated[float, Meta(description="The standard error.")]
    low: float
    high: float
    is_exact: bool
    horizon_days: int
    horizon_version: int
    computed_at: datetime


class CreditPartOut(msgspec.Struct, frozen=True):
    """Who has a share of a release, for which help; ``unblocks`` is its part of its team's role as unblocker."""

    product: str
    team: str | None
    share: float
    unblocks: float
    days_low: float
    days_high: float
    is_assumed: Annotated[bool, Meta(description="Nobody stated the days.")]
    enablements: list[str]


class CreditSplitOut(msgspec.Struct, frozen=True):
    """Whose work one release was: ``builder`` stays with ``product``; the shares add up to 1.

    Without ``effect`` the release only passes on what its product is owed. ``unsized`` are helps that saved days nobody counted.
    """

    release: str
    product: str
    kpi: str
    unit: str
    period: str
    effect: float | None
    error: float | None
    builder: float
    parts: list[CreditPartOut]
    unsized: list[str]
    refused: Annotated[str, Meta(description="Why helps were left out, or empty.")]


class CreditSumOut(msgspec.Struct, frozen=True):
    """Credit added up over products within one KPI and quarter; ``low`` to ``high`` is the 95 % interval of the sum."""

    kpi: str
    unit: str
    period: str
    products: int
    n: Annotated[int, Meta(description="Releases with an effect of those products themselves.")]
    credited: float
    error: float
    low: float
    high: float
    is_exact: bool
    horizon_days: int
    horizon_version: int


class AssistedOut(msgspec.Struct, frozen=True):
    """The whole effect of a release of ``owner_product`` that ``product`` helped. Never add such effects up: every helper sees each whole."""

    product: str
    enablement: str
    kind: str
    state: str
    owner_product: str
    release: str
    effect: Effect
