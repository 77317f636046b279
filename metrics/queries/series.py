"""KPI series, day by day, with what belongs on the chart: target, definitions, release markers, corrections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FloatField, OuterRef
from django.db.models.functions import Cast, JSONObject

from metrics.access import visible_kpis, visible_rollups
from metrics.catalog.measures import kpi_measure
from metrics.charts import series as charts
from metrics.charts.series import SeriesPicture
from metrics.models import Kpi, KpiDefinition
from metrics.queries.levels import Level, MainKpi, kpi_level, unread
from metrics.queries.periods import Period, local_day, window_of
from metrics.queries.words import amount, counted, day_text, short_day
from metrics.stats.figures import Sums, figure, merge
from products.access import Actor, visible_releases
from products.models import Exposure, Product

SHOWN_DAYS = 14
DIRECTIONS = {"up": "higher is better", "down": "lower is better"}


@dataclass(frozen=True, slots=True)
class Marker:
    """A release that went live on a product's own day."""

    key: str
    title: str
    day: date


@dataclass(frozen=True, slots=True)
class Point:
    """One day: ``value`` in the KPI's unit, None where there is nothing to divide by."""

    day: date
    value: float | None
    n: int
    is_partial: bool
    restated_on: date | None


@dataclass(frozen=True, slots=True)
class DayText:
    """One day of a table, in words."""

    day_text: str
    text: str
    n_text: str


@dataclass(frozen=True, slots=True)
class Definition:
    """What the KPI meant from a day on; nothing is read across a change."""

    holds_from: date
    wording: str


@dataclass(frozen=True, slots=True)
class KpiSeries:
    """A KPI with its level, target and days. Ratios are shares from 0 to 1; ``unit`` "%" shows them times 100."""

    slug: str
    product: str
    name: str
    family: str
    form: str
    unit: str
    currency: str
    direction: str
    direction_text: str
    is_main: bool
    source: str
    time_zone: str
    target: float | None
    target_text: str
    level: Level
    definitions: tuple[Definition, ...]
    markers: tuple[Marker, ...]
    points: tuple[Point, ...]
    note: str

    @property
    def last_days(self) -> tuple[DayText, ...]:
        """The newest days in words, newest first, for the table beside the chart."""
        shown = {"form": self.form, "unit": self.unit, "currency": self.currency}
        return tuple(
            DayText(
                f"{short_day(point.day)}{', partial' if point.is_partial else ''}",
                amount(point.value, **shown)
                + (f" (restated {short_day(point.restated_on)})" if point.restated_on else ""),
                f"{point.n:,}" if point.n else "not said",
            )
            for point in self.points[: -SHOWN_DAYS - 1 : -1]
        )

    @property
    def breaks(self) -> tuple[date, ...]:
        """Days from which the line means something else."""
        return tuple(one.holds_from for one in self.definitions[1:])

    @property
    def picture(self) -> SeriesPicture:
        """What the chart draws: every day of the span, those without a reading as gaps."""
        scale = 100.0 if self.unit == "%" and self.form == "ratio" else 1.0
        held = {point.day: point.value for point in self.points}
        days = (self.points[-1].day - self.points[0].day).days + 1 if self.points else 0
        spread = [self.points[0].day + timedelta(days=step) for step in range(days)]
        values = [(day, held.get(day)) for day in spread]
        return SeriesPicture(
            points=tuple((day, value * scale if value is not None else None) for day, value in values),
            title=f"{self.name}, daily",
            desc=self.words,
            markers=tuple(charts.Marker(marker.day, marker.title) for marker in self.markers),
            breaks=self.breaks,
            target=self.target * scale if self.target is not None else None,
            target_text=f"target {self.target_text}" if self.target_text else "",
        )

    @property
    def words(self) -> str:
        """What the chart shows, in words."""
        if not self.points:
            return "No readings in this period."
        first, last = self.points[0].day, self.points[-1].day
        span = f"{counted(len(self.points), 'day')} from {day_text(first)} to {day_text(last)}"
        return (
            f"{span}, days in {self.time_zone}; {counted(len(self.markers), 'release')} marked. {self.level.text} now."
        )


@dataclass(frozen=True, slots=True)
class _Days:
    """The rollups of one KPI as the statement gives them."""

    days: Sequence[date]
    tops: Sequence[float]
    bottoms: Sequence[float]
    counts: Sequence[int]
    partial: Sequence[bool]
    restated: Sequence[date | None]


def kpi_series(
    user: Actor, product: Product, markers: tuple[Marker, ...], *, period: Period, today: date
) -> tuple[KpiSeries, ...]:
    """Every KPI of a product with its days in the period. Two statements."""
    kpis = list(_kpis(user).filter(product=product))
    held = _days(user, kpis, period) if kpis else {}
    return tuple(_series(kpi, held.get(kpi_measure(kpi.pk)), markers, today, product) for kpi in kpis)


