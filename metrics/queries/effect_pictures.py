"""The pictures of one reading: its days with what was expected, their gaps, and the same comparison on quiet dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.charts.effects import GapPicture, PastPicture
from metrics.charts.expected import Overlay, Shade, WindowDay
from metrics.charts.series import Marker, SeriesPicture
from metrics.models import Estimate, Kpi
from metrics.queries.effect_figures import reading_of
from metrics.queries.effect_words import level_text, percent_text
from metrics.queries.effects import Effect, unit_of
from metrics.queries.words import amount, day_text
from metrics.sources.context import PUBLIC_HOLIDAY, Context
from metrics.stats.figures import Sums, figure
from metrics.stats.natural import Expected, relative
from metrics.stats.series import Form

DAYS_BEFORE, DAYS_AFTER = 84, 35
MARK_KINDS = {"withdrawn": "unsure", "none": "unsure"}
PERCENT = 100


@dataclass(frozen=True, slots=True)
class DayRow:
    """One step of the window as numbers and in words; None where nothing is known or expected."""

    day: date
    observed: float | None
    expected: float | None
    low: float | None
    high: float | None
    day_text: str
    observed_text: str
    expected_text: str
    band_text: str
    gap_text: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is drawn of one reading; the gaps and the past only where there are figures."""

    series: SeriesPicture | None
    gaps: GapPicture | None
    past: PastPicture | None
    gaps_title: str
    past_title: str
    days: tuple[DayRow, ...]
    has_events: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A loaded day of a KPI as its rollup has it."""

    day: date
    top: float
    base: float


def overlay_of(row: Estimate, effect: Effect) -> Overlay:
    """The window of a reading as it lies under and over a KPI's days; the row comes with its picture."""
    return Overlay(_scaled(_window(row, effect), row.kpi))


def span_of(effect: Effect) -> tuple[date, date]:
    """The first and the last day that the picture of a reading shows."""
    start = effect.window_start or effect.live_on
    end = effect.window_end or start + timedelta(days=effect.planned)
    return start - timedelta(days=DAYS_BEFORE), end + timedelta(days=DAYS_AFTER)


def pictures_of(
    effect: Effect, row: Estimate, cells: Sequence[Cell], markers: Sequence[Marker], context: Sequence[Context]
) -> Pictures:
    """The pictures of ``row`` (a reading from the past), drawn from what is stored and from the days around it."""
    window = _window(row, effect)
    rows = tuple(_row(day, row.kpi, effect) for day in window)
    shades = tuple(Shade(one.first, one.last, one.name) for one in context if one.kind != PUBLIC_HOLIDAY)
    series = _series(effect, row.kpi, cells, markers, Overlay(_scaled(window, row.kpi), shades))
    if row.effect is None or not window:
        return Pictures(series, None, None, "", "", rows, bool(shades))
    unit = "per cent" if effect.unit.is_relative else "points"
    steps = f"{effect.horizon} {'weekly' if effect.step == 'week' else 'daily'}"
    dates = f"{row.quiet_dates:,} {'dates' if row.is_busy else 'quiet dates'} before"
    return Pictures(
        series,
        _gaps(effect, row, window),
        _past(effect, row),
        f"{steps} gaps to expected, {unit}",
        f"The same comparison on {dates}",
        rows,
        bool(shades),
    )


def _window(row: Estimate, effect: Effect) -> tuple[WindowDay, ...]:
    """The stored days, in the KPI's own levels."""
    if row.picture is None or effect.window_start is None:
        return ()
    stride = 7 if effect.step == "week" else 1
    return tuple(
        WindowDay(
            effect.window_start + timedelta(days=place * stride),
            observed,
            expected,
            (bands[0], bands[1]) if bands else None,
            (bands[2], bands[3]) if bands else None,
        )
        for place, (observed, expected, *bands) in enumerate(row.picture["days"])
    )


def _scale(kpi: Kpi) -> float:
    return PERCENT if kpi.form == "ratio" and kpi.unit == "%" else 1.0


def _scaled(window: Sequence[WindowDay], kpi: Kpi) -> tuple[WindowDay, ...]:
    scale = _scale(kpi)

    def both(ends: tuple[float, float] | None) -> tuple[float, float] | None:
        return (ends[0] * scale, ends[1] * scale) if ends else None

    return tuple(
        WindowDay(
            one.day,
            None if one.observed is None else one.observed * scale,
            None if one.expected is None else one.expected * scale,
            both(one.half),
            both(one.most),
        )
        for one in window
    )


