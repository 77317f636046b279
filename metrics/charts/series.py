"""A KPI day by day or a reach week by week, with the releases that went live: drawn on the server as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from metrics.charts.marks import runs
from metrics.charts.releases import Marker, draw_flags, place_flags
from metrics.charts.scales import Scale, path, short, tick_text, ticks

LEFT, RIGHT, BOTTOM, TOP = 40, 14, 38, 20


@dataclass(frozen=True, slots=True)
class SeriesPicture:
    """What a series chart shows: ``points`` are days with their value, None where there is none (drawn as a gap).

    ``title`` and ``desc`` say in words what the picture shows. ``is_steps`` holds each value until the next.
    ``is_small`` leaves the words to the text around the chart.
    """

    points: Sequence[tuple[date, float | None]]
    title: str
    desc: str
    markers: Sequence[Marker] = ()
    breaks: Sequence[date] = ()
    target: float | None = None
    target_text: str = ""
    starts_at_zero: bool = False
    is_steps: bool = False
    is_small: bool = False


def series_chart(picture: SeriesPicture, *, width: int = 736, height: int = 240) -> SafeString:
    """The chart at one width. Pages carry it twice, wide and narrow, and CSS shows one, so text is never scaled."""
    known = [value for _, value in picture.points if value is not None]
    if not known:
        return mark_safe("")
    x = _days_scale(picture, width)
    flags = place_flags(picture.markers, x, width=width, has_words=not picture.is_small)
    top = TOP + flags.height
    y = _values_scale(picture, known, top=top, bottom=height - BOTTOM)
    parts = [
        _area(picture, x, y),
        _grid(y, width),
        _months(picture, x, width, height),
        _breaks(picture, x, top, height),
        _target(picture, y, width),
        draw_flags(flags, top=top, bottom=height - BOTTOM),
        _line(picture, x, y),
    ]
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}</svg>',
        width,
        height,
        picture.title,
        picture.desc,
        mark_safe("".join(parts)),  # noqa: S308 - each part is escaped already
    )


def _days_scale(picture: SeriesPicture, width: int) -> Scale:
    first, last = picture.points[0][0].toordinal(), picture.points[-1][0].toordinal()
    return Scale(first, max(last, first + 1), LEFT, width - RIGHT)


def _values_scale(picture: SeriesPicture, known: Sequence[float], *, top: float, bottom: float) -> Scale:
    values = [*known, *([picture.target] if picture.target is not None else [])]
    lo, hi = min(values), max(values)
    pad = (hi - lo) * 0.06 or abs(hi) * 0.05 or 1.0
    return Scale(0.0 if picture.starts_at_zero else lo - pad, hi + pad, bottom, top)


def _grid(y: Scale, width: int) -> SafeString:
    values = ticks(y.lo, y.hi)
    step = values[1] - values[0] if len(values) > 1 else 1.0
    return format_html_join(
        "",
        '<line class="g" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (LEFT, width - RIGHT, short(y(v)), short(y(v)), LEFT - 6, short(y(v) + 4), tick_text(v, step))
            for v in values
        ),
    )


def _months(picture: SeriesPicture, x: Scale, width: int, height: int) -> SafeString:
    """Ticks at the first of months, as many as have room; the year on a second line."""
    first, last = picture.points[0][0], picture.points[-1][0]
    starts = _month_starts(first, last)
    every = max(1, -(-len(starts) * 46 // max(1, width - LEFT - RIGHT)))
    shown = starts[::every]
    base, rows, year = height - BOTTOM, [], 0
    for day in shown:
        place = x(day.toordinal())
        anchor = "end" if place > width - RIGHT - 12 else "middle"
        rows.append((short(place), base, base + 4, base + 16, anchor, f"{day:%b}"))
        if day.year != year:
            year = day.year
            rows.append((short(place), base, base + 4, base + 31, anchor, str(year)))
    return format_html_join(
        "",
        '<line class="xt" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>'
        '<text class="tick" x="{0}" y="{3}" text-anchor="{4}">{5}</text>',
        rows,
    )


def _month_starts(first: date, last: date) -> list[date]:
    day, found = first.replace(day=1), []
    while day <= last:
        if day >= first:
            found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return found or [first]


def _breaks(picture: SeriesPicture, x: Scale, top: float, height: int) -> SafeString:
    """Where the KPI's definition changed: nothing is read across."""
    return format_html_join(
        "",
        '<line class="zero" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>',
        (
            (short(x(day.toordinal())), top, height - BOTTOM)
            for day in picture.breaks
            if x.lo <= day.toordinal() <= x.hi
        ),
    )


def _target(picture: SeriesPicture, y: Scale, width: int) -> SafeString:
    if picture.target is None:
        return mark_safe("")
    place = short(y(picture.target))
    line = format_html('<line class="target" x1="{}" x2="{}" y1="{}" y2="{}"/>', LEFT, width - RIGHT, place, place)
    if picture.is_small:
        return line
    above = short(y(picture.target) - 5)
    return line + format_html('<text class="target-t" x="{}" y="{}">{}</text>', LEFT + 4, above, picture.target_text)


def _line(picture: SeriesPicture, x: Scale, y: Scale) -> SafeString:
    values = [value for _, value in picture.points]
    places = [x(day.toordinal()) for day, _ in picture.points]
    drawn, lonely = [], []
    for run in runs(values):
        points = [(places[index], y(value)) for index, value in run]
        if len(points) == 1:
            lonely.append(points[0])
            continue
        drawn.append(path(_stepped(points) if picture.is_steps else points))
    last_index, last = next((i, v) for i, v in reversed(list(enumerate(values))) if v is not None)
    lonely.append((places[last_index], y(last)))
    dots = format_html_join(
        "", '<circle class="obs-dot" cx="{}" cy="{}" r="2.3"/>', ((short(a), short(b)) for a, b in lonely)
    )
    line = format_html('<path class="obs day" d="{}"/>', "".join(drawn)) if drawn else mark_safe("")
    return mark_safe(line + dots)  # noqa: S308 - both parts are escaped already


def _area(picture: SeriesPicture, x: Scale, y: Scale) -> SafeString:
    """The ground under counts that start at zero, one piece for each unbroken run."""
    if not (picture.is_steps and picture.starts_at_zero):
        return mark_safe("")
    places, drawn = [x(day.toordinal()) for day, _ in picture.points], []
    for run in runs([value for _, value in picture.points]):
        line = _stepped([(places[index], y(value)) for index, value in run])
        drawn.append(path([(line[0][0], y(0)), *line, (line[-1][0], y(0))]) + "Z")
    return format_html('<path class="reach-a" d="{}"/>', "".join(drawn))


def _stepped(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Weeks hold until the next one."""
    found = [points[0]]
    for (_, before), (place, value) in pairwise(points):
        found += [(place, before), (place, value)]
    return found


__all__ = ["Marker", "SeriesPicture", "series_chart"]
