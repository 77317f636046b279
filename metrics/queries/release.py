"""One release: what is known of it, every event that was sent about it, and its place on the product's KPIs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from metrics.charts import series as charts
from metrics.charts.series import SeriesPicture
from metrics.queries.kpi_values import KpiSeries, Marker
from metrics.queries.periods import Period, local_day, read_period
from metrics.queries.reach import Reach, reach_of
from metrics.queries.release_effects import ReleaseEffects, release_effects
from metrics.queries.release_words import effect_text, lateness_text, local_text
from metrics.queries.releases import happened
from metrics.queries.series import kpi_series, markers_between
from metrics.queries.staleness import stale_since, stale_text
from metrics.queries.words import day_text, instant_text
from products.access import Actor, visible_releases
from products.catalog.words import counted, in_words, listed
from products.models import Assignment, EventKind, Release, ReleaseEvent
from products.queries.features import NamedFeature, features_named
from products.queries.releases import exposures_in_order

MOST_EVENTS = 500
MOST_KPIS = 4
MONTHS_BEFORE, MONTHS_AFTER = 7, 6


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One event in the order in which events are folded; an erased one keeps its place and its key alone."""

    kind: str
    kind_text: str
    occurred_text: str
    recorded_text: str
    late_text: str
    source: str
    event_id: str
    is_erased: bool
    erased_text: str


@dataclass(frozen=True, slots=True)
class ReleaseChart:
    """A measure around the release. ``text`` says what is drawn, or why nothing is."""

    title: str
    url: str
    picture: SeriesPicture | None
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A named fact of the release; ``lines`` are never empty."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleasePage:
    """A release as its page shows it. Times are told on the product's clock."""

    number: int
    key: str
    title: str
    version: str
    product: str
    slug: str
    type: str
    time_zone: str
    state: str
    state_text: str
    effect: str
    verdict: str
    url: str
    facts: tuple[Fact, ...]
    features: tuple[NamedFeature, ...]
    journal: tuple[JournalRow, ...]
    charts: tuple[ReleaseChart, ...]
    effects: ReleaseEffects | None
    months: str
    markers: int
    stale_since: datetime | None
    as_of: datetime

    @property
    def journal_title(self) -> str:
        """How many events there are, as the panel's finding."""
        erased = sum(row.is_erased for row in self.journal)
        newest = "The first " if len(self.journal) == MOST_EVENTS else ""
        told = f"{newest}{counted(len(self.journal), 'event')} told this"
        return f"{told}, {erased} erased" if erased else told

    @property
    def stale_text(self) -> str:
        """Since when facts of the product wait in vain to be computed, or nothing."""
        return stale_text(self.stale_since)

    @property
    def as_of_text(self) -> str:
        """When the values were read."""
        return instant_text(self.as_of)


def release_page(user: Actor, number: int, *, now: datetime, kpi: str = "") -> ReleasePage | None:
    """The page of release R-``number``, or None where there is no such release. A constant number of statements.

    ``kpi`` is the slug of the KPI that is shown in full; without it the main one that was named for the release.
    """
    release = _release(user, number)
    if release is None:
        return None
    product, zone = release.product, ZoneInfo(release.product.time_zone)
    events = _events(release)
    period = _around(release, events, now)
    markers = markers_between(user, product, period)
    effects = release_effects(user, release.pk, markers, slug=kpi)
    return ReleasePage(
        number=release.pk,
        key=release.key,
        title=release.title,
        version=release.version,
        product=product.name,
        slug=product.slug,
        type=product.type,
        time_zone=product.time_zone,
        state=release.state,
        state_text=release.get_state_display(),
        effect=effects.summary if effects else effect_text(release.state),
        verdict=_verdict(release, zone, now, effects),
        url=release.url,
        facts=_facts(release, zone),
        features=features_named(user, product.pk, release.feature_keys),
        journal=_journal(events, zone),
        charts=() if effects else _charts(user, release, markers, period, now),
        effects=effects,
        months=period.text,
        markers=len(markers),
        stale_since=release.stale_since,
        as_of=now,
    )


def _release(user: Actor, number: int) -> Any:
    rows = visible_releases(user).filter(pk=number).select_related("product").prefetch_related(exposures_in_order())
    return rows.annotate(stale_since=stale_since("product")).first()


def _events(release: Release) -> tuple[ReleaseEvent, ...]:
    """What was sent about the release, in the order in which it is folded."""
    found = ReleaseEvent.objects.filter(release=release)
    return tuple(found.order_by("occurred_at", "sequence", "event_id", "source")[:MOST_EVENTS])


def _around(release: Release, events: Sequence[ReleaseEvent], now: datetime) -> Period:
    """Fourteen months with the release inside, none of them in the future."""
    at = release.live_at or release.released_at or release.planned_for or (events[0].occurred_at if events else now)
    today = local_day(now, release.product.time_zone)
    day = min(local_day(at, release.product.time_zone), today)
    last = min(day.year * 12 + day.month - 1 + MONTHS_AFTER, today.year * 12 + today.month - 1)
    first = last - MONTHS_BEFORE - MONTHS_AFTER
    since, until = (f"{month // 12:04}-{month % 12 + 1:02}" for month in (first, last))
    return read_period(since, until, today=today)


