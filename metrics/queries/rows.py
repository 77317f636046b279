"""The rows of the impact pages: products with their five facts, live releases, what was heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When, Window
from django.db.models.functions import Cast, Coalesce, Concat, JSONObject

from metrics.access import visible_kpis, visible_rollups, visible_weekly_rollups
from metrics.catalog.measures import FEEDBACK, KPI_PREFIX, REACH_PEOPLE
from metrics.queries.levels import Asked, Level, MainKpi
from metrics.queries.periods import HEARD_DAYS, Period, local_day
from metrics.queries.words import counted, short_day
from products.access import Actor, visible_releases
from products.models import Assignment, Product, ProductTeam, Release

PAGE_ROWS = 20
PACKED = {name: name for name in ("id", "slug", "name", "form", "unit", "currency", "direction")}


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product before its level is known: what the first statement gives."""

    id: int
    slug: str
    name: str
    type: str
    audience: str
    team: str
    pms: tuple[str, ...]
    releases: int
    today: date
    kpi: MainKpi | None
    last_week: date | None

    @property
    def asked(self) -> Asked | None:
        """Whose level to look up; an external product without a main KPI has none."""
        known = self.type == "I" or self.kpi is not None
        return Asked(self.id, self.today, self.kpi, self.last_week) if known else None


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product in the table: the same five facts for both types."""

    slug: str
    name: str
    type: str
    team: str
    pm: str
    audience: str
    releases: int
    pace: str
    evidence: str
    level: Level


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A live release with its product's main KPI, before the level is known."""

    key: str
    title: str
    product: str
    slug: str
    type: str
    live_at: datetime
    of: int
    asked: Asked | None


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One release × the measure it is read by. Without an estimate ``verdict`` says so, and why."""

    key: str
    release: str
    product: str
    slug: str
    measure: str
    live_on: date
    live_text: str
    level: Level
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class HeardRow:
    """How much was heard about one product: the last 90 days against the 90 before."""

    slug: str
    name: str
    type: str
    entries: int
    before: int
    text: str
    before_text: str


def product_facts(
    user: Actor, products: QuerySet[Product], *, period: Period, now: datetime, first: int = 0
) -> tuple[tuple[ProductFacts, ...], dict[str, int]]:
    """One page of products from row ``first`` on, and how many there are of each type. One statement."""
    today = now.date()
    live = _live(user, period).filter(product=OuterRef("pk")).order_by().values("product")
    kpi = visible_kpis(user).filter(product=OuterRef("pk"), is_main=True)
    pms = Assignment.objects.filter(product=OuterRef("pk"), period__contains=today).order_by("-role", "user__name")
    team = ProductTeam.objects.filter(product=OuterRef("pk"), period__contains=today)
    rows = (
        products.order_by("type", "name", "pk")
        .values_list("id", "slug", "name", "type", "audience", "time_zone")
        .annotate(
            team=Coalesce(Subquery(team.values("team__name")[:1]), Value("")),
            pms=ArraySubquery(pms.values("user__name")),
            live=Coalesce(Subquery(live.annotate(count=Count("pk")).values("count")), 0),
            kpi=Subquery(kpi.values(packed=JSONObject(**PACKED))),
            internal=Window(Count("pk", filter=Q(type="I"))),
            external=Window(Count("pk", filter=Q(type="E"))),
            last_week=Case(When(type="I", then=_last_week(user, "pk", "I")), default=_last_week(user, "pk", "E")),
        )[first : first + PAGE_ROWS]
    )
    found = list(rows)
    totals = {"I": found[0][10], "E": found[0][11]} if found else {"I": 0, "E": 0}
    return tuple(_facts(row, now) for row in found), totals


def _facts(row: Sequence[Any], now: datetime) -> ProductFacts:
    id, slug, name, type, audience, zone, team, pms, live, kpi, _, _, last_week = row
    main = MainKpi(**kpi) if kpi and type == "E" else None
    return ProductFacts(id, slug, name, type, audience, team, tuple(pms), live, local_day(now, zone), main, last_week)


def product_row(facts: ProductFacts, level: Level) -> ProductRow:
    """The table's row; pace and evidence are said to be missing while nothing produces them."""
    pm = ", ".join(facts.pms) or "nobody"
    return ProductRow(
        facts.slug, facts.name, facts.type, facts.team, pm, facts.audience or "not said", facts.releases,
        "no data yet", "none yet", level,
    )  # fmt: skip