def one_series(user: Actor, slug: str, *, period: Period, now: datetime) -> KpiSeries | None:
    """One KPI by its slug, or None. Three statements."""
    kpi = _kpis(user).filter(slug=slug).first()
    if kpi is None:
        return None
    product = kpi.product
    markers = release_markers(user, product, period)
    held = _days(user, [kpi], period)
    return _series(kpi, held.get(kpi_measure(kpi.pk)), markers, local_day(now, product.time_zone), product)


def release_markers(user: Actor, product: Product, period: Period) -> tuple[Marker, ...]:
    """The product's exposures in the period as markers, oldest first."""
    start, end = period.instants
    rows = (
        Exposure.objects.filter(
            release__in=visible_releases(user).filter(product=product, environment=product.production_environment),
            exposed_at__gte=start,
            exposed_at__lt=end,
        )
        .select_related("release")
        .order_by("exposed_at", "release")
    )
    return tuple(
        Marker(row.release.key, row.release.title, local_day(row.exposed_at, product.time_zone)) for row in rows
    )


def _kpis(user: Actor) -> Any:
    wordings = KpiDefinition.objects.filter(kpi=OuterRef("pk")).order_by("holds_from")
    return (
        visible_kpis(user)
        .select_related("product")
        .annotate(wordings=ArraySubquery(wordings.values(packed=JSONObject(day="holds_from", text="wording"))))
        .order_by("-is_main", "name")
    )


def _days(user: Actor, kpis: Sequence[Kpi], period: Period) -> dict[str, _Days]:
    rows = (
        visible_rollups(user)
        .filter(product__in={kpi.product_id for kpi in kpis}, measure__in=[kpi_measure(kpi.pk) for kpi in kpis])
        .filter(day__gte=period.start, day__lt=period.end)
        .values_list("measure")
        .annotate(
            days=ArrayAgg("day", order_by="day"),
            tops=ArrayAgg(Cast("numerator", FloatField()), order_by="day"),
            bottoms=ArrayAgg(Cast("denominator", FloatField()), order_by="day"),
            counts=ArrayAgg("n", order_by="day"),
            partial=ArrayAgg("is_partial", order_by="day"),
            restated=ArrayAgg("restated_on", order_by="day"),
        )
    )
    return {measure: _Days(*arrays) for measure, *arrays in rows}


def _series(kpi: Any, held: _Days | None, markers: tuple[Marker, ...], today: date, product: Product) -> KpiSeries:
    points = _points(kpi.form, held) if held else ()
    definitions = tuple(Definition(date.fromisoformat(one["day"]), one["text"]) for one in kpi.wordings)
    target = float(kpi.target) if kpi.target is not None else None
    shown = {"form": kpi.form, "unit": kpi.unit, "currency": kpi.currency}
    return KpiSeries(
        slug=kpi.slug,
        product=product.slug,
        name=kpi.name,
        family=kpi.family,
        direction=kpi.direction,
        direction_text=DIRECTIONS[kpi.direction],
        is_main=kpi.is_main,
        source=kpi.source,
        time_zone=product.time_zone,
        target=target,
        target_text=amount(target, **shown) if target is not None else "",
        level=_level(kpi, held, definitions, today),
        definitions=definitions,
        markers=markers,
        points=points,
        note=_note(points),
        **shown,
    )


def _points(form: str, held: _Days) -> tuple[Point, ...]:
    rows = zip(held.days, held.tops, held.bottoms, held.counts, held.partial, held.restated, strict=True)
    return tuple(
        Point(day, figure(form, Sums(1, n, top, bottom)), n, partial, restated)
        for day, top, bottom, n, partial, restated in rows
    )


def _level(kpi: Kpi, held: _Days | None, definitions: Sequence[Definition], today: date) -> Level:
    """The last four weeks, cut short where the definition changed inside them."""
    main = MainKpi(kpi.pk, kpi.slug, kpi.name, kpi.form, kpi.unit, kpi.currency, kpi.direction)
    if held is None:
        return unread(kpi.name)
    start, end = window_of(today)
    start = max([start, *[one.holds_from for one in definitions if one.holds_from < end]])
    rows = zip(held.days, held.tops, held.bottoms, held.counts, held.partial, strict=True)
    inside = [(d, Sums(1, n, t, b)) for d, t, b, n, partial in rows if start <= d < end and not partial]
    last = max([day for day, _ in inside] or held.days)
    return kpi_level(main, merge(sums for _, sums in inside), as_of=last, line=())


def _note(points: Sequence[Point]) -> str:
    """The newest correction in words, or nothing."""
    restated = [point for point in points if point.restated_on]
    if not restated:
        return ""
    newest = max(restated, key=lambda point: (point.restated_on, point.day))
    days = f"{short_day(newest.day)}" if len(restated) == 1 else f"{len(restated)} days"
    return f"{days} restated, last on {day_text(newest.restated_on or newest.day)}"
