"""Levels and lines of main measures, many products at once: one statement over the weekly rollups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.catalog.measures import REACH_PEOPLE, REACH_TEAMS, kpi_measure
from metrics.charts.series import SeriesPicture
from metrics.queries.periods import WINDOW_DAYS
from metrics.queries.prepared import rows_of
from metrics.queries.sql import LEVELS
from metrics.queries.words import amount, short_day
from metrics.stats.figures import Sums, figure
from products.catalog.words import counted

WEEK = timedelta(days=7)
# Weeks are numbered from here, the first Monday of 1970: numbers cross from the database at a third of what dates cost.
FIRST_MONDAY = date(1970, 1, 5)
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

    ``today`` is the product's own day.
    """

    product: int
    today: date
    kpi: MainKpi | None


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


def monday(week: int) -> date:
    """The day on which a numbered week starts."""
    return FIRST_MONDAY + week * WEEK


@dataclass(frozen=True, slots=True)
class _Weeks:
    """One measure of one product as the statement gives it: its weeks by number, and the sums of the last four."""

    weeks: Sequence[int]
    tops: Sequence[float]
    bottoms: Sequence[float]
    days: int
    n: int
    top: float | None
    bottom: float | None
    last: date | None

    def over(self, today: date) -> int:
        """How many of the weeks are over."""
        running = (today - FIRST_MONDAY).days // 7
        return next((at for at in range(len(self.weeks), 0, -1) if self.weeks[at - 1] < running), 0)

    def line(self, form: str, today: date) -> Line:
        """A value for every week that is over, gaps as None; sums as the week's total."""
        over = self.over(today)
        if not over:
            return NO_LINE
        first, last = self.weeks[0], self.weeks[over - 1]
        values: list[float | None] = [None] * (last - first + 1)
        for week, top, bottom in zip(self.weeks[:over], self.tops, self.bottoms, strict=False):
            values[week - first] = top if form == "sum" else top / bottom if bottom else None
        return Line(monday(first), tuple(values))


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


def levels(asked: Iterable[Asked], *, since: date) -> dict[int, Level]:
    """The main level of each product, by its id; lines from ``since`` on. One statement whatever their number."""
    wanted = {one.product: one for one in asked}
    held = _weeks(tuple(wanted.values()), since)
    return {product: _level(one, held) for product, one in wanted.items()}


def _level(one: Asked, held: dict[tuple[int, str], _Weeks]) -> Level:
    if one.kpi is None:
        return _reach(one, held.get((one.product, REACH_PEOPLE)), held.get((one.product, REACH_TEAMS)))
    weeks = held.get((one.product, kpi_measure(one.kpi.id)))
    if weeks is None:
        return unread(one.kpi.name)
    sums = Sums(weeks.days, weeks.n, weeks.top or 0.0, weeks.bottom or 0.0)
    last = weeks.last or (monday(weeks.weeks[-1] + 1) - timedelta(days=1) if weeks.weeks else None)
    return kpi_level(one.kpi, sums, as_of=last, line=weeks.line(one.kpi.form, one.today))


def _reach(one: Asked, people: _Weeks | None, teams: _Weeks | None) -> Level:
    over = people.over(one.today) if people else 0
    if not people or not over:
        return NO_REACH
    at = over - 1
    week, active, eligible = people.weeks[at], round(people.tops[at]), round(people.bottoms[at])
    text = f"{active} of {eligible} colleagues" if eligible else "no data"
    among = ""
    if teams and week in teams.weeks:
        place = list(teams.weeks).index(week)
        among = f"{teams.tops[place]:.0f} of {teams.bottoms[place]:.0f} teams, "
    value = figure("ratio", Sums(7, eligible, active, eligible))
    start = monday(week)
    detail = f"{among}week of {short_day(start)}"
    line = people.line("ratio", one.today)
    return Level("Reach", value, text, f"{active} of {eligible}", "colleagues", detail, 7, eligible, start, line)


def _weeks(asked: Sequence[Asked], since: date) -> dict[tuple[int, str], _Weeks]:
    """What is held of each wanted measure, by (product, measure)."""
    wanted = [
        (one.product, one.kpi.id if one.kpi else None, measure, one.today)
        for one in asked
        for measure in ((kpi_measure(one.kpi.id),) if one.kpi else (REACH_PEOPLE, REACH_TEAMS))
    ]
    if not wanted:
        return {}
    products, kpis, measures, todays = (list(column) for column in zip(*wanted, strict=True))
    values = {"products": products, "kpis": kpis, "measures": measures, "todays": todays, "since": since}
    rows = rows_of(LEVELS, {**values, "line_days": USUAL_LINE.days, "window_days": WINDOW_DAYS})
    return {(product, measure): _Weeks(*found) for product, measure, *found in rows}
