"""What people brought to a release: results of experiments and decisions, as its page tells them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from metrics.access import visible_decisions, visible_experiments
from metrics.models import EffectScale, Experiment, KpiForm, ReleaseDecision
from metrics.queries.release_words import local_text
from metrics.queries.words import MINUS
from products.access import Actor
from products.models import Release

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Result:
    """One entered result in words; ``ended`` says until when it stood, "" while it does."""

    id: int
    slug: str
    kpi: str
    effect: str
    span: str
    groups: str
    url: str
    note: str
    by: str
    ended: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision in words."""

    decided: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Results that stand and those that were corrected or taken back; decisions, the newest first. ``base`` for who may write."""

    results: tuple[Result, ...]
    before: tuple[Result, ...]
    decisions: tuple[Decision, ...]
    kpis: tuple[tuple[str, str], ...]
    base: str


def release_evidence(user: Actor, release: Release, *, kpis: Sequence[tuple[str, str]], may_write: bool) -> Evidence:
    """The evidence of one release; ``kpis`` are slug and name of those a result may be entered for. Two statements."""
    zone = ZoneInfo(release.product.time_zone)
    rows = visible_experiments(user).filter(release=release).select_related("kpi", "entered_by", "superseded_by")
    found = [(row, _result(row, zone)) for row in rows.order_by("kpi__name", "-entered_at", "-pk")]
    decisions = visible_decisions(user).filter(release=release).select_related("by").order_by("-at", "-pk")
    return Evidence(
        results=tuple(told for row, told in found if row.superseded_at is None),
        before=tuple(told for row, told in found if row.superseded_at is not None),
        decisions=tuple(_decision(row, zone) for row in decisions),
        kpis=tuple(kpis),
        base=f"/releases/{release.key}/" if may_write else "",
    )


def result_text(row: Experiment) -> str:
    """The effect with its sign: "+4.2 %", "−0.8 percentage points"."""
    return _signed(row, float(row.effect))


def _result(row: Experiment, zone: ZoneInfo) -> Result:
    ended = ""
    if row.superseded_at is not None and row.superseded_by is not None:
        ended = f"until {local_text(row.superseded_at, zone)}, {row.superseded_by.name}"
    return Result(
        id=row.pk,
        slug=row.kpi.slug,
        kpi=row.kpi.name,
        effect=result_text(row),
        span=f"{_signed(row, float(row.low))} to {_signed(row, float(row.high))}, {float(row.level) * PERCENT:g} %",
        groups=f"{row.with_it:,} had it, {row.without_it:,} did not",
        url=row.url,
        note=row.note,
        by=_by(row.entered_by.name, row.entered_at, zone),
        ended=ended,
    )


def _decision(row: ReleaseDecision, zone: ZoneInfo) -> Decision:
    return Decision(row.get_decided_display(), row.reason, _by(row.by.name, row.at, zone))


def _by(name: str, at: datetime, zone: ZoneInfo) -> str:
    return f"{name}, {local_text(at, zone)}"


def _signed(row: Experiment, value: float) -> str:
    size = abs(value) * (PERCENT if row.scale == EffectScale.RELATIVE else 1)
    unit = "%" if row.scale == EffectScale.RELATIVE else "points"
    if unit == "points" and row.kpi.form == KpiForm.RATIO:
        unit = "percentage points"
    digits = f"{size:,.2f}".rstrip("0").rstrip(".")
    sign = MINUS if value < 0 else "+" if value > 0 else ""
    return f"{sign}{digits} {unit}"
