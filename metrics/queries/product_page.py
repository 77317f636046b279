"""One product's impact page as a frozen value, for both types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from feedback.queries.entries import FeedbackRow, newest_feedback
from metrics.queries.cycle import ProductCycle, heard_and_stages, product_cycle
from metrics.queries.effects import Effect
from metrics.queries.kpi_values import KpiSeries, Marker
from metrics.queries.pace import Pace, pace
from metrics.queries.periods import HEARD_DAYS, Period, local_day
from metrics.queries.product_effects import by_release, effects_tail, effects_title, product_effects
from metrics.queries.reach import Reach, reach_with_teams
from metrics.queries.release_words import effect_text, rolled_back_text
from metrics.queries.series import kpi_series
from metrics.queries.staleness import stale_since, stale_text
from metrics.queries.words import day_text, instant_text, short_day
from products.access import Actor, visible_products, visible_releases
from products.catalog.words import counted, in_words, listed
from products.models import Assignment, Exposure, Product, ProductTeam, Release

SHOWN_RELEASES = 30
SHOWN_FEEDBACK = 5
TYPE_TEXT = {"I": "internal product", "E": "external product"}


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release in the product's table. ``spans`` are its exposures in words, the newest first; ``effects`` what it did."""

    key: str
    title: str
    version: str
    url: str
    state: str
    state_text: str
    live_on: date | None
    live_text: str
    spans: tuple[str, ...]
    verdict: str
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class ProductImpact:
    """What one product shipped, heard and moved."""

    slug: str
    name: str
    type: str
    type_text: str
    audience: str
    team: str
    pm: str
    pm_since: str
    before: str
    time_zone: str
    period: str
    as_of: datetime
    stale_since: datetime | None
    verdict: str
    kpis: tuple[KpiSeries, ...]
    effects: tuple[Effect, ...]
    reach: Reach | None
    releases: tuple[ReleaseRow, ...]
    live: int
    heard: int
    heard_before: int
    newest: tuple[FeedbackRow, ...]
    cycle: ProductCycle
    pace: Pace

    @property
    def kpis_title(self) -> str:
        """How many KPIs are named, as the panel's finding."""
        read = sum(kpi.level.value is not None for kpi in self.kpis)
        return f"{counted(len(self.kpis), 'KPI')} named, {read} with readings in the last 4 weeks"

    @property
    def releases_title(self) -> str:
        """How many releases are live, as the panel's finding."""
        if not self.releases:
            return "No release yet"
        among = "the newest " if len(self.releases) == SHOWN_RELEASES else ""
        read = effects_title([effect for row in self.releases for effect in row.effects])
        return f"{self.live} of {among}{counted(len(self.releases), 'release')} live, {read}"

    @property
    def heard_title(self) -> str:
        """How much was heard, as the panel's finding."""
        return f"Heard: {self.heard:,} in {HEARD_DAYS} days, {self.heard_before:,} before"

    @property
    def stale_text(self) -> str:
        """Since when facts of the product wait in vain to be computed, or nothing."""
        return stale_text(self.stale_since)

    @property
    def as_of_text(self) -> str:
        """When the values were read."""
        return instant_text(self.as_of)


def product_impact(user: Actor, slug: str, *, period: Period, now: datetime) -> ProductImpact | None:
    """The product's page, or None where there is no such product. A constant number of statements."""
    product = _product(user, now.date()).filter(slug=slug).first()
    return None if product is None else _impact_of(user, product, period, now)


def _impact_of(user: Actor, product: Any, period: Period, now: datetime) -> ProductImpact:
    today = local_day(now, product.time_zone)
    releases = _releases(user, product)
    markers = _markers(releases, product)
    kpis = kpi_series(user, product, markers, period=period, today=today)
    reach = _reach(user, product, markers, period, today)
    found = heard_and_stages([product.pk], now=now)
    heard, before = found.heard.get(product.pk, (0, 0))
    effects = product_effects(user, product)
    rows = _rows(releases, ZoneInfo(product.time_zone), by_release(effects))
    pm, since = _pm(product)
    return ProductImpact(
        slug=product.slug,
        name=product.name,
        type=product.type,
        type_text=TYPE_TEXT[product.type],
        audience=product.audience,
        team=product.owner[0] if product.owner else "",
        pm=pm,
        pm_since=since,
        before=product.continues.name if product.continues else "",
        time_zone=product.time_zone,
        period=period.text,
        as_of=now,
        stale_since=product.stale_since,
        verdict=_verdict(product, rows, heard, kpis, reach, effects),
        kpis=kpis,
        effects=effects,
        reach=reach,
        releases=rows,
        live=_live(rows),
        heard=heard,
        heard_before=before,
        newest=newest_feedback(user, day=now.date(), product=product.pk, rows=SHOWN_FEEDBACK).rows,
        cycle=product_cycle(product, found),
        pace=pace(product.pk, now=now),
    )


