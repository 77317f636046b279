"""The smallest effect that a release could show on a KPI, from its own past up to today: shown, and stored, while it is named."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from metrics.catalog.measures import kpi_measure
from metrics.models import Kpi, KpiCadence, KpiDefinition, KpiForm, Rollup
from metrics.models.commitments import WINDOWS
from metrics.queries.periods import local_day
from metrics.queries.size_words import size_text
from metrics.sources.context import context_of, masked_days
from metrics.sources.named import Named, releases_that_named
from metrics.stats.cadence import DAILY, WEEKLY
from metrics.stats.outlook import smallest
from metrics.stats.past import Past
from metrics.stats.reasons import NoEstimate
from metrics.stats.series import Bools, Floats, Form, Series, amounts, rates, scores
from metrics.stats.windows import Intervention

# More than the 400 days of past with their baseline and window, or the 104 weeks.
DAYS_BACK = 800
WEEK = 7


@dataclass(frozen=True, slots=True)
class Outlook:
    """The smallest detectable effect on the scale of z and in the KPI's unit, or why there is none."""

    detectable: float | None
    natural: float | None
    reason: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """The steps that all series share: ``size`` of them from the one that begins on ``first``."""

    first: date
    size: int
    stride: int

    def step(self, day: date) -> int:
        """The step that a day lies in; outside the grid below 0 or from ``size`` on."""
        return (day - self.first).days // self.stride


@dataclass(frozen=True, slots=True, eq=False)
class _Facts:
    """What is known of some KPIs, by their keys: whole days, days on which a definition begins, masks, and who named them."""

    days: Mapping[int, Mapping[date, Rollup]]
    definitions: Mapping[int, Sequence[date]]
    masked: Mapping[int, frozenset[date]]
    named: Mapping[int, Sequence[Named]]


def outlook_of(
    kpi: Kpi, *, window_days: int, roll_out_days: int, controls: Sequence[Kpi] = (), now: datetime
) -> Outlook:
    """What a release of today could show on ``kpi``, read over ``window_days`` among the releases that named it before.

    Five statements.
    """
    facts = _facts([kpi, *controls], now=now)
    return _outlook(kpi, controls, facts, window_days=window_days, roll_out_days=roll_out_days)


def outlooks_by_window(
    kpi: Kpi, *, roll_out_days: int, controls: Sequence[Kpi] = (), now: datetime
) -> dict[int, Outlook]:
    """``outlook_of`` for each window that the KPI can be read over. Five statements."""
    facts = _facts([kpi, *controls], now=now)
    windows = [days for days in WINDOWS if kpi.cadence == KpiCadence.DAY or days > WEEK]
    return {days: _outlook(kpi, controls, facts, window_days=days, roll_out_days=roll_out_days) for days in windows}


def outlooks(kpis: Sequence[Kpi], *, window_days: int, now: datetime) -> dict[int, Outlook]:
    """``outlook_of`` for several KPIs, by their keys. Five statements, however many there are."""
    facts = _facts(kpis, now=now)
    return {kpi.pk: _outlook(kpi, (), facts, window_days=window_days, roll_out_days=0) for kpi in kpis}


def _facts(kpis: Sequence[Kpi], *, now: datetime) -> _Facts:
    since, today = now.date() - timedelta(days=DAYS_BACK), now.date()
    definitions: dict[int, list[date]] = defaultdict(list)
    for row in KpiDefinition.objects.filter(kpi__in=kpis).order_by("holds_from"):
        definitions[row.kpi_id].append(row.holds_from)
    named: dict[int, list[Named]] = defaultdict(list)
    for one in releases_that_named([kpi.pk for kpi in kpis]):
        named[one.kpi].append(one)
    context = context_of({kpi.product_id for kpi in kpis}, first=since, last=today)
    masked = {kpi.pk: masked_days(context[kpi.product_id]) for kpi in kpis}
    return _Facts(_days(kpis, since=since, now=now), definitions, masked, named)


