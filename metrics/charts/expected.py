"""What lies under and over the days of a KPI around one release: bands, the expected line, events, and a cursor to read by."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from metrics.charts.scales import Scale, path, short

LETTER_WIDTH, WORDS_ROOM = 6.2, 8
HALF_DAY = 0.5


@dataclass(frozen=True, slots=True)
class WindowDay:
    """One day of the window: what was seen, what was expected, and where half and nine in ten of single days would lie.

    None where nothing is known or nothing is expected. Values are on the chart's own scale.
    """

    day: date
    observed: float | None
    expected: float | None
    half: tuple[float, float] | None = None
    most: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Shade:
    """An event from its first to its last day."""

    first: date
    last: date
    label: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """The window of a release with the events around it."""

    days: Sequence[WindowDay] = ()
    shades: Sequence[Shade] = ()

    @property
    def values(self) -> list[float]:
        """Every value that the chart must have room for."""
        found = [day.expected for day in self.days if day.expected is not None]
        return found + [end for day in self.days if day.most is not None for end in day.most]


def draw_under(overlay: Overlay | None, x: Scale, y: Scale, *, has_words: bool) -> SafeString:
    """What the observed line lies over: shaded events, bands from wide to narrow, and the expected line."""
    if overlay is None:
        return mark_safe("")
    parts = [
        _shades(overlay.shades, x, y, has_words=has_words),
        *[_band(overlay.days, name, x, y) for name in ("most", "half")],
        _expected(overlay.days, x, y),
    ]
    return mark_safe("".join(parts))  # noqa: S308 - each part is escaped already


def draw_over(overlay: Overlay | None, x: Scale, y: Scale) -> SafeString:
    """The window's days as dots."""
    if overlay is None:
        return mark_safe("")
    return format_html_join(
        "",
        '<circle class="obs-dot" cx="{}" cy="{}" r="2.3"/>',
        (
            (short(x(day.day.toordinal())), short(y(day.observed)))
            for day in overlay.days
            if day.observed is not None and x.lo <= day.day.toordinal() <= x.hi
        ),
    )


def draw_cursor(places: Sequence[Sequence[float | str]], x: Scale, y: Scale) -> SafeString:
    """A line and a dot that wait, out of sight, for a script; ``places`` are x, y and the words of each point."""
    return format_html(
        '<g class="cursor" visibility="hidden" data-places="{}"><line class="cur" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<circle class="cur-d" r="4.5"/></g>',
        json.dumps(places, ensure_ascii=False, separators=(",", ":")),
        short(x.start),
        short(x.start),
        short(y.end),
        short(y.start),
    )


def _shades(shades: Sequence[Shade], x: Scale, y: Scale, *, has_words: bool) -> SafeString:
    """Each event over its whole days, as far as they are drawn, with its name where there is room for it."""
    drawn = []
    for shade in shades:
        left = x(max(shade.first.toordinal() - HALF_DAY, x.lo))
        right = x(min(shade.last.toordinal() + HALF_DAY, x.hi))
        if right <= left:
            continue
        words = shade.label if has_words and len(shade.label) * LETTER_WIDTH < right - left + 2 * WORDS_ROOM else ""
        drawn.append((short(left), short(y.end), short(right - left), short(y.start - y.end), shade.label,
                      short((left + right) / 2), short(y.start - 7), words))  # fmt: skip
    return format_html_join(
        "",
        '<rect class="shade" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
        '<text class="shade-t" x="{}" y="{}" text-anchor="middle">{}</text>',
        drawn,
    )


def _band(days: Sequence[WindowDay], name: str, x: Scale, y: Scale) -> SafeString:
    """One band about single days, in as many pieces as the days with an expectation make."""
    drawn = []
    for run in _runs([day for day in days if day.expected is not None]):
        ends = [
            (x(day.day.toordinal()), *(y(end) for end in getattr(day, name) or (day.expected, day.expected)))
            for day in run
        ]
        low, high = [(place, low) for place, low, _ in ends], [(place, high) for place, _, high in ends]
        drawn.append(path([*high, *reversed(low)]) + "Z")
    return format_html('<path class="band{}" d="{}"/>', "90" if name == "most" else "50", "".join(drawn))


def _expected(days: Sequence[WindowDay], x: Scale, y: Scale) -> SafeString:
    runs = _runs([day for day in days if day.expected is not None])
    lines = [path([(x(day.day.toordinal()), y(day.expected or 0.0)) for day in run]) for run in runs]
    return format_html('<path class="exp" d="{}"/>', "".join(lines))


def _runs(days: Sequence[WindowDay]) -> list[list[WindowDay]]:
    """The unbroken stretches of days."""
    numbered = enumerate(days)
    return [[day for _, day in run] for _, run in groupby(numbered, key=lambda one: one[1].day.toordinal() - one[0])]
