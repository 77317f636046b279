"""Reach of an internal product: the colleagues and teams that used it, week by week, of those who could."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from metrics.access import visible_weekly_rollups
from metrics.catalog.measures import REACH_PEOPLE, REACH_TEAMS
from metrics.charts import series as charts
from metrics.charts.series import SeriesPicture
from metrics.queries.kpi_values import Marker
from metrics.queries.levels import NO_LINE, NO_REACH, WEEK, Level
from metrics.queries.periods import Period
from metrics.queries.reach_teams import NO_FEED, Feed, TeamReach, feed_of, teams_of_product, teams_title
from metrics.queries.words import short_day
from products.access import Actor
from products.catalog.words import counted
from products.models import Product


@dataclass(frozen=True, slots=True)
class ReachWeek:
    """One week: who used it, of how many who could. ``is_partial`` while the week is not over."""

    week: date
    people: int
    people_eligible: int
    teams: int
    teams_eligible: int
    is_partial: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """Reach over a period; the level is that of the last full week. ``teams`` and ``feed`` are told on a product's own page."""

    level: Level
    title: str
    time_zone: str
    points: tuple[ReachWeek, ...]
    markers: tuple[Marker, ...]
    teams: tuple[TeamReach, ...] = ()
    feed: Feed = NO_FEED

    @property
    def picture(self) -> SeriesPicture:
        """What the chart draws: teams that used it in each full week, weeks without usage as gaps."""
        held = {point.week: point.teams for point in self._full}
        return self._drawn(held, "Teams", "team", self._full[-1].teams_eligible if self._full else 0)

    @property
    def people_picture(self) -> SeriesPicture:
        """The same weeks in colleagues."""
        held = {point.week: point.people for point in self._full}
        return self._drawn(held, "Colleagues", "colleague", self._full[-1].people_eligible if self._full else 0)

    @property
    def teams_title(self) -> str:
        """Who stopped, as the panel's finding."""
        return teams_title(self.teams, is_stale=self.feed.is_stale)

    @property
    def _full(self) -> list[ReachWeek]:
        return [point for point in self.points if not point.is_partial]

    def _drawn(self, held: Mapping[date, int], who: str, noun: str, most: int) -> SeriesPicture:
        """One value for each full week from the first to the last; ``most`` is how many could."""
        full = self._full
        weeks = (full[-1].week - full[0].week).days // 7 + 1 if full else 0
        spread = [full[0].week + WEEK * step for step in range(weeks)]
        return SeriesPicture(
            points=tuple((week, float(held[week]) if week in held else None) for week in spread),
            title=f"{who} that used it, week by week",
            desc=f"{self.title}. Days in {self.time_zone}; {counted(len(self.markers), 'release')} marked.",
            markers=tuple(charts.Marker(marker.day, marker.title) for marker in self.markers),
            target=float(most) if most else None,
            target_text=f"{counted(most, noun)} could use it" if most else "",
            starts_at_zero=True,
            is_steps=True,
        )


def reach_with_teams(
    user: Actor, product: Product, markers: tuple[Marker, ...], *, period: Period, today: date
) -> Reach:
    """Reach with who uses it, who stopped, and whether usage still arrives. Three statements."""
    reach = reach_of(user, product, markers, period=period, today=today)
    teams = teams_of_product(user, product, until=min(period.end, today))
    return replace(reach, teams=teams, feed=feed_of(user, product, today=today))


def reach_of(user: Actor, product: Product, markers: tuple[Marker, ...], *, period: Period, today: date) -> Reach:
    """The weeks of the period for which usage was sent. One statement."""
    rows = visible_weekly_rollups(user).filter(
        product=product, measure__in=[REACH_PEOPLE, REACH_TEAMS], week__gte=period.first_week, week__lt=period.end
    )
    sums = {
        (week, measure): (int(top), int(bottom))
        for week, measure, top, bottom in rows.values_list("week", "measure", "numerator", "denominator")
    }
    weeks = sorted({week for week, measure in sums if measure == REACH_PEOPLE})
    points = tuple(
        ReachWeek(week, *sums[week, REACH_PEOPLE], *sums.get((week, REACH_TEAMS), (0, 0)), week + WEEK > today)
        for week in weeks
    )
    full = [point for point in points if not point.is_partial]
    return Reach(_level(full), _title(full), product.time_zone, points, markers)


def _level(full: Sequence[ReachWeek]) -> Level:
    if not full:
        return NO_REACH
    last = full[-1]
    value = last.people / last.people_eligible if last.people_eligible else None
    text = f"{last.people} of {last.people_eligible} colleagues" if value is not None else "no data"
    among = f"{last.teams} of {last.teams_eligible} teams, " if last.teams_eligible else ""
    detail = f"{among}week of {short_day(last.week)}"
    short = f"{last.people} of {last.people_eligible}"
    return Level("Reach", value, text, short, "colleagues", detail, 7, last.people_eligible, last.week, NO_LINE)


def _title(full: Sequence[ReachWeek]) -> str:
    if not full:
        return "Reach: no usage sent yet"
    first, last = full[0], full[-1]
    if len(full) == 1:
        return f"Reach: {last.teams} of {last.teams_eligible} teams in its first week"
    change = "still" if first.teams == last.teams else f"{first.teams} teams to"
    return f"Reach: {change} {last.teams} of {last.teams_eligible} in {len(full)} weeks"
