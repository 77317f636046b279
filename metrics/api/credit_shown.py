"""Rows of credit as the bodies that clients get."""

from datetime import date
from typing import Any

from metrics.api.credit_shapes import AssistedOut, CreditOut, CreditPartOut, CreditSplitOut, CreditSumOut
from metrics.catalog.quarters import Quarter
from metrics.models import Credit, CreditPart, Kpi
from metrics.queries.credit_records import AssistedRow, CreditSum
from metrics.queries.effects import effect_of
from metrics.stats.credit import Credited


def show_row(row: Credit) -> CreditOut:
    """What one product is credited with."""
    low, high = Credited(row.kpi.slug, row.credited, row.error).interval
    return CreditOut(
        product=row.product.slug,
        kpi=row.kpi.slug,
        unit=_unit(row.kpi),
        period=_period(row.period),
        own_effect=row.own_effect,
        own_error=row.own_error,
        n=row.releases,
        throughput=row.throughput,
        kept=row.kept,
        credited=row.credited,
        error=row.error,
        low=low,
        high=high,
        is_exact=row.is_exact,
        horizon_days=row.horizon_days,
        horizon_version=row.horizon_version,
        computed_at=row.computed_at,
    )


def show_split(row: Any) -> CreditSplitOut:
    """Whose work one release was; the row comes with its ``players``."""
    return CreditSplitOut(
        release=row.release.key,
        product=row.product.slug,
        kpi=row.kpi.slug,
        unit=_unit(row.kpi),
        period=_period(row.period),
        effect=row.effect,
        error=row.error,
        builder=row.builder,
        parts=[_part(one) for one in row.players],
        unsized=_keys(row.unsized),
        refused=row.refused,
    )


def show_sum(row: CreditSum) -> CreditSumOut:
    """Credit added up within one KPI and quarter."""
    low, high = Credited(row.kpi, row.credited, row.error).interval
    return CreditSumOut(
        kpi=row.kpi,
        unit=row.currency or row.unit,
        period=_period(row.period),
        products=row.products,
        n=row.releases,
        credited=row.credited,
        error=row.error,
        low=low,
        high=high,
        is_exact=row.is_exact,
        horizon_days=row.horizon_days,
        horizon_version=row.horizon_version,
    )


def show_assisted(row: AssistedRow) -> AssistedOut:
    """One help with the whole effect behind which it stands."""
    said, release = row.enablement, row.estimate.release
    return AssistedOut(
        product=said.upstream_product.slug,
        enablement=said.key,
        kind=said.kind,
        state=said.state,
        owner_product=release.product.slug,
        release=release.key,
        effect=effect_of(row.estimate),
    )


def _part(one: CreditPart) -> CreditPartOut:
    return CreditPartOut(
        product=one.product.slug,
        team=one.team.slug if one.team else None,
        share=one.share,
        unblocks=one.unblocks,
        days_low=one.days_low,
        days_high=one.days_high,
        is_assumed=one.is_assumed,
        enablements=_keys(one.enablements),
    )


def _keys(numbers: list[int]) -> list[str]:
    return [f"E-{number}" for number in numbers]


def _period(day: date) -> str:
    return Quarter(day).name


def _unit(kpi: Kpi) -> str:
    """The currency of money, else the KPI's unit."""
    return kpi.currency or kpi.unit
