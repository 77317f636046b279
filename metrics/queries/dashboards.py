"""The impact pages as frozen values: what the template prints is what the API answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from metrics.queries.benefit_lists import BenefitList, benefit_list
from metrics.queries.cycle import CyclePanel, Found, cycle_panel, heard_and_stages
from metrics.queries.dashboard_words import Said, verdict_of
from metrics.queries.effect_lists import EffectList, effect_list
from metrics.queries.effects import axis_labels
from metrics.queries.levels import NOTHING, Level, levels
from metrics.queries.periods import HEARD_DAYS, Period
from metrics.queries.rows import (
    PAGE_ROWS,
    EffectRow,
    HeardRow,
    InScope,
    ProductFacts,
    ProductRow,
    ReleaseFacts,
    effect_row,
    heard,
    in_scope,
    live_releases,
    product_facts,
    product_row,
)
from metrics.queries.scope import KnownTeam, products_of
from metrics.queries.speed import Speed, speed_of
from metrics.queries.words import instant_text
from products.access import Actor, visible_products
from products.catalog.words import counted, listed
from products.models import Product

SHORT, ALL = 8, 200
HEARD_ROWS = 8
# Per cent or points; what is larger is drawn at the edge, with an arrow.
AXIS = (-10.0, 10.0)
TYPES = {"E": "External", "I": "Internal"}


@dataclass(frozen=True, slots=True)
class Panel:
    """The effects of one type: what releases did to named KPIs, or for the work of others, then the newest of the other live ones.

    ``total`` counts the live releases, ``unread`` those without a named KPI (E) and without help for others (I).
    """

    type: str
    title: str
    total: int
    unread: int
    products: int
    effects: EffectList | None
    benefits: BenefitList | None
    rows: tuple[EffectRow, ...]

    @property
    def shown(self) -> int:
        """How many rows are shown."""
        effects, benefits = self.effects, self.benefits
        return len(self.rows) + (len(effects.rows) if effects else 0) + (len(benefits.table.rows) if benefits else 0)

    @property
    def all(self) -> int:
        """How many rows there are."""
        effects, benefits = self.effects, self.benefits
        return self.unread + (effects.total if effects else 0) + (benefits.total if benefits else 0)

    @property
    def more(self) -> int:
        """How many rows are not shown."""
        return self.all - self.shown

    @property
    def domain(self) -> tuple[float, float]:
        """The axis that all rows share."""
        return AXIS

    @property
    def labels(self) -> tuple[tuple[float, str], ...]:
        """The axis' words."""
        return axis_labels(AXIS)


@dataclass(frozen=True, slots=True)
class HeardPanel:
    """What was heard in the last 90 days, by product; ``rows`` are the most spoken about."""

    title: str
    entries: int
    before: int
    rows: tuple[HeardRow, ...]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """An impact page. ``product_total`` counts all products of the scope; ``products`` is one page of them."""

    title: str
    scope: str
    period: str
    since: date
    until: date
    as_of: datetime
    verdict: str
    panels: tuple[Panel, ...]
    heard: HeardPanel
    cycle: CyclePanel
    speed: tuple[Speed, ...]
    product_total: int
    page: int
    pages: int
    products: tuple[ProductRow, ...]

    @property
    def products_text(self) -> str:
        """How many products the page is about."""
        return counted(self.product_total, "product")

    @property
    def as_of_text(self) -> str:
        """When the values were read."""
        return instant_text(self.as_of)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the statements gave."""

    effects: EffectList
    benefits: BenefitList | None
    facts: tuple[ProductFacts, ...]
    totals: dict[str, int]
    room: dict[str, int]
    releases: tuple[ReleaseFacts, ...]
    levels: dict[int, Level]
    heard: HeardPanel
    cycle: CyclePanel
    speed: tuple[Speed, ...]


def team_dashboard(
    user: Actor, teams: Sequence[KnownTeam], *, period: Period, now: datetime, page: int = 1, whole: str = ""
) -> Dashboard:
    """What the teams' products did. Ten statements at most at any number of products; ``whole`` "external" or "internal"."""
    names = listed([team.name for team in teams]) or "No team"
    products = products_of(user, teams, day=now.date())
    limits = {type: ALL if whole == word.lower() else SHORT for type, word in TYPES.items()}
    found = _find(user, products, period=period, now=now, page=page, limits=limits)
    return _dashboard("Team impact", names, found, period=period, now=now, page=page, types=("E", "I"))


