"""The rows of the impact pages: products with their five facts, live releases, what was heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from feedback.queries.usual import LAST
from metrics.queries.cycle import MOST_SQUARES
from metrics.queries.levels import Asked, Level, MainKpi
from metrics.queries.pace import Pace, pace_of
from metrics.queries.periods import Period, local_day
from metrics.queries.prepared import rows_of
from metrics.queries.sql import PRODUCTS, RELEASES
from metrics.queries.staleness import stale_since, stale_text
from metrics.queries.words import short_day
from products.catalog.words import counted
from products.models import Product

PAGE_ROWS = 20


class InScope(NamedTuple):
    """A product that the reader may see and the page is about; one of hundreds, so as light as can be."""

    id: int
    slug: str
    name: str
    type: str
    audience: str
    time_zone: str
    stale_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many pieces of evidence a product has in the period, by how much they say: never one figure.

    Internal: help that was ``full`` (measured), ``half`` (confirmed) or ``thin`` (only claimed). External: live releases of which an
    effect was read in full, of which a KPI was named, and of which none was.
    """

    type: str
    full: int
    half: int
    thin: int

    @property
    def total(self) -> int:
        """How many squares there are."""
        return self.full + self.half + self.thin

    @property
    def kinds(self) -> list[str]:
        """One class for each square."""
        return (["measured"] * self.full + ["confirmed"] * self.half + ["claimed"] * self.thin)[:MOST_SQUARES]

    @property
    def text(self) -> str:
        """``5 of 7 backed`` or ``3 of 5 read``; without any, what is missing."""
        if not self.total:
            return "nothing claimed" if self.type == "I" else "no release"
        return (
            f"{self.full + self.half} of {self.total} backed"
            if self.type == "I"
            else f"{self.full} of {self.total} read"
        )

    @property
    def label(self) -> str:
        """The squares in words."""
        if self.type == "I":
            return f"{counted(self.total, 'benefit')}: {self.full} measured, {self.half} confirmed, {self.thin} claimed"
        return f"{counted(self.total, 'release')}: {self.full} with an effect read, {self.half} with a KPI named, {self.thin} with none"


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product of the page before its level is known."""

    product: InScope
    team: str
    pms: tuple[str, ...]
    releases: int
    pace: Pace
    evidence: Evidence
    asked: Asked | None


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
    evidence: Evidence
    level: Level
    stale_since: datetime | None

    @property
    def stale_text(self) -> str:
        """Since when facts of the product wait in vain to be computed, or nothing."""
        return stale_text(self.stale_since)


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A live release with its product's main KPI, before the level is known."""

    key: str
    title: str
    product: InScope
    live_on: date
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
    stale_since: datetime | None

    @property
    def stale_text(self) -> str:
        """Since when facts of the product wait in vain to be computed, or nothing."""
        return stale_text(self.stale_since)


@dataclass(frozen=True, slots=True)
class HeardRow:
    """How much was heard about one product: the last 90 days against the 90 before."""

    slug: str
    name: str
    type: str
    entries: int
    before: int


def in_scope(products: QuerySet[Product]) -> tuple[InScope, ...]:
    """The products of a page, external ones first, each type by name. One statement."""
    rows = products.annotate(stale=stale_since("pk")).order_by("type", "name", "pk")
    return tuple(
        InScope(*row) for row in rows.values_list("id", "slug", "name", "type", "audience", "time_zone", "stale")
    )


def product_facts(
    products: Sequence[InScope], *, period: Period, now: datetime, first: int = 0
) -> tuple[ProductFacts, ...]:
    """One page of products from row ``first`` on. One statement."""
    page = products[first : first + PAGE_ROWS]
    start, end = period.instants
    values = {"ids": [one.id for one in page], "today": now.date(), "start": start, "end": end}
    values |= {"since": now - LAST, "now": now}
    found = {row[0]: row for row in rows_of(PRODUCTS, values)}
    return tuple(_facts(one, found[one.id], now) for one in page if one.id in found)


def _facts(product: InScope, row: Sequence[Any], now: datetime) -> ProductFacts:
    _, team, pms, live, days, evidence, *kpi = row
    held = Evidence(product.type, *evidence)
    return ProductFacts(product, team, tuple(pms), live, pace_of(days or ()), held, _asked(product, kpi, now))


def _asked(product: InScope, kpi: Sequence[Any], now: datetime) -> Asked | None:
    """Whose level to look up; an external product without a main KPI has none."""
    main = MainKpi(*kpi) if kpi[0] is not None else None
    known = main is not None or product.type == "I"
    return Asked(product.id, local_day(now, product.time_zone), main) if known else None


def product_row(facts: ProductFacts, level: Level) -> ProductRow:
    """The table's row."""
    product, pm = facts.product, ", ".join(facts.pms) or "nobody"
    return ProductRow(
        product.slug, product.name, product.type, facts.team, pm, product.audience or "not said", facts.releases,
        facts.pace.text, facts.evidence, level, product.stale_since,
    )  # fmt: skip


def live_releases(
    products: Sequence[InScope], *, period: Period, now: datetime, limits: dict[str, int]
) -> tuple[ReleaseFacts, ...]:
    """The newest live releases, as many of each type as ``limits`` says, with the number there are. One statement."""
    start, end = period.instants
    values = {"ids": [one.id for one in products], "start": start, "end": end}
    values |= {"external": limits.get("E", 0), "internal": limits.get("I", 0)}
    by_id = {one.id: one for one in products}
    return tuple(_release(row, by_id[row[4]], now) for row in rows_of(RELEASES, values))


def _release(row: Sequence[Any], product: InScope, now: datetime) -> ReleaseFacts:
    pk, title, live_at, total, _, *kpi = row
    live_on = live_at.astimezone(ZoneInfo(product.time_zone)).date()
    return ReleaseFacts(f"R-{pk}", title, product, live_on, total, _asked(product, kpi, now))


def effect_row(release: ReleaseFacts, level: Level) -> EffectRow:
    """A release's row where no KPI was named for it, so that no effect can be read."""
    kpi = release.asked.kpi if release.asked else None
    product, day = release.product, release.live_on
    measure = kpi.name if kpi else "reach" if product.type == "I" else "no main KPI named"
    return EffectRow(
        release.key, release.title, product.name, product.slug, measure, day, f"live {short_day(day)}", level,
        *(("Not measured yet", "not measured yet") if product.type == "I" else ("No KPI named", "no KPI named for it")),
        product.stale_since,
    )  # fmt: skip


def heard(
    products: Sequence[InScope], found: Mapping[int, tuple[int, int]], *, most: int
) -> tuple[int, int, tuple[HeardRow, ...]]:
    """Entries of the last 90 days and of the 90 before, and the ``most`` products most was heard about."""
    entries, before = sum(n for n, _ in found.values()), sum(past for _, past in found.values())
    place = {one.id: (number, one) for number, one in enumerate(products)}
    first = sorted(found.items(), key=lambda row: (-row[1][0], -row[1][1], place[row[0]][0]))[:most]
    rows = [
        HeardRow(one.slug, one.name, one.type, n, past) for product, (n, past) in first for _, one in [place[product]]
    ]
    return entries, before, tuple(rows)
