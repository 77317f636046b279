"""A KPI day by day or a reach week by week, with the releases that went live: drawn on the server as SVG."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from metrics.charts.expected import Overlay, draw_cursor, draw_over, draw_under
from metrics.charts.marks import runs
from metrics.charts.releases import Marker, draw_flags, place_flags
from metrics.charts.scales import Scale, path, short, tick_text, ticks

RIGHT, BOTTOM, TOP = 14, 38, 20
MONTH_WIDTH = 46


@dataclass(frozen=True, slots=True)
class SeriesPicture:
    """What a series chart shows: ``points`` are days with their value, None where there is none (drawn as a gap).

    ``title`` and ``desc`` say in words what the picture shows. ``is_steps`` holds each value until the next. On the
    days in ``breaks`` the values start to mean something else; those in ``restated`` were corrected and wear a ring.
    ``is_small`` leaves the words to the text around the chart. ``overlay`` is the window of the release that the page is about;
    ``readouts`` say each point in words, for a script that moves a cursor over them.
    """

    points: Sequence[tuple[date, float | None]]
    title: str
    desc: str
    markers: Sequence[Marker] = ()
    breaks: Sequence[date] = ()
    restated: Sequence[date] = ()
    target: float | None = None
    target_text: str = ""
    starts_at_zero: bool = False
    is_steps: bool = False
    is_small: bool = False
    overlay: Overlay | None = None
    readouts: Sequence[str] = ()


def series_chart(picture: SeriesPicture, *, width: int = 736, height: int = 240) -> SafeString:
    """The chart at one width. Pages carry it twice, wide and narrow, and CSS shows one, so text is never scaled."""
    known = [value for _, value in picture.points if value is not None]
    if not known:
        return mark_safe("")
    lo, hi = _bounds(picture, known)
    labels = _labels(lo, hi)
    x = _days_scale(picture, left=_room(labels), right=width - RIGHT)
    flags = place_flags(picture.markers, x, width=width, has_words=not picture.is_small)
    top, bottom = TOP + flags.height, height - BOTTOM
    y = Scale(lo, hi, bottom, top)
    parts = [
        _area(picture, x, y),
        draw_under(picture.overlay, x, y, has_words=not picture.is_small),
        _grid(labels, x, y),
        _months(picture, x, bottom),
        _breaks(picture, x, y),
        _target(picture, x, y),
        draw_flags(flags, top=top, bottom=bottom),
        _line(picture, x, y),
        draw_over(picture.overlay, x, y),
        _cursor(picture, x, y),
        _rings(picture, x, y),
        _target_words(picture, x, y),
    ]
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}</svg>',
        width,
        height,
        picture.title,
        picture.desc,
        mark_safe("".join(parts)),  # noqa: S308 - each part is escaped already
    )


def _days_scale(picture: SeriesPicture, *, left: float, right: float) -> Scale:
    first, last = picture.points[0][0].toordinal(), picture.points[-1][0].toordinal()
    return Scale(first, max(last, first + 1), left, right)


def _bounds(picture: SeriesPicture, known: Sequence[float]) -> tuple[float, float]:
    """Where the values start and end, with some air; never below zero for what is never below zero."""
    values = [*known, *([picture.target] if picture.target is not None else [])]
    values += picture.overlay.values if picture.overlay else []
    lo, hi = min(values), max(values)
    air = (hi - lo) * 0.06 or abs(hi) * 0.05 or 1.0
    if picture.starts_at_zero:
        return 0.0, hi + air
    return (max(0.0, lo - air) if lo >= 0 else lo - air), hi + air


def _labels(lo: float, hi: float) -> tuple[tuple[float, str], ...]:
    values = ticks(lo, hi)
    step = values[1] - values[0] if len(values) > 1 else 1.0
    return tuple((value, tick_text(value, step)) for value in values)


def _room(labels: Sequence[tuple[float, str]]) -> int:
    """What the longest label needs to the left of the plot."""
    return 9 + 7 * max(len(text) for _, text in labels)


def _grid(labels: Sequence[tuple[float, str]], x: Scale, y: Scale) -> SafeString:
    return format_html_join(
        "",
        '<line class="g" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                short(x.start),
                short(x.end),
                short(y(value)),
                short(y(value)),
                short(x.start - 6),
                short(y(value) + 4),
                text,
            )
            for value, text in labels
        ),
    )


def _months(picture: SeriesPicture, x: Scale, base: float) -> SafeString:
    """Ticks at the first of months, as many as have room; the year on a second line."""
    starts = _month_starts(picture.points[0][0], picture.points[-1][0])
    every = max(1, math.ceil(len(starts) * MONTH_WIDTH / (x.end - x.start)))
    rows, year = [], 0
    for day in starts[::every]:
        place = x(day.toordinal())
        anchor = "end" if place > x.end - 12 else "middle"
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


def _breaks(picture: SeriesPicture, x: Scale, y: Scale) -> SafeString:
    """Where the KPI's definition changed: nothing is read across."""
    days = [day.toordinal() for day in picture.breaks]
    return format_html_join(
        "",
        '<line class="zero" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>',
        ((short(x(day)), short(y.end), short(y.start)) for day in days if x.lo <= day <= x.hi),
    )


def _target(picture: SeriesPicture, x: Scale, y: Scale) -> SafeString:
    if picture.target is None:
        return mark_safe("")
    left, right, place = short(x.start), short(x.end), short(y(picture.target))
    return format_html('<line class="target" x1="{}" x2="{}" y1="{}" y2="{}"/>', left, right, place, place)


def _target_words(picture: SeriesPicture, x: Scale, y: Scale) -> SafeString:
    """Written last, over the line; small charts leave it to the text around them."""
    if picture.target is None or picture.is_small:
        return mark_safe("")
    left, above = short(x.start + 4), short(y(picture.target) - 5)
    return format_html('<text class="target-t" x="{}" y="{}">{}</text>', left, above, picture.target_text)


def _line(picture: SeriesPicture, x: Scale, y: Scale) -> SafeString:
    values = [value for _, value in picture.points]
    places = [x(day.toordinal()) for day, _ in picture.points]
    drawn, lonely = [], []
    for run in _unbroken(picture):
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


def _unbroken(picture: SeriesPicture) -> list[list[tuple[int, float]]]:
    """The stretches that one line may join: without a gap, and within one meaning."""
    breaks = sorted(picture.breaks)
    found: list[list[tuple[int, float]]] = []
    for run in runs([value for _, value in picture.points]):
        pieces: dict[int, list[tuple[int, float]]] = {}
        for index, value in run:
            pieces.setdefault(bisect_right(breaks, picture.points[index][0]), []).append((index, value))
        found += pieces.values()
    return found


def _rings(picture: SeriesPicture, x: Scale, y: Scale) -> SafeString:
    """Days whose value was corrected; small charts leave them to the text around them."""
    restated = set(picture.restated) if not picture.is_small else set()
    return format_html_join(
        "",
        '<circle class="restated" cx="{}" cy="{}" r="3.5"/>',
        (
            (short(x(day.toordinal())), short(y(value)))
            for day, value in picture.points
            if day in restated and value is not None
        ),
    )


def _cursor(picture: SeriesPicture, x: Scale, y: Scale) -> SafeString:
    """A cursor that waits for a script, with the place and the words of every point that has a value."""
    if not picture.readouts or picture.is_small:
        return mark_safe("")
    told = zip(picture.points, picture.readouts, strict=True)
    places = [
        [float(short(x(day.toordinal()))), float(short(y(value))), words]
        for (day, value), words in told
        if value is not None
    ]
    return draw_cursor(places, x, y)


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