def type_dashboard(user: Actor, type: str, *, period: Period, now: datetime, page: int = 1) -> Dashboard:
    """What all products of one type, "I" or "E", did: the same rows, the panel in full. Ten statements at most."""
    products = visible_products(user).filter(type=type)
    found = _find(user, products, period=period, now=now, page=page, limits={type: ALL})
    return _dashboard(f"{TYPES[type]} impact", "All teams", found, period=period, now=now, page=page, types=(type,))


def _find(
    user: Actor, queryset: QuerySet[Product], *, period: Period, now: datetime, page: int, limits: dict[str, int]
) -> _Found:
    products = in_scope(queryset)
    facts = product_facts(products, period=period, now=now, first=(page - 1) * PAGE_ROWS)
    external = [one.id for one in products if one.type == "E"]
    effects = effect_list(user, external, period=period, most=limits.get("E", 0))
    internal = [one.id for one in products if one.type == "I"]
    benefits = benefit_list(user, internal, period=period, most=limits.get("I", 0))
    helped = len(benefits.table.rows) if benefits else 0
    room = {type: most - (len(effects.rows) if type == "E" else helped) for type, most in limits.items()}
    # At least one of each, as each tells how many there are.
    fetched = {type: max(left, 1) for type, left in room.items()}
    releases = live_releases(products, period=period, now=now, limits=fetched)
    asked = [one for one in (*[one.asked for one in facts], *[one.asked for one in releases]) if one]
    totals = {type: sum(one.type == type for one in products) for type in TYPES}
    held = levels(asked, since=period.first_week)
    ids = [one.id for one in products]
    stages = heard_and_stages(ids, now=now)
    speed = speed_of(ids, types=tuple(limits), period=period)
    waiting = cycle_panel(products, stages)
    return _Found(effects, benefits, facts, totals, room, releases, held, _heard(products, stages), waiting, speed)


def _dashboard(
    title: str, scope: str, found: _Found, *, period: Period, now: datetime, page: int, types: Iterable[str]
) -> Dashboard:
    panels = tuple(_panel(type, found) for type in types)
    total, live = sum(found.totals.values()), sum(panel.total for panel in panels)
    return Dashboard(
        title=title,
        scope=scope,
        period=period.text,
        since=period.start,
        until=period.end,
        as_of=now,
        verdict=verdict_of(
            scope,
            Said(live, found.heard.entries, found.effects, found.benefits, found.cycle.stuck),
            period=period,
            products=total,
        ),
        panels=panels,
        heard=found.heard,
        cycle=found.cycle,
        speed=found.speed,
        product_total=total,
        page=page,
        pages=max(1, -(-total // PAGE_ROWS)),
        products=tuple(product_row(one, found.levels.get(one.product.id, NOTHING)) for one in found.facts),
    )


def _panel(type: str, found: _Found) -> Panel:
    mine = [release for release in found.releases if release.product.type == type]
    rows = tuple(
        effect_row(release, found.levels.get(release.asked.product, NOTHING) if release.asked else NOTHING)
        for release in mine[: max(found.room[type], 0)]
    )
    unread, products = mine[0].of if mine else 0, found.totals[type]
    effects = found.effects if type == "E" and found.effects.total else None
    benefits = found.benefits if type == "I" else None
    total = unread + (effects.live if effects else 0) + (benefits.releases if benefits else 0)
    word = TYPES[type]
    if effects:
        title = f"{word}: {effects.title}"
    elif benefits:
        title = f"{word}: {benefits.title}"
    elif total:
        title = f"{word}: {counted(total, 'release')} live, none measured yet"
    elif products:
        title = f"{word}: nothing went live in this period"
    else:
        title = f"{word}: no {word.lower()} product here"
    return Panel(type, title, total, unread, products, effects, benefits, rows)


def _heard(products: Sequence[InScope], found: Found) -> HeardPanel:
    entries, before, rows = heard(products, found.heard, most=HEARD_ROWS)
    if entries:
        title = (
            f"{counted(entries, 'thing')} heard in the last {HEARD_DAYS} days, {before:,} in the {HEARD_DAYS} before"
        )
    else:
        title = f"Nothing was heard in the last {HEARD_DAYS} days"
    return HeardPanel(title, entries, before, rows)
