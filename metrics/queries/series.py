"""Reads KPI series: the days from the rollups, with release markers, definitions and corrections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FloatField, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, JSONObject

from metrics.access import visible_kpis, visible_rollups
from metrics.catalog.measures import kpi_measure
from metrics.models import Kpi, KpiDefinition
from metrics.queries.kpi_values import DIRECTIONS, Definition, KpiSeries, Marker, Point
from metrics.queries.levels import Level, MainKpi, kpi_level, unread
from metrics.queries.periods import Period, local_day, window_of
from metrics.queries.staleness import stale_since
from metrics.queries.words import amount, day_text, short_day
from metrics.stats.figures import Sums, figure, merge
from products.access import Actor, visible_releases
from products.models import Exposure, Product

MOST_MARKERS = 200
ONE_DAY = timedelta(days=1)


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
    user: Actor,
    product: Product,
    markers: tuple[Marker, ...],
    *,
    period: Period,
    today: date,
    most: int | None = None,
    exact: bool = False,
) -> tuple[KpiSeries, ...]:
    """A product's KPIs, the main one first (all, or ``most``), with their days in the period. At most four statements.

    Where a KPI's readings ended before the period, as many days before their end are shown instead; not with ``exact``.
    """
    kpis = list(_kpis(user).filter(product=product)[:most])
    held = _days(user, kpis, period, exact=exact) if kpis else {}
    return tuple(_series(kpi, held.get(kpi_measure(kpi.pk)), markers, period, today) for kpi in kpis)


def one_series(user: Actor, slug: str, *, period: Period, now: datetime, exact: bool = False) -> KpiSeries | None:
    """One KPI by its slug, or None; ``exact`` shows nothing outside the period. At most five statements."""
    kpi = _kpis(user).filter(slug=slug).first()
    if kpi is None:
        return None
    markers = release_markers(user, kpi.product)
    held = _days(user, [kpi], period, exact=exact)
    return _series(kpi, held.get(kpi_measure(kpi.pk)), markers, period, local_day(now, kpi.product.time_zone))


def release_markers(user: Actor, product: Product) -> tuple[Marker, ...]:
    """The product's newest exposures as markers, oldest first. One statement."""
    return _markers(_exposures(user, product), product)


def _exposures(user: Actor, product: Product) -> QuerySet[Exposure]:
    releases = visible_releases(user).filter(product=product, environment=product.production_environment)
    return Exposure.objects.filter(release__in=releases).select_related("release").order_by("-exposed_at", "release")


def _markers(rows: QuerySet[Exposure], product: Product) -> tuple[Marker, ...]:
    found = [
        Marker(row.release.key, row.release.title, local_day(row.exposed_at, product.time_zone))
        for row in rows[:MOST_MARKERS]
    ]
    return tuple(reversed(found))


def markers_between(user: Actor, product: Product, period: Period) -> tuple[Marker, ...]:
    """The product's newest exposures inside the period as markers, oldest first. One statement."""
    start, end = period.instants
    # The product's own days start up to a day earlier or later than those of UTC.
    rows = _exposures(user, product).filter(exposed_at__gte=start - ONE_DAY, exposed_at__lt=end + ONE_DAY)
    return tuple(one for one in _markers(rows, product) if period.start <= one.day < period.end)


def _kpis(user: Actor) -> Any:
    wordings = KpiDefinition.objects.filter(kpi=OuterRef("pk")).order_by("holds_from")
    return (
        visible_kpis(user)
        .select_related("product")
        .annotate(
            wordings=ArraySubquery(wordings.values(packed=JSONObject(day="holds_from", text="wording"))),
            stale_since=stale_since("product"),
        )
        .order_by("-is_main", "name")
    )


def _days(user: Actor, kpis: Sequence[Kpi], period: Period, *, exact: bool = False) -> dict[str, _Days]:
    """The days of each KPI by measure: those of the period, else those before the readings ended."""
    measures = {kpi_measure(kpi.pk): kpi.product_id for kpi in kpis}
    held = _between(user, measures, dict.fromkeys(measures, (period.start, period.end)))
    missing = {measure: product for measure, product in measures.items() if measure not in held}
    if exact or not missing:
        return held
    before = visible_rollups(user).filter(product__in=missing.values(), measure__in=missing, day__lt=period.start)
    ends = {
        measure: (last - (period.end - period.start), last + ONE_DAY)
        for measure, last in before.values_list("measure").annotate(last=Max("day"))
    }
    return {**held, **_between(user, missing, ends)} if ends else held


def _between(user: Actor, measures: dict[str, int], spans: dict[str, tuple[date, date]]) -> dict[str, _Days]:
    """Each measure's days in its own span. One statement."""
    wanted = Q()
    for measure, (start, end) in spans.items():
        wanted |= Q(product=measures[measure], measure=measure, day__gte=start, day__lt=end)
    rows = (
        visible_rollups(user)
        .filter(wanted)
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


def _series(kpi: Any, held: _Days | None, markers: Sequence[Marker], period: Period, today: date) -> KpiSeries:
    product = kpi.product
    points = _points(kpi.form, held) if held else ()
    has_ended = bool(points) and points[-1].day < period.start
    start, end = (points[0].day, points[-1].day + ONE_DAY) if has_ended else (period.start, period.end)
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
        markers=tuple(marker for marker in markers if start <= marker.day < end),
        points=points,
        note=f"Readings end on {day_text(points[-1].day)}; the days before are drawn" if has_ended else _note(points),
        stale_since=kpi.stale_since,
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
    return kpi_level(main, merge(sums for _, sums in inside), as_of=last)


def _note(points: Sequence[Point]) -> str:
    """The newest correction in words, or nothing."""
    restated = [point for point in points if point.restated_on]
    if not restated:
        return ""
    newest = max(restated, key=lambda point: (point.restated_on, point.day))
    days = f"{short_day(newest.day)}" if len(restated) == 1 else f"{len(restated)} days"
    return f"{days} restated, last on {day_text(newest.restated_on or newest.day)}"
