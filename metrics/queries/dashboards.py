"""The impact pages as frozen values: what the template prints is what the API answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

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
from metrics.queries.words import counted, in_words, instant_text, listed, sentence
from products.access import Actor, visible_products
from products.models import Product

SHORT, ALL = 8, 200
HEARD_ROWS = 8
TYPES = {"E": "External", "I": "Internal"}


@dataclass(frozen=True, slots=True)
class Panel:
    """The effects of one type: ``rows`` are the newest of ``total`` live releases."""

    type: str
    title: str
    total: int
    products: int
    rows: tuple[EffectRow, ...]

    @property
    def more(self) -> int:
        """How many rows are not shown."""
        return self.total - len(self.rows)


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

    facts: tuple[ProductFacts, ...]
    totals: dict[str, int]
    releases: tuple[ReleaseFacts, ...]
    levels: dict[int, Level]
    heard: HeardPanel


def team_dashboard(
    user: Actor, teams: Sequence[KnownTeam], *, period: Period, now: datetime, page: int = 1, whole: str = ""
) -> Dashboard:
    """What the teams' products did. Five statements at any number of products; ``whole`` "external" or "internal"."""
    names = listed([team.name for team in teams]) or "No team"
    products = products_of(user, teams, day=now.date())
    limits = {type: ALL if whole == word.lower() else SHORT for type, word in TYPES.items()}
    found = _find(products, period=period, now=now, page=page, limits=limits)
    return _dashboard("Team impact", names, found, period=period, now=now, page=page, types=("E", "I"))


def type_dashboard(user: Actor, type: str, *, period: Period, now: datetime, page: int = 1) -> Dashboard:
    """What all products of one type, "I" or "E", did: the same rows, the panel in full. Five statements."""
    products = visible_products(user).filter(type=type)
    found = _find(products, period=period, now=now, page=page, limits={type: ALL})
    return _dashboard(f"{TYPES[type]} impact", "All teams", found, period=period, now=now, page=page, types=(type,))


def _find(queryset: QuerySet[Product], *, period: Period, now: datetime, page: int, limits: dict[str, int]) -> _Found:
    products = in_scope(queryset)
    facts = product_facts(products, period=period, now=now, first=(page - 1) * PAGE_ROWS)
    releases = live_releases(products, period=period, now=now, limits=limits)
    asked = [one for one in (*[one.asked for one in facts], *[one.asked for one in releases]) if one]
    totals = {type: sum(one.type == type for one in products) for type in TYPES}
    held = levels(asked, since=period.first_week)
    return _Found(facts, totals, releases, held, _heard(products, now.date()))


def _dashboard(
    title: str, scope: str, found: _Found, *, period: Period, now: datetime, page: int, types: Iterable[str]
) -> Dashboard:
    panels = tuple(_panel(type, found) for type in types)
    said = found.heard
    total = sum(found.totals.values())
    return Dashboard(
        title=title,
        scope=scope,
        period=period.text,
        since=period.start,
        until=period.end,
        as_of=now,
        verdict=_verdict(scope, panels, said, period, total),
        panels=panels,
        heard=said,
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
    total, products = mine[0].of if mine else 0, found.totals[type]
    word = TYPES[type]
    if total:
        title = f"{word}: {counted(total, 'release')} live, none measured yet"
    elif products:
        title = f"{word}: nothing went live in this period"
    else:
        title = f"{word}: no {word.lower()} product here"
    return Panel(type, title, total, products, rows)


def _heard(products: Sequence[InScope], today: date) -> HeardPanel:
    entries, before, rows = heard(products, today=today, most=HEARD_ROWS)
    if entries:
        title = (
            f"{counted(entries, 'thing')} heard in the last {HEARD_DAYS} days, {before:,} in the {HEARD_DAYS} before"
        )
    else:
        title = f"Nothing was heard in the last {HEARD_DAYS} days"
    return HeardPanel(title, entries, before, rows)


def _verdict(scope: str, panels: Sequence[Panel], said: HeardPanel, period: Period, products: int) -> str:
    """One sentence or two from what exists; nothing is claimed that nobody computed."""
    if not products:
        return f"{sentence(scope)} {'own' if ' and ' in scope or scope == 'All teams' else 'owns'} no such product yet."
    live = sum(panel.total for panel in panels)
    months = "the last month" if period.months == 1 else f"{counted(period.months, 'month')}"
    things = f"heard {in_words(said.entries, 'thing') if said.entries else 'nothing'} in the last {HEARD_DAYS} days"
    tail = " No effect has been estimated yet." if live else " Nothing can be measured before a release is live."
    return f"{scope} put {in_words(live, 'release')} live in {months} and {things}.{tail}"
