"""A KPI's days as frozen values, with what belongs on the chart: target, definitions, release markers, corrections."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from metrics.charts import series as charts
from metrics.charts.series import SeriesPicture
from metrics.queries.levels import Level
from metrics.queries.staleness import stale_text
from metrics.queries.words import amount, day_text, short_day
from products.catalog.words import counted

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
    stale_since: datetime | None

    @property
    def stale_text(self) -> str:
        """Since when facts of the product wait in vain to be computed, or nothing."""
        return stale_text(self.stale_since)

    @property
    def unit_text(self) -> str:
        """What its values are counted in."""
        return self.currency or self.unit

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
    def breaks_inside(self) -> bool:
        """Whether the definition changed on a day that is drawn."""
        return any(self.points and self.points[0].day < day <= self.points[-1].day for day in self.breaks)

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
            restated=tuple(point.day for point in self.points if point.restated_on),
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