def _reach(user: Actor, product: Any, markers: tuple[Marker, ...], period: Period, today: date) -> Reach | None:
    if product.type != "I":
        return None
    inside = tuple(marker for marker in markers if period.start <= marker.day < period.end)
    return reach_with_teams(user, product, inside, period=period, today=today)


def _product(user: Actor, day: date) -> QuerySet[Any]:
    team = ProductTeam.objects.filter(product=OuterRef("pk"), period__contains=day)
    pms = Assignment.objects.filter(product=OuterRef("pk"), period__contains=day).order_by("-role", "user__name")
    return (
        visible_products(user)
        .select_related("continues")
        .annotate(
            owner=ArraySubquery(team.values("team__name")),
            pms=ArraySubquery(pms.values(packed=JSONObject(name="user__name", since="period__startswith"))),
            stale_since=stale_since("pk"),
        )
    )


def _pm(product: Any) -> tuple[str, str]:
    names = [held["name"] for held in product.pms]
    since = product.pms[0]["since"] if len(product.pms) == 1 else None
    return listed(names), f"since {day_text(date.fromisoformat(since))}" if since else ""


def _releases(user: Actor, product: Product) -> Sequence[Any]:
    spans = Exposure.objects.filter(release=OuterRef("pk")).order_by("-exposed_at")
    return list(
        visible_releases(user)
        .filter(product=product, environment=product.production_environment)
        .annotate(spans=ArraySubquery(spans.values(packed=JSONObject(start="exposed_at", end="rolled_back_at"))))
        .order_by("-live_at", "-pk")[:SHOWN_RELEASES]
    )


def _markers(releases: Sequence[Any], product: Product) -> tuple[Marker, ...]:
    """One marker for each exposure, on the product's own day, oldest first."""
    zone = ZoneInfo(product.time_zone)
    found = [
        Marker(release.key, release.title, datetime.fromisoformat(span["start"]).astimezone(zone).date())
        for release in releases
        for span in release.spans
    ]
    return tuple(sorted(found, key=lambda marker: (marker.day, marker.key)))


def _rows(releases: Sequence[Any], zone: ZoneInfo, told: Mapping[str, tuple[Effect, ...]]) -> tuple[ReleaseRow, ...]:
    return tuple(_row(release, zone, told.get(release.key, ())) for release in releases)


def _live(rows: Sequence[ReleaseRow]) -> int:
    return sum(row.state == Release.State.LIVE for row in rows)


def _row(release: Any, zone: ZoneInfo, effects: tuple[Effect, ...]) -> ReleaseRow:
    live_on = release.live_at.astimezone(zone).date() if release.live_at else None
    return ReleaseRow(
        key=release.key,
        title=release.title,
        version=release.version if release.name else "",
        url=release.url,
        state=release.state,
        state_text=release.get_state_display(),
        live_on=live_on,
        live_text=short_day(live_on) if live_on else "not yet",
        spans=tuple(_rolled_back(span, zone) for span in release.spans if span["end"]),
        verdict="; ".join(f"{one.kpi_name}: {one.short_words.lower()}" for one in effects)
        or effect_text(release.state),
        effects=effects,
    )


def _rolled_back(span: dict[str, str], zone: ZoneInfo) -> str:
    start, end = (datetime.fromisoformat(span[name]) for name in ("start", "end"))
    return rolled_back_text(start, end, zone)


def _verdict(
    product: Any,
    rows: Sequence[ReleaseRow],
    entries: int,
    kpis: Sequence[KpiSeries],
    reach: Reach | None,
    effects: Sequence[Effect],
) -> str:
    count = in_words(entries, "thing") if entries else "nothing"
    things = f"{count} {'were' if entries > 1 else 'was'} heard in the last {HEARD_DAYS} days"
    if reach is not None and reach.points:
        first = f"{reach.level.text} used {product.name} in the {reach.level.detail.rpartition(', ')[2]}"
        first = f"{first}, and no usage was sent since" if reach.feed.is_stale else first
    elif any(kpi.level.value is not None for kpi in kpis):
        kpi = next(kpi for kpi in kpis if kpi.level.value is not None)
        first = f"{kpi.name} is at {kpi.level.text}"
    else:
        first = f"{product.name} has no readings yet"
    tail = f" {effects_tail(effects)}" if effects or _live(rows) else " Nothing is live yet."
    return f"{first}; {things}.{tail}"
