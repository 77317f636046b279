"""What should change: the KPIs that a feature or a release named, each with every version that was ever said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min, Prefetch, Q, QuerySet

from metrics.access import visible_commitments
from metrics.models import Commitment, CommitmentControl, KpiDirection
from metrics.queries.release_words import local_text
from metrics.queries.size_words import change_text, size_text
from metrics.queries.words import day_text
from metrics.sources.named import Named, carriers_of, named_by
from products.access import Actor
from products.catalog.words import counted, sentence
from products.models import Exposure, Feature, Release


@dataclass(frozen=True, slots=True)
class Version:
    """One version of what was said about a KPI, in words. ``is_held`` where it is the one that an effect is read against."""

    number: int
    said: str
    controls: tuple[tuple[str, str], ...]
    detectable: str
    by: str
    at: str
    ended: str
    is_standing: bool
    is_held: bool
    is_afterwards: bool


@dataclass(frozen=True, slots=True)
class NamedKpi:
    """A KPI with the version that counts, and all the others, the newest first.

    ``subject`` is the key of the feature through which a release named it, else "". ``lock`` says since when it cannot change.
    """

    slug: str
    name: str
    product: str
    role: str
    subject: str
    version: Version
    others: tuple[Version, ...]
    lock: str
    stands: int

    @property
    def is_standing(self) -> bool:
        """Whether anything stands that may be changed or taken back."""
        return self.stands > 0


@dataclass(frozen=True, slots=True)
class Panel:
    """The panel "What should change". ``base`` is the address of the page on which KPIs are named, "" for who may not."""

    title: str
    note: str
    kpis: tuple[NamedKpi, ...]
    base: str
    time_zone: str
    was_live: bool


def feature_panel(user: Actor, feature: Feature, *, may_name: bool) -> Panel:
    """What a feature named. The first of its releases that users had is told, since later versions count for later releases only.

    At most four statements.
    """
    rows = list(commitments(user).filter(feature=feature))
    locked = Exposure.objects.filter(release__in=carriers_of(feature.pk)).aggregate(at=Min("exposed_at"))["at"]
    zone = ZoneInfo(feature.product.time_zone)
    kpis = [_named_kpi(versions, None, locked, feature, zone) for versions in _by_kpi(rows)]
    note = ""
    if locked:
        note = (
            f"A release that carries {feature.key} has been live since {_day(locked, zone)}: for it stands what was said by then. "
            "What is said later counts for later releases."
        )
    return _panel(feature, kpis, note, was_live=bool(locked), may_name=may_name)


def release_panel(user: Actor, release: Release, *, may_name: bool) -> Panel:
    """What a release is held to: by what it named itself, or by its features. At most four statements."""
    held = {one.kpi: one for one in named_by(release.pk)}
    through = [one.feature for one in held.values() if one.feature]
    rows = list(commitments(user).filter(Q(release=release) | Q(feature__in=through, kpi__in=held)))
    zone = ZoneInfo(release.product.time_zone)
    kpis = [_named_kpi(found, held.get(found[0].kpi_id), None, release, zone) for found in _by_subject(rows, held)]
    exposed = next((one.exposed_at for one in held.values() if one.exposed_at), None) or release.live_at
    note = _locked(exposed, list(held.values()), zone) if exposed else ""
    return _panel(release, kpis, note, was_live=exposed is not None, may_name=may_name)


def _locked(exposed: datetime, held: Sequence[Named], zone: ZoneInfo) -> str:
    """Since when nothing can change, and how many KPIs were named only then."""
    late, day = sum(not one.is_named_before for one in held), _day(exposed, zone)
    if held and late == len(held):
        return f"Nobody had named a KPI when it went live on {day}: whoever named one afterwards could look first."
    told = f"Locked when it went live on {day}."
    if late:
        told += f" {sentence(counted(late, 'KPI'))} named afterwards: whoever named it could look first."
    return told


def commitments(user: Actor) -> QuerySet[Commitment]:
    """Every version with all that telling it needs, by KPI and the newest first. Two statements."""
    controls = CommitmentControl.objects.select_related("kpi").order_by("place")
    rows = visible_commitments(user).select_related(
        "kpi__product", "feature", "release", "declared_by", "superseded_by"
    )
    ordered = rows.order_by("-is_main", "is_guardrail", "kpi__name", "kpi", "-version")
    return ordered.prefetch_related(Prefetch("controls", controls, to_attr="in_order"))


def said_text(row: Commitment) -> str:
    """What is to happen, how much of it is expected, and over which days it is read."""
    parts = [row.get_direction_display()]
    if row.expected_change is not None:
        parts[0] += f" by {change_text(row.kpi, row.expected_change)}"
    if row.direction == "stay":
        worse = "fall" if row.kpi.direction == KpiDirection.UP else "rise"
        parts[0] = f"Does not {worse}"
    parts.append(f"read over {row.window_days} days")
    if row.roll_out_days:
        parts.append(f"everybody has it after {counted(row.roll_out_days, 'day')}")
    return ", ".join(parts)


def role_text(row: Commitment) -> str:
    """What the KPI is to the subject."""
    return "Main KPI" if row.is_main else "Guardrail" if row.is_guardrail else "Named, too"


def detectable_text(row: Commitment) -> str:
    """The smallest effect that could have been shown, as known when it was named."""
    if row.detectable is None or row.detectable_natural is None:
        return f"cannot be said: {row.undetectable}"
    return size_text(row.kpi, row.detectable, row.detectable_natural, row.window_days)


def _panel(subject: Feature | Release, kpis: Sequence[NamedKpi], note: str, *, was_live: bool, may_name: bool) -> Panel:
    mains = [one.name for one in kpis if one.role == "Main KPI"]
    title = "No KPI is named" if not kpis else f"{counted(len(kpis), 'KPI')} named"
    if len(mains) == 1:
        title += f", {mains[0]} above all"
    kind = "features" if isinstance(subject, Feature) else "releases"
    base = f"/{kind}/{subject.key}/kpis/" if may_name else ""
    return Panel(title, note, tuple(kpis), base, subject.product.time_zone, was_live)


def _by_kpi(rows: Iterable[Commitment]) -> list[list[Commitment]]:
    """Versions of each KPI together, in the order of what stands."""
    found: dict[int, list[Commitment]] = {}
    for row in rows:
        found.setdefault(row.kpi_id, []).append(row)
    return sorted(found.values(), key=lambda versions: _rank(versions[0]))


def _by_subject(rows: Sequence[Commitment], held: dict[int, Named]) -> list[list[Commitment]]:
    """The versions of who is held to each KPI: of the feature that named it, or of the release itself."""
    mine = [row for row in rows if row.feature_id == (held[row.kpi_id].feature if row.kpi_id in held else None)]
    return _by_kpi(mine)


def _rank(row: Commitment) -> tuple[Any, ...]:
    return row.superseded_at is not None, not row.is_main, row.is_guardrail, row.kpi.name, row.kpi_id


def _named_kpi(
    versions: Sequence[Commitment],
    held: Named | None,
    locked: datetime | None,
    subject: Feature | Release,
    zone: ZoneInfo,
) -> NamedKpi:
    """One KPI from its versions, of which ``held`` names the one that a release is read against."""
    ordered = sorted(versions, key=lambda row: -row.version)
    standing = next((row for row in ordered if row.superseded_at is None), None)
    chosen = next((row for row in ordered if held and row.pk == held.commitment), standing or ordered[0])
    told = {row.pk: _version(row, held, locked, zone) for row in ordered}
    return NamedKpi(
        slug=chosen.kpi.slug,
        name=chosen.kpi.name,
        product=chosen.kpi.product.name if chosen.kpi.product_id != subject.product_id else "",
        role=role_text(chosen),
        subject=chosen.feature.key if chosen.feature and isinstance(subject, Release) else "",
        version=told[chosen.pk],
        others=tuple(told[row.pk] for row in ordered if row.pk != chosen.pk),
        lock=_lock(held, zone),
        stands=standing.version if standing else 0,
    )


def _lock(held: Named | None, zone: ZoneInfo) -> str:
    if held is None or held.exposed_at is None:
        return ""
    if not held.is_named_before:
        return "named afterwards"
    return f"locked on {_day(held.exposed_at, zone)}"


def _version(row: Any, held: Named | None, locked: datetime | None, zone: ZoneInfo) -> Version:
    ended = ""
    if row.superseded_at is not None:
        ended = f"until {local_text(row.superseded_at, zone)}, {row.superseded_by.name}"
    since = held.exposed_at if held else locked
    return Version(
        number=row.version,
        said=said_text(row),
        controls=tuple((one.kpi.slug, one.kpi.name) for one in row.in_order),
        detectable=detectable_text(row),
        by=row.declared_by.name,
        at=local_text(row.declared_at, zone),
        ended=ended,
        is_standing=row.superseded_at is None,
        is_held=held is not None and held.commitment == row.pk,
        is_afterwards=since is not None and row.declared_at >= since,
    )


def _day(at: datetime, zone: ZoneInfo) -> str:
    return day_text(at.astimezone(zone).date())
