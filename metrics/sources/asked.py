"""From facts to questions: days become steps, events become masks, and each release is asked among those that named the same KPI."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from metrics.sources.context import Context
from metrics.sources.effects import Facts, KpiFacts, Pair
from metrics.stats.cadence import DAILY, WEEKLY
from metrics.stats.questions import Kind, Known, Live, Question
from metrics.stats.series import Bools, Floats
from metrics.stats.verdicts import Good

WEEK = 7
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days as steps: their ordinal numbers, or the numbers of their weeks."""

    is_weekly: bool

    def step(self, day: date) -> int:
        """The step that a day lies in."""
        return (day.toordinal() - 1) // WEEK if self.is_weekly else day.toordinal()

    def day(self, step: int) -> date:
        """The first day of a step."""
        return date.fromordinal(step * WEEK + 1 if self.is_weekly else step)

    def last_day(self, step: int) -> date:
        """The last day of a step."""
        return self.day(step) + timedelta(days=WEEK - 1 if self.is_weekly else 0)

    def length(self, days: int) -> int:
        """Days as whole steps, the begun one included."""
        return -(-days // WEEK) if self.is_weekly else days


def calendar_of(kpi: KpiFacts) -> Calendar:
    """The calendar that a KPI is read on."""
    return Calendar(kpi.cadence == "week")


def known_of(kpi: KpiFacts, context: Iterable[Context] = ()) -> Known:
    """A KPI's days as steps; those of its ``context`` are left out."""
    calendar = calendar_of(kpi)
    stride = WEEK if calendar.is_weekly else 1
    steps = (np.asarray(kpi.ordinals, dtype=np.int64) - (1 if calendar.is_weekly else 0)) // stride
    first = int(steps[0]) if steps.size else 0
    size = int(steps[-1]) - first + 1 if steps.size else 0
    tops, bases, squares = (_filled(part, steps - first, size) for part in (kpi.tops, kpi.bases, kpi.squares))
    breaks = tuple(sorted({calendar.step(day) - first for day in kpi.defined_on[1:]}))
    return Known(
        _kind(kpi),
        first,
        tops,
        bases,
        squares,
        _masked(context, calendar, first, size),
        breaks,
        calendar.length(kpi.lag),
        WEEKLY if calendar.is_weekly else DAILY,
    )


def question_of(pair: Pair, facts: Facts, *, now: datetime) -> Question:
    """What is asked of a release and a KPI named for it."""
    kpi = facts.kpis[pair.kpi]
    calendar = calendar_of(kpi)
    others = (one for one in facts.pairs if one.kpi == pair.kpi and one.release != pair.release)
    return Question(
        kpi=pair.kpi,
        release=_live(pair, calendar),
        others=tuple(_live(one, calendar) for one in others),
        horizon=calendar.length(pair.window_days),
        controls=pair.controls,
        good=Good.UP if kpi.direction == "up" else Good.DOWN,
        worth=kpi.worth * PERCENT if kpi.worth is not None and kpi.form == "ratio" else kpi.worth,
        today=calendar.step(today_of(kpi, now)),
    )


def today_of(kpi: KpiFacts, now: datetime) -> date:
    """The day that it is where the KPI's days are cut."""
    return now.astimezone(ZoneInfo(kpi.time_zone)).date()


def _live(pair: Pair, calendar: Calendar) -> Live:
    """A weekly KPI's week in which a release went live after Monday is one in which not everybody had it."""
    begun = int(calendar.is_weekly and pair.live_on.isoweekday() > 1)
    withdrawn = calendar.step(pair.withdrawn_on) if pair.withdrawn_on else None
    return Live(calendar.step(pair.live_on), begun + calendar.length(pair.roll_out_days), withdrawn)


def _kind(kpi: KpiFacts) -> Kind:
    if kpi.form == "ratio":
        return Kind.RATE
    if kpi.form == "mean":
        return Kind.SCORE
    return Kind.MONEY if kpi.currency else Kind.AMOUNT


def _filled(part: Sequence[float], places: "np.typing.NDArray[np.int64]", size: int) -> Floats:
    found = np.full(size, np.nan)
    if len(part):
        found[places] = part
    return found


def _masked(context: Iterable[Context], calendar: Calendar, first: int, size: int) -> Bools:
    found = np.zeros(size, dtype=np.bool_)
    for one in context:
        low, high = calendar.step(one.first) - first, calendar.step(one.last) - first + 1
        if high > 0:
            found[max(low, 0) : min(high, size)] = True
    return found
