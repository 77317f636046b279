"""The impact pages as frozen values: what the template prints is what the API answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from metrics.queries.benefit_lists import BenefitList, benefit_list
from metrics.queries.cycle import CyclePanel, Found, cycle_panel, heard_and_stages
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
from metrics.queries.words import instant_text
from products.access import Actor, visible_products
from products.catalog.words import counted, in_words, listed, number_word, sentence
from products.models import Product

SHORT, ALL = 8, 200
HEARD_ROWS, MOST_NAMED = 8, 3
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
    releases: tuple[ReleaseFacts, ...]
    levels: dict[int, Level]
    heard: HeardPanel
    cycle: CyclePanel


def team_dashboard(
    user: Actor, teams: Sequence[KnownTeam], *, period: Period, now: datetime, page: int = 1, whole: str = ""
) -> Dashboard:
    """What the teams' products did. Nine statements at most at any number of products; ``whole`` "external" or "internal"."""
    names = listed([team.name for team in teams]) or "No team"
    products = products_of(user, teams, day=now.date())
    limits = {type: ALL if whole == word.lower() else SHORT for type, word in TYPES.items()}
    found = _find(user, products, period=period, now=now, page=page, limits=limits)
    return _dashboard("Team impact", names, found, period=period, now=now, page=page, types=("E", "I"))


def type_dashboard(user: Actor, type: str, *, period: Period, now: datetime, page: int = 1) -> Dashboard:
    """What all products of one type, "I" or "E", did: the same rows, the panel in full. Nine statements at most."""
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
    limits = {type: max(most - (len(effects.rows) if type == "E" else helped), 1) for type, most in limits.items()}
    releases = live_releases(products, period=period, now=now, limits=limits)
    asked = [one for one in (*[one.asked for one in facts], *[one.asked for one in releases]) if one]
    totals = {type: sum(one.type == type for one in products) for type in TYPES}
    held = levels(asked, since=period.first_week)
    stages = heard_and_stages([one.id for one in products], now=now)
    return _Found(
        effects, benefits, facts, totals, releases, held, _heard(products, stages), cycle_panel(products, stages)
    )


def _dashboard(
    title: str, scope: str, found: _Found, *, period: Period, now: datetime, page: int, types: Iterable[str]
) -> Dashboard:
    panels = tuple(_panel(type, found) for type in types)
    total = sum(found.totals.values())
    return Dashboard(
        title=title,
        scope=scope,
        period=period.text,
        since=period.start,
        until=period.end,
        as_of=now,
        verdict=_verdict(scope, panels, found, period, total),
        panels=panels,
        heard=found.heard,
        cycle=found.cycle,
        product_total=total,
        page=page,
        pages=max(1, -(-total // PAGE_ROWS)),
        products=tuple(product_row(one, found.levels.get(one.product.id, NOTHING)) for one in found.facts),
    )


def _panel(type: str, found: _Found) -> Panel:
    mine = [release for release in found.releases if release.product.type == type]
    rows = tuple(
        effect_row(release, found.levels.get(release.asked.product, NOTHING) if release.asked else NOTHING)
        for release in mine
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


def _verdict(scope: str, panels: Sequence[Panel], found: _Found, period: Period, products: int) -> str:
    """Sentences from what exists; nothing is claimed that nobody computed."""
    if not products:
        return f"{sentence(scope)} {'own' if ' and ' in scope or scope == 'All teams' else 'owns'} no such product yet."
    live, said, stuck = sum(panel.total for panel in panels), found.heard, found.cycle.stuck
    months = "the last month" if period.months == 1 else f"{counted(period.months, 'month')}"
    things = f"heard {in_words(said.entries, 'thing') if said.entries else 'nothing'} in the last {HEARD_DAYS} days"
    tail = _said_of(found.effects) if live else " Nothing can be measured before a release is live."
    tail += _helped(found.benefits)
    if stuck:
        tail += f" {sentence(in_words(stuck, 'item'))} {'is' if stuck == 1 else 'are'} stuck."
    return f"{scope} put {in_words(live, 'release')} live in {months} and {things}.{tail}"


def _helped(benefits: BenefitList | None) -> str:
    """How many benefits for the work of others are backed; nothing where nobody said anything."""
    if benefits is None:
        return ""
    total, backed = benefits.total, benefits.backed
    whole = f"{in_words(total, 'benefit')} for the work of others"
    if not backed:
        return f" {sentence(whole)} {'is' if total == 1 else 'are'} claimed, none confirmed yet."
    if total == 1:
        return " The one benefit for the work of others is confirmed or measured."
    return f" Of {whole}, {number_word(backed)} {'is' if backed == 1 else 'are'} confirmed or measured."


def _said_of(effects: EffectList) -> str:
    """What is clear about the external releases, in a sentence; never a name of a person, never a sum."""
    if not effects.total:
        return " No effect has been estimated yet."
    if not effects.read:
        return " No effect could be read in full yet."
    best = [one.effect for one in effects.rows if one.effect.kind == "better"][:MOST_NAMED]
    worst = [one.effect for one in effects.rows if one.effect.kind == "worse"][:MOST_NAMED]
    if not best and not worst:
        return f" Of {in_words(effects.read, 'effect')} read, none is clear."
    told = [f"{one.title} ({one.kpi_name})" for one in best]
    said = f" Clearly better after {listed(told)}." if told else ""
    return (
        f"{said} Clearly worse after {listed([f'{one.title} ({one.kpi_name})' for one in worst])}." if worst else said
    )