def _outlook(kpi: Kpi, controls: Sequence[Kpi], facts: _Facts, *, window_days: int, roll_out_days: int) -> Outlook:
    mine = facts.days[kpi.pk]
    if not mine:
        return Outlook(None, None, "no reading has arrived yet", "Nobody has sent a reading yet.")
    grid = _grid(min(mine), max(mine), weekly=kpi.cadence == KpiCadence.WEEK)
    mask = _mask(facts.masked[kpi.pk], grid)
    pasts = [Past(_series(one, facts, grid, mask)) for one in (kpi, *controls)]
    cadence = pasts[0].series.cadence
    found = smallest(
        pasts[0],
        horizon=max(window_days // grid.stride, cadence.least_after),
        roll_out=-(-roll_out_days // grid.stride),
        others=_others(kpi, facts, grid),
        controls=pasts[1:],
    )
    if isinstance(found, NoEstimate):
        return Outlook(None, None, found.words, f"Cannot be said: {found.words}.")
    return Outlook(found.z, found.natural, "", size_text(kpi, found.z, found.natural, window_days))


def _days(kpis: Sequence[Kpi], *, since: date, now: datetime) -> dict[int, dict[date, Rollup]]:
    """The whole days of each KPI that were over by then, from the rollups. One statement."""
    names = {kpi_measure(kpi.pk): kpi.pk for kpi in kpis}
    found: dict[int, dict[date, Rollup]] = {kpi.pk: {} for kpi in kpis}
    products = {kpi.product_id for kpi in kpis}
    rows = Rollup.objects.filter(product__in=products, measure__in=names, day__gte=since, is_partial=False)
    today = {kpi.pk: local_day(now, kpi.product.time_zone) for kpi in kpis}
    for row in rows.only("measure", "day", "numerator", "denominator", "squares"):
        pk = names[row.measure]
        if row.day < today[pk]:
            found[pk][row.day] = row
    return found


def _grid(first: date, last: date, *, weekly: bool) -> _Grid:
    if not weekly:
        return _Grid(first, (last - first).days + 1, 1)
    monday = first - timedelta(days=first.weekday())
    return _Grid(monday, (last - monday).days // WEEK + 1, WEEK)


def _breaks(kpi: Kpi, facts: _Facts, grid: _Grid) -> list[int]:
    """The steps on which a new definition begins; the first definition breaks nothing."""
    steps = [grid.step(day) for day in facts.definitions.get(kpi.pk, ())]
    return [step for step in steps[1:] if 0 < step < grid.size]


def _mask(masked: frozenset[date], grid: _Grid) -> Bools:
    mask = np.zeros(grid.size, dtype=np.bool_)
    steps = [grid.step(day) for day in masked]
    mask[[step for step in steps if 0 <= step < grid.size]] = True
    return mask


def _series(kpi: Kpi, facts: _Facts, grid: _Grid, mask: Bools) -> Series:
    """A KPI's days as the steps of the grid; what is not known is NaN."""
    tops, bases, squares = (np.full(grid.size, np.nan) for _ in range(3))
    for day, row in facts.days[kpi.pk].items():
        if 0 <= (step := grid.step(day)) < grid.size:
            tops[step], bases[step], squares[step] = float(row.numerator), float(row.denominator), float(row.squares)
    breaks, cadence = _breaks(kpi, facts, grid), DAILY if grid.stride == 1 else WEEKLY
    if kpi.form == KpiForm.RATIO:
        return rates(tops, bases, mask=mask, breaks=breaks, cadence=cadence)
    if kpi.form == KpiForm.MEAN:
        return scores(tops, bases, squares, mask=mask, breaks=breaks, cadence=cadence)
    return amounts(tops, form=_amount_form(kpi, tops), mask=mask, breaks=breaks, cadence=cadence)


def _amount_form(kpi: Kpi, tops: Floats) -> Form:
    """Counts where everything is whole and no money."""
    known = tops[~np.isnan(tops)]
    return Form.COUNT if not kpi.currency and bool((known == np.rint(known)).all()) else Form.MONEY


def _others(kpi: Kpi, facts: _Facts, grid: _Grid) -> list[Intervention]:
    """The releases that named the KPI and were live by then."""
    zone = ZoneInfo(kpi.product.time_zone)
    live = [one for one in facts.named.get(kpi.pk, ()) if one.live_at]
    steps = [(grid.step(one.live_at.astimezone(zone).date()), one) for one in live if one.live_at]
    return [Intervention(step, -(-one.roll_out_days // grid.stride)) for step, one in steps if 0 <= step < grid.size]
