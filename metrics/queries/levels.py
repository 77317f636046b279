"""Levels and lines of main measures, many products at once: one statement over the weekly rollups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, DateField, FloatField, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce

from metrics.access import visible_rollups, visible_weekly_rollups
from metrics.catalog.measures import REACH_PEOPLE, REACH_TEAMS, kpi_measure
from metrics.charts.series import SeriesPicture
from metrics.queries.periods import WINDOW_DAYS
from metrics.queries.words import amount, counted, short_day
from metrics.stats.figures import Sums, figure
from products.access import Actor

WEEK = timedelta(days=7)
USUAL_LINE = 60 * WEEK


@dataclass(frozen=True, slots=True)
class MainKpi:
    """What it takes to name and read a product's main KPI."""

    id: int
    slug: str
    name: str
    form: str
    unit: str
    currency: str
    direction: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A product whose main measure is wanted: ``kpi`` for Type E, reach where that is None.

    ``today`` is the product's own day, ``last_week`` the newest week with facts: where they ended long ago, the line is
    drawn up to there.
    """

    product: int
    today: date
    kpi: MainKpi | None
    last_week: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """A value for every week from the one of ``start`` on; None where there is none. Sums are weekly totals."""

    start: date | None
    values: tuple[float | None, ...]


NO_LINE = Line(None, ())


@dataclass(frozen=True, slots=True)
class Level:
    """Where a measure stands: ``value`` in its unit or None, with the window, its n and how fresh it is."""

    name: str
    value: float | None
    text: str
    short: str
    window: str
    detail: str
    days: int
    n: int
    as_of: date | None
    line: Line

    @property
    def picture(self) -> SeriesPicture:
        """The line as a small chart; a share from 0 to 1 is drawn in percent."""
        start, factor = self.line.start or date.min, 100.0 if self.text.endswith(("%", "colleagues")) else 1.0
        return SeriesPicture(
            points=tuple(
                (start + WEEK * step, value if value is None else value * factor)
                for step, value in enumerate(self.line.values)
            ),
            title=f"{self.name}, week by week",
            desc=f"{counted(len(self.line.values), 'week')} from the week of {short_day(start)}. {self.text}: {self.detail}.",
        )

    @property
    def line_text(self) -> str:
        """What the line is, beside the level: a sum's weeks are totals."""
        return f"{self.name}, weekly totals" if self.text.endswith(" a day") else self.name

    @property
    def is_drawn(self) -> bool:
        """Whether there are two weeks to draw a line between."""
        return sum(value is not None for value in self.line.values) > 1


NOTHING = Level("", None, "no data", "–", "no KPI named", "no main KPI is named", 0, 0, None, NO_LINE)
NO_REACH = Level("Reach", None, "no data", "no data", "no usage yet", "no usage sent yet", 0, 0, None, NO_LINE)


def unread(name: str) -> Level:
    """The level of a KPI that nobody pushed readings for."""
    return Level(name, None, "no data", "no data", "no readings", f"{name}: no readings yet", 0, 0, None, NO_LINE)


