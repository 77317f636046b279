"""What effects are read from: the KPIs of products with their days, the releases that named them, and the controls.

Days come from the rollups, so that corrections, late facts and moved clocks reach a reading the same way as any other figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from metrics.sources.context import Context, context_of
from metrics.sources.named import Named, releases_that_named

# Only production starts the clock.
KPIS_NAMED = """
SELECT DISTINCT kpi.id FROM metrics_kpi AS kpi JOIN metrics_commitment AS named ON named.kpi_id = kpi.id
WHERE kpi.product_id = ANY(%(products)s)
"""
PRODUCTION = "SELECT id, production_environment FROM products_product WHERE id = ANY(%(products)s)"
EXPERIMENTS = """
SELECT kpi_id, release_id, id, effect::float8, low::float8, high::float8, level::float8, scale, with_it + without_it
FROM metrics_experiment WHERE kpi_id = ANY(%(kpis)s) AND superseded_at IS NULL
"""

# 0001-01-01 has the ordinal number 1. A day that is not over counts as not loaded. How late readings usually come is told by
# the newest four weeks of them.
KPIS = """
SELECT kpi.id, kpi.product_id, kpi.form, kpi.currency, kpi.cadence, kpi.direction, kpi.smallest_change_worth::float8,
    product.time_zone, product.country, product.subdivision,
    ARRAY(SELECT holds_from FROM metrics_kpidefinition WHERE kpi_id = kpi.id ORDER BY holds_from),
    lag.days, cells.ordinals, cells.tops, cells.bases, cells.squares
FROM metrics_kpi AS kpi
JOIN products_product AS product ON product.id = kpi.product_id
CROSS JOIN LATERAL (
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY late) AS days FROM (
        SELECT (reading.recorded_at AT TIME ZONE product.time_zone)::date - reading.day AS late
        FROM metrics_reading AS reading
        WHERE reading.product_id = kpi.product_id AND reading.kpi_id = kpi.id AND reading.source = kpi.source
        ORDER BY reading.day DESC LIMIT 28
    ) AS newest
) AS lag
CROSS JOIN LATERAL (
    SELECT array_agg(day - DATE '0001-01-01' + 1 ORDER BY day) AS ordinals,
        array_agg(numerator::float8 ORDER BY day) AS tops, array_agg(denominator::float8 ORDER BY day) AS bases,
        CASE WHEN kpi.form = 'mean' THEN array_agg(squares::float8 ORDER BY day) END AS squares
    FROM metrics_rollup
    WHERE product_id = kpi.product_id AND measure = 'kpi:' || kpi.id AND NOT is_partial
) AS cells
WHERE kpi.id = ANY(%(kpis)s)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """The result of an experiment as somebody entered it."""

    pk: int
    effect: float
    low: float
    high: float
    level: float
    scale: str
    units: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A release that users had, and a KPI that was named for it; days are those of the KPI's product."""

    kpi: int
    release: int
    live_on: date
    withdrawn_on: date | None
    commitment: int
    is_main: bool
    is_guardrail: bool
    window_days: int
    roll_out_days: int
    named_at: datetime
    is_named_before: bool
    detectable: float | None
    controls: tuple[int, ...]
    experiment: Told | None


@dataclass(frozen=True, slots=True, eq=False)
class KpiFacts:
    """A KPI with all of its loaded days; ``lag`` is how many days readings usually come late."""

    pk: int
    product: int
    form: str
    currency: str
    cadence: str
    direction: str
    worth: float | None
    time_zone: str
    country: str
    subdivision: str
    defined_on: tuple[date, ...]
    lag: int
    ordinals: Sequence[int]
    tops: Sequence[float]
    bases: Sequence[float]
    squares: Sequence[float]


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Everything that the effects on the KPIs of some products hang on; ``context`` is by product."""

    pairs: tuple[Pair, ...]
    kpis: dict[int, KpiFacts]
    context: dict[int, tuple[Context, ...]]


def read_facts(products: Sequence[int]) -> Facts:
    """The facts behind the effects on the KPIs of ``products``. Seven statements."""
    mine = sorted(kpi for (kpi,) in _rows(KPIS_NAMED, {"products": list(products)}))
    if not mine:
        return Facts((), {}, {})
    named = releases_that_named(mine)
    production = dict(_rows(PRODUCTION, {"products": sorted({one.product for one in named})}))
    told = {(row[0], row[1]): Told(*row[2:]) for row in _rows(EXPERIMENTS, {"kpis": mine})}
    wanted = sorted({*mine, *(control for one in named for control in one.controls)})
    kpis = {row[0]: _kpi(row) for row in _rows(KPIS, {"kpis": wanted})}
    live = [one for one in named if one.live_at and one.environment == production[one.product]]
    pairs = tuple(_pair(one, kpis[one.kpi], told.get((one.kpi, one.release))) for one in live)
    ends = [end for kpi in kpis.values() if len(kpi.ordinals) for end in (kpi.ordinals[0], kpi.ordinals[-1])]
    first, last = (date.fromordinal(end(ends, default=1)) for end in (min, max))
    return Facts(pairs, kpis, context_of(products, first=first, last=last))


def _rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())


def _pair(one: Named, kpi: KpiFacts, told: Told | None) -> Pair:
    zone = ZoneInfo(kpi.time_zone)
    assert one.live_at is not None, "only what users had is read"  # noqa: S101
    back = one.rolled_back_at if one.state == "rolled_back" else None
    return Pair(
        kpi=one.kpi,
        release=one.release,
        live_on=one.live_at.astimezone(zone).date(),
        withdrawn_on=back.astimezone(zone).date() if back else None,
        commitment=one.commitment,
        is_main=one.is_main,
        is_guardrail=one.is_guardrail,
        window_days=one.window_days,
        roll_out_days=one.roll_out_days,
        named_at=one.declared_at,
        is_named_before=one.is_named_before,
        detectable=one.detectable,
        controls=one.controls,
        experiment=told,
    )


def _kpi(row: tuple[Any, ...]) -> KpiFacts:
    columns: list[Any] = list(row)
    columns[10:12] = [tuple(row[10]), max(row[11] or 1, 1)]
    columns[12:] = [part or () for part in row[12:]]
    return KpiFacts(*columns)