def live_releases(
    user: Actor, products: QuerySet[Product], *, period: Period, now: datetime, limits: dict[str, int]
) -> tuple[ReleaseFacts, ...]:
    """The newest live releases of each type in ``limits``, each with the number there are. One statement."""
    kpi = visible_kpis(user).filter(product=OuterRef("product"), is_main=True)
    parts = [
        _live(user, period)
        .filter(product__in=products, product__type=type)
        .annotate(
            of=Window(Count("pk")),
            kpi=Subquery(kpi.values(packed=JSONObject(**PACKED))),
            last_week=_last_week(user, "product", type),
        )
        .order_by("-live_at", "-pk")
        .values_list(
            "pk", "name", "version", "live_at", "of", "kpi", "last_week", "product_id", "product__name", "product__slug",
            "product__type", "product__time_zone",
        )[:limit]
        for type, limit in limits.items()
    ]  # fmt: skip
    rows = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    found = [_release(row, now) for row in rows]
    return tuple(sorted(found, key=lambda release: (release.live_at, release.key), reverse=True))


def _last_week(user: Actor, product: str, type: str) -> Subquery:
    """The newest week with facts of a product's main measure: reach for Type I, the main KPI for Type E."""
    weeks = visible_weekly_rollups(user).filter(product=OuterRef(product)).order_by("-week").values("week")
    if type == "I":
        return Subquery(weeks.filter(measure=REACH_PEOPLE)[:1])
    main = visible_kpis(user).filter(product=OuterRef(OuterRef(product)), is_main=True)
    named = main.values(measure=Concat(Value(KPI_PREFIX), Cast("pk", CharField())))
    return Subquery(weeks.filter(measure=Subquery(named))[:1])


def _live(user: Actor, period: Period) -> QuerySet[Release]:
    start, end = period.instants
    return visible_releases(user).filter(
        state=Release.State.LIVE,
        live_at__gte=start,
        live_at__lt=end,
        environment=F("product__production_environment"),
    )


def _release(row: Sequence[Any], now: datetime) -> ReleaseFacts:
    pk, name, version, live_at, of, kpi, last_week, product_id, product, slug, type, zone = row
    main = MainKpi(**kpi) if kpi and type == "E" else None
    asked = Asked(product_id, local_day(now, zone), main, last_week) if main or type == "I" else None
    local = live_at.astimezone(ZoneInfo(zone))
    return ReleaseFacts(f"R-{pk}", name or version, product, slug, type, local, of, asked)


def effect_row(release: ReleaseFacts, level: Level) -> EffectRow:
    """A release's row while no effect is estimated."""
    kpi = release.asked.kpi if release.asked else None
    measure = kpi.name if kpi else "reach" if release.type == "I" else "no main KPI named"
    day = release.live_at.date()
    return EffectRow(
        release.key, release.title, release.product, release.slug, measure, day, f"live {short_day(day)}", level,
        "Not measured yet", "not measured yet",
    )  # fmt: skip


def heard(user: Actor, products: QuerySet[Product], *, today: date) -> tuple[HeardRow, ...]:
    """Feedback of each product that any was heard about in 180 days, most first. One statement."""
    middle, start = today - timedelta(days=HEARD_DAYS - 1), today - timedelta(days=2 * HEARD_DAYS - 1)
    recent, before = Q(day__gte=middle), Q(day__lt=middle)
    rows = (
        visible_rollups(user)
        .filter(product__in=products, measure=FEEDBACK, day__gte=start, day__lte=today + timedelta(days=1))
        .values_list("product__slug", "product__name", "product__type")
        .annotate(
            entries=Coalesce(Sum("n", filter=recent), 0),
            before=Coalesce(Sum("n", filter=before), 0),
        )
        .order_by("-entries", "product__name")
    )
    return tuple(
        HeardRow(
            slug, name, type, entries, past, counted(entries, "entry", "entries"), f"{past:,} in the 90 days before"
        )
        for slug, name, type, entries, past in rows
    )