@dataclass(frozen=True, slots=True)
class _Weeks:
    """One measure of one product as the statement gives it."""

    weeks: Sequence[date]
    tops: Sequence[float]
    bottoms: Sequence[float]
    recent: dict[str, Any] | None

    def line(self, form: str, until: date) -> Line:
        """A value for every week that is over, gaps as None; sums as the week's total."""
        held = {
            week: figure("ratio" if form != "sum" else "sum", Sums(1, 0, top, bottom))
            for week, top, bottom in zip(self.weeks, self.tops, self.bottoms, strict=True)
            if week + WEEK <= until
        }
        if not held:
            return NO_LINE
        first, last = min(held), max(held)
        return Line(first, tuple(held.get(first + WEEK * step) for step in range((last - first).days // 7 + 1)))


def kpi_level(kpi: MainKpi, sums: Sums, *, as_of: date | None, line: Line = NO_LINE) -> Level:
    """The level of a KPI over its window of four weeks from the window's sums."""
    value = figure(kpi.form, sums)
    per = " a day" if kpi.form == "sum" else ""
    if value is None:
        last = f"; the last on {short_day(as_of)}" if as_of else ""
        detail = f"{kpi.name}: no readings in the last 4 weeks{last}"
        return Level(kpi.name, None, "no data", "no data", "4 weeks", detail, 0, 0, as_of, line)
    short = amount(value, form=kpi.form, unit=kpi.unit, currency=kpi.currency)
    window = f"{per.strip()}, 4 weeks" if per else "4 weeks"
    units = f", n {sums.n:,}" if sums.n else ""
    detail = f"{kpi.name}, last 4 weeks: {counted(sums.days, 'day')}{units}, to {short_day(as_of)}" if as_of else ""
    return Level(kpi.name, value, short + per, short, window, detail, sums.days, sums.n, as_of, line)


def levels(user: Actor, asked: Iterable[Asked], *, since: date) -> dict[int, Level]:
    """The main level of each product, by its id. One statement whatever their number."""
    wanted = {one.product: one for one in asked}
    held = _weekly(user, tuple(wanted.values()), since=since)
    return {product: _level(one, held) for product, one in wanted.items()}


def _level(one: Asked, held: dict[tuple[int, str], _Weeks]) -> Level:
    if one.kpi is None:
        return _reach(one, held.get((one.product, REACH_PEOPLE)), held.get((one.product, REACH_TEAMS)))
    weeks = held.get((one.product, kpi_measure(one.kpi.id)))
    if weeks is None:
        return unread(one.kpi.name)
    recent = weeks.recent
    sums = Sums(recent["days"], recent["n"], recent["top"], recent["bottom"]) if recent else Sums()
    last = recent["last"] if recent else max(weeks.weeks) + WEEK - timedelta(days=1)
    return kpi_level(one.kpi, sums, as_of=last, line=weeks.line(one.kpi.form, one.today))


def _reach(one: Asked, people: _Weeks | None, teams: _Weeks | None) -> Level:
    full = [at for at, week in enumerate(people.weeks) if week + WEEK <= one.today] if people else []
    if not people or not full:
        return NO_REACH
    at = full[-1]
    week, active, eligible = people.weeks[at], round(people.tops[at]), round(people.bottoms[at])
    text = f"{active} of {eligible} colleagues" if eligible else "no data"
    among = ""
    if teams and week in teams.weeks:
        place = list(teams.weeks).index(week)
        among = f"{teams.tops[place]:.0f} of {teams.bottoms[place]:.0f} teams, "
    value = figure("ratio", Sums(7, eligible, active, eligible))
    detail = f"{among}week of {short_day(week)}"
    line = people.line("ratio", one.today)
    return Level("Reach", value, text, f"{active} of {eligible}", "colleagues", detail, 7, eligible, week, line)


def _weekly(user: Actor, asked: Sequence[Asked], *, since: date) -> dict[tuple[int, str], _Weeks]:
    """Weekly sums and those of the last four weeks, by (product, measure): two range scans in one statement."""
    if not asked:
        return {}
    measures = {kpi_measure(one.kpi.id) for one in asked if one.kpi}
    if any(one.kpi is None for one in asked):
        measures |= {REACH_PEOPLE, REACH_TEAMS}
    wanted = {"product__in": [one.product for one in asked], "measure__in": measures}
    weeks = visible_weekly_rollups(user).filter(_spans(asked, since), measure__in=measures)
    whole = weeks.values_list(
        "product_id",
        "measure",
        Cast("numerator", FloatField()),
        Cast("denominator", FloatField()),
        "week",
        "n",
        Value(0),
    )
    held: dict[tuple[int, str], list[tuple[date, float, float]]] = {}
    recent: dict[tuple[int, str], dict[str, Any]] = {}
    for product, measure, top, bottom, day, n, days in whole.union(_recent(user, asked, wanted), all=True):
        if days:
            recent[product, measure] = {"days": days, "n": n, "top": top, "bottom": bottom, "last": day}
        else:
            held.setdefault((product, measure), []).append((day, top, bottom))
    return {key: _weeks(sorted(rows), recent.get(key)) for key, rows in held.items()}


def _weeks(rows: Sequence[tuple[date, float, float]], recent: dict[str, Any] | None) -> _Weeks:
    weeks, tops, bottoms = zip(*rows, strict=True)
    return _Weeks(weeks, tops, bottoms, recent)


def _spans(asked: Sequence[Asked], since: date) -> Q:
    """The weeks from ``since`` on; for measures that ended before, as many weeks before their end."""
    ended = {one.product: one.last_week for one in asked if one.last_week and one.last_week < since}
    found = Q(product__in=[one.product for one in asked], week__gte=since)
    for product, last in ended.items():
        found |= Q(product=product, week__gt=last - USUAL_LINE)
    return found


def _recent(user: Actor, asked: Sequence[Asked], wanted: dict[str, Any]) -> QuerySet[Any, Any]:
    """The sums of each measure's last four weeks, cut at the product's own today; ``days`` is how many there were."""
    by_day: dict[date, list[int]] = {}
    for one in asked:
        by_day.setdefault(one.today, []).append(one.product)
    today = Case(*[When(product__in=ids, then=Value(day)) for day, ids in by_day.items()], output_field=DateField())
    # The outer bounds are what the index is scanned by; products in other time zones differ by a day at most.
    bounds = {"day__lt": max(by_day), "day__gte": min(by_day) - timedelta(days=WINDOW_DAYS)}
    return (
        visible_rollups(user)
        .filter(**wanted, **bounds, is_partial=False)
        .filter(day__lt=today, day__gte=Cast(today - timedelta(days=WINDOW_DAYS), DateField()))
        .values_list("product_id", "measure")
        .annotate(
            top=Cast(Sum("numerator"), FloatField()),
            bottom=Cast(Sum("denominator"), FloatField()),
            last=Max("day"),
            units=Coalesce(Sum("n"), 0),
            days=Count("day"),
        )
    )
