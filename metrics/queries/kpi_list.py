"""The list of KPIs: what each measures, where it stands, when it was last read and since when its words hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import OuterRef, QuerySet, Subquery

from metrics.access import visible_kpis
from metrics.catalog.measures import kpi_measure
from metrics.models import Kpi, Reading
from metrics.queries.kpi_values import DIRECTIONS
from metrics.queries.levels import Level, MainKpi, kpi_level, unread
from metrics.queries.periods import local_day, window_of
from metrics.queries.prepared import rows_of
from metrics.queries.sql import RECENT
from metrics.queries.staleness import stale_since, stale_text
from metrics.queries.words import short_day
from metrics.stats.figures import Sums
from products.access import Actor
from products.catalog.words import counted, in_words, sentence

PAGE_ROWS = 50
FORMS = {"sum": "sum of a day", "ratio": "share", "mean": "mean"}


@dataclass(frozen=True, slots=True)
class KpiFilter:
    """What the list is narrowed to; empty texts narrow nothing."""

    product: str = ""
    type: str = ""
    family: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return any((self.product, self.type, self.family))


@dataclass(frozen=True, slots=True)
class KpiLine:
    """One KPI of the list."""

    slug: str
    name: str
    product: str
    product_slug: str
    type: str
    is_main: bool
    family: str
    form_text: str
    unit_text: str
    direction_text: str
    level: Level
    last_text: str
    source: str
    definition_text: str
    stale_since: datetime | None

    @property
    def level_text(self) -> str:
        """What the level rests on, without the name and the span, which stand in the row and in the head."""
        return self.level.detail.removeprefix(f"{self.name}, last 4 weeks: ").removeprefix(f"{self.name}: ")

    @property
    def stale_text(self) -> str:
        """Since when facts of the product wait in vain to be computed, or nothing."""
        return stale_text(self.stale_since)


@dataclass(frozen=True, slots=True)
class KpiList:
    """One page of the list: ``total`` counts all that fit the filters."""

    rows: tuple[KpiLine, ...]
    total: int
    page: int
    pages: int
    narrowed: bool
    as_of: datetime

    @property
    def verdict(self) -> str:
        """What the list holds, in a sentence."""
        if not self.total:
            return (
                "No KPI fits these filters." if self.narrowed else "No KPI is named yet, so no release can be measured."
            )
        fit = " that fit these filters" if self.narrowed else ""
        return f"{sentence(in_words(self.total, 'KPI'))}{fit}, by product, the main one first."

    @property
    def total_text(self) -> str:
        """How many there are."""
        return counted(self.total, "KPI")


def kpi_list(user: Actor, wanted: KpiFilter, *, now: datetime, page: int = 1) -> KpiList:
    """One page of the KPIs that fit. Three statements, however many KPIs."""
    rows = _fitting(visible_kpis(user), wanted)
    total = rows.count()
    first = (page - 1) * PAGE_ROWS
    found = list(_described(rows)[first : first + PAGE_ROWS])
    levels = kpi_levels(found, now=now)
    lines = tuple(_line(kpi, levels[kpi.pk]) for kpi in found)
    return KpiList(lines, total, page, max(1, -(-total // PAGE_ROWS)), wanted.narrows, now)


def _fitting(kpis: QuerySet[Kpi], wanted: KpiFilter) -> QuerySet[Kpi]:
    exact = {"product__slug": wanted.product, "product__type": wanted.type, "family": wanted.family}
    return kpis.filter(**{name: value for name, value in exact.items() if value})


def _described(kpis: QuerySet[Kpi]) -> Any:
    last = Reading.objects.filter(product=OuterRef("product"), kpi=OuterRef("pk"), source=OuterRef("source"))
    return (
        kpis.select_related("product")
        .annotate(
            holds_from=ArrayAgg("definitions__holds_from", order_by="definitions__holds_from"),
            last_day=Subquery(last.order_by("-day").values("day")[:1]),
            stale_since=stale_since("product"),
        )
        .order_by("product__type", "product__name", "product", "-is_main", "name", "pk")
    )


def kpi_levels(kpis: Sequence[Any], *, now: datetime) -> dict[int, Level]:
    """The level of each KPI by its id: the last four weeks, cut short where its definition changed inside them.

    Each KPI brings its product and the days ``holds_from`` of its definitions. One statement.
    """
    windows = {kpi.pk: _window(kpi.holds_from, local_day(now, kpi.product.time_zone)) for kpi in kpis}
    values = {
        "products": [kpi.product_id for kpi in kpis],
        "measures": [kpi_measure(kpi.pk) for kpi in kpis],
        "starts": [windows[kpi.pk][0] for kpi in kpis],
        "ends": [windows[kpi.pk][1] for kpi in kpis],
    }
    held = {measure: found for measure, *found in rows_of(RECENT, values)} if kpis else {}
    return {kpi.pk: _level(kpi, held.get(kpi_measure(kpi.pk))) for kpi in kpis}


def _window(holds_from: Sequence[date | None], today: date) -> tuple[date, date]:
    start, end = window_of(today)
    return max([start, *[day for day in holds_from if day and day < end]]), end


def _level(kpi: Kpi, found: Sequence[Any] | None) -> Level:
    if found is None or found[-1] is None:
        return unread(kpi.name)
    days, n, top, bottom, inside, newest = found
    main = MainKpi(kpi.pk, kpi.slug, kpi.name, kpi.form, kpi.unit, kpi.currency, kpi.direction)
    return kpi_level(main, Sums(days, n, top or 0.0, bottom or 0.0), as_of=inside or newest)


def _line(kpi: Any, level: Level) -> KpiLine:
    days = [day for day in kpi.holds_from if day]
    changed = f", {counted(len(days) - 1, 'change')}" if len(days) > 1 else ""
    return KpiLine(
        slug=kpi.slug,
        name=kpi.name,
        product=kpi.product.name,
        product_slug=kpi.product.slug,
        type=kpi.product.type,
        is_main=kpi.is_main,
        family=kpi.get_family_display(),
        form_text=FORMS[kpi.form],
        unit_text=kpi.currency or kpi.unit or "no unit",
        direction_text=DIRECTIONS[kpi.direction],
        level=level,
        last_text=short_day(kpi.last_day) if kpi.last_day else "none yet",
        source=kpi.source,
        definition_text=f"since {short_day(days[-1])}{changed}" if days else "not written down",
        stale_since=kpi.stale_since,
    )