def _verdict(release: Release, zone: ZoneInfo, now: datetime, effects: ReleaseEffects | None) -> str:
    """What became of the release, in a sentence by rule; nothing is claimed that nobody computed."""
    title, spans = release.title, list(release.exposures.all())
    if release.state == Release.State.LIVE and release.live_at:
        again = f", again, after {in_words(len(spans) - 1, 'rollback')}" if len(spans) > 1 else ""
        said = effects.chosen.sentence if effects else "No effect has been estimated yet."
        return (
            said
            if effects and not again
            else f"{title} has been live since {_day(release.live_at, zone)}{again}. {said}"
        )
    if release.state == Release.State.ROLLED_BACK and release.rolled_back_at:
        had = happened(release, zone)[-1]
        before = f" {effects.chosen.sentence}" if effects and effects.chosen.effect.is_shown else ""
        return f"{title} was {had}. Nobody has it now, so no effect is counted.{before}"
    if release.state == Release.State.RELEASED and release.released_at:
        where = release.environment
        if where != release.product.production_environment:
            tail = f"Only {release.product.production_environment} starts the clock, so nothing is measured here."
            return f"{title} was released to {where} on {_day(release.released_at, zone)}. {tail}"
        return f"{title} was released on {_day(release.released_at, zone)}, and no event says that users have it yet."
    if release.planned_for is None:
        return f"{title} is planned, without a date. Nothing can be measured before it is live."
    if release.planned_for < now:
        return f"{title} was planned for {_day(release.planned_for, zone)}, and no event says that it is out."
    return f"{title} is planned for {_day(release.planned_for, zone)}. Nothing can be measured before it is live."


def _day(at: datetime, zone: ZoneInfo) -> str:
    return day_text(at.astimezone(zone).date())


def _facts(release: Release, zone: ZoneInfo) -> tuple[Fact, ...]:
    """What is known; what nobody said is left out, but for what a reader would miss."""
    spans = release.exposures.all()
    exposures = [
        f"{local_text(span.exposed_at, zone)} to "
        + (local_text(span.rolled_back_at, zone) if span.rolled_back_at else "now")
        for span in spans
    ]
    times = {
        "Planned for": release.planned_for,
        "Released": release.released_at,
        "Live since": release.live_at if release.state == Release.State.LIVE else None,
        "Rolled back": release.rolled_back_at,
    }
    production = release.product.production_environment
    where = release.environment if release.environment == production else f"{release.environment}, not {production}"
    found = [
        ("Version", [release.version]),
        ("Environment", [where]),
        ("State", [release.get_state_display()]),
        *[(name, [local_text(at, zone)]) for name, at in times.items() if at],
        ("Users had it", exposures or ["not yet"]),
        ("PM on duty", [_pm(release, zone)]),
    ]
    return tuple(Fact(name, tuple(lines)) for name, lines in found)


def _pm(release: Release, zone: ZoneInfo) -> str:
    """Who answered for the product on the day the release went live: theirs is what comes of it."""
    if release.live_at is None:
        return "said once it is live"
    day = release.live_at.astimezone(zone).date()
    held = Assignment.objects.filter(product=release.product, period__contains=day).order_by("-role", "user__name")
    return listed(list(held.values_list("user__name", flat=True))) or "nobody that day"


def _journal(events: Iterable[ReleaseEvent], zone: ZoneInfo) -> tuple[JournalRow, ...]:
    return tuple(
        JournalRow(
            kind=event.kind,
            kind_text="Erased" if event.erased_at else EventKind(event.kind).label,
            occurred_text=local_text(event.occurred_at, zone),
            recorded_text=local_text(event.recorded_at, zone),
            late_text=lateness_text(event.occurred_at, event.recorded_at),
            source=event.source,
            event_id=event.event_id,
            is_erased=event.erased_at is not None,
            erased_text=local_text(event.erased_at, zone) if event.erased_at else "",
        )
        for event in events
    )


def _charts(
    user: Actor, release: Release, markers: tuple[Marker, ...], period: Period, now: datetime
) -> tuple[ReleaseChart, ...]:
    """The product's measures around the release: reach for Type I, then the KPIs, the main one first."""
    product, today = release.product, local_day(now, release.product.time_zone)
    found: list[ReleaseChart] = []
    if product.type == "I":
        found.append(_reach_chart(reach_of(user, product, markers, period=period, today=today), release, period))
    kpis = kpi_series(user, product, markers, period=period, today=today, most=MOST_KPIS - len(found), exact=True)
    return (*found, *[_kpi_chart(kpi, release, period) for kpi in kpis])


def _kpi_chart(kpi: KpiSeries, release: Release, period: Period) -> ReleaseChart:
    url, title = f"/kpis/{kpi.slug}/", f"{kpi.name}, {kpi.unit_text}" if kpi.unit_text else kpi.name
    if not kpi.points:
        return ReleaseChart(title, url, None, f"No readings from {period.text}.")
    text = f"{counted(len(kpi.points), 'day')} with readings, {kpi.direction_text}"
    picture = _with_own(kpi.picture, kpi.markers, release, f"{text}. Days in {kpi.time_zone}.")
    return ReleaseChart(title, url, picture, text)


def _reach_chart(reach: Reach, release: Release, period: Period) -> ReleaseChart:
    if not any(not week.is_partial for week in reach.points):
        return ReleaseChart("Reach", "", None, f"No usage from {period.text}.")
    picture = _with_own(reach.picture, reach.markers, release, f"{reach.title}. Days in {reach.time_zone}.")
    return ReleaseChart(reach.title, "", picture, "teams that used it in each full week")


def _with_own(picture: SeriesPicture, markers: Sequence[Marker], release: Release, desc: str) -> SeriesPicture:
    """The picture with this release bold among the product's others."""
    own = sum(marker.key == release.key for marker in markers)
    place = f"{release.title} is marked {in_words(own, 'time')}" if own else f"{release.title} is not on it"
    flags = tuple(charts.Marker(marker.day, marker.title, marker.key == release.key) for marker in markers)
    others = counted(len(markers) - own, "other release")
    return replace(picture, markers=flags, desc=f"{desc} {place}, with {others}.")