def _series(
    effect: Effect, kpi: Kpi, cells: Sequence[Cell], markers: Sequence[Marker], overlay: Overlay
) -> SeriesPicture | None:
    values = {cell.day: figure(kpi.form, Sums(1, 0, cell.top, cell.base)) for cell in cells}
    if not any(value is not None for value in values.values()):
        return None
    stride, scale = 7 if effect.step == "week" else 1, _scale(kpi)
    first, last = min(values), max(values)
    days = [first + timedelta(days=number) for number in range(0, (last - first).days + 1, stride)]
    held = [(day, values.get(day)) for day in days]
    expected = {one.day: one.expected / scale for one in overlay.days if one.expected is not None}
    target = float(kpi.target) * scale if kpi.target is not None else None
    return SeriesPicture(
        points=tuple((day, None if value is None else value * scale) for day, value in held),
        title=f"{kpi.name}, observed and expected",
        desc=_desc(effect),
        markers=tuple(markers),
        breaks=(),
        target=target,
        target_text="" if target is None else f"target {level_text(float(kpi.target or 0), effect.unit)}",
        overlay=overlay,
        readouts=tuple(_readout(day, value, expected.get(day), kpi) for day, value in held),
    )


def _desc(effect: Effect) -> str:
    """The picture in words."""
    if effect.figures is None:
        return f"{effect.words}. The days are drawn as they were read."
    return f"{effect.levels_text.replace(' → ', ' expected, ')} observed over {effect.window_text}. The days are in the table below."


def _readout(day: date, value: float | None, expected: float | None, kpi: Kpi) -> str:
    unit = unit_of(kpi)
    told = f"{day:%a} {day_text(day)}: observed {level_text(value, unit) if value is not None else 'nothing'}"
    return told if expected is None else f"{told}, expected {level_text(expected, unit)}"


def _row(day: WindowDay, kpi: Kpi, effect: Effect) -> DayRow:
    shown = {"form": kpi.form, "unit": kpi.unit, "currency": kpi.currency}
    gap = ""
    if day.observed is not None and day.expected:
        gap = percent_text(_gap(day.observed, day.expected, effect), effect.unit)
    low, high = day.most or (None, None)
    return DayRow(
        day.day,
        day.observed,
        day.expected,
        low,
        high,
        f"{day.day:%a} {day.day.day} {day.day:%b}",
        amount(day.observed, **shown),
        amount(day.expected, **shown) if day.expected is not None else "nothing expected",
        f"{amount(low, **shown)} to {amount(high, **shown)}" if day.most else "",
        gap,
    )


def _gap(value: float, expected: float, effect: Effect) -> float:
    """Per cent of what was expected for sums, percentage points for ratios, points for means."""
    if effect.unit.is_relative:
        return PERCENT * (value / expected - 1) if expected else 0.0
    return (value - expected) * (PERCENT if effect.unit.form == "ratio" else 1)


def _gaps(effect: Effect, row: Estimate, window: Sequence[WindowDay]) -> GapPicture:
    def both(ends: tuple[float, float] | None, expected: float) -> tuple[float, float] | None:
        return (_gap(ends[0], expected, effect), _gap(ends[1], expected, effect)) if ends else None

    days = tuple(
        WindowDay(
            one.day,
            None if one.observed is None else _gap(one.observed, one.expected, effect),
            0.0,
            both(one.half, one.expected),
            both(one.most, one.expected),
        )
        for one in window
        if one.expected
    )
    change = _change(reading_of(row).expected, row.effect or 0.0)
    gaps = [one.observed for one in days if one.observed is not None]
    ends = (
        f"from {percent_text(min(gaps), effect.unit)} to {percent_text(max(gaps), effect.unit)}"
        if gaps
        else "none known"
    )
    label = f"{len(gaps)} gaps between observed and expected, {ends}; the effect is {percent_text(change, effect.unit)}"
    return GapPicture(days, change, percent_text(change, effect.unit), MARK_KINDS.get(effect.kind, effect.kind), label)


def _past(effect: Effect, row: Estimate) -> PastPicture | None:
    if row.picture is None:
        return None
    expected, size = reading_of(row).expected, row.usual or 0.0
    past = [_change(expected, dot) for dot in row.picture["dots"]]
    change, usual = _change(expected, row.effect or 0.0), (_change(expected, -size), _change(expected, size))
    text = f"{effect.title} {percent_text(change, effect.unit)}"
    label = (
        f"The same comparison on {row.quiet_dates:,} dates before: nine in ten between "
        f"{percent_text(usual[0], effect.unit)} and {percent_text(usual[1], effect.unit)}. {text}"
    )
    unit = "%" if effect.unit.is_relative else ""
    return PastPicture(past, usual, change, text, MARK_KINDS.get(effect.kind, effect.kind), unit, label)


def _change(expected: Expected, effect: float) -> float:
    """An effect on the axis of lists: per cent of what was expected, or points."""
    return PERCENT * relative(effect) if expected.form in (Form.COUNT, Form.MONEY) else expected.comparable(effect)
