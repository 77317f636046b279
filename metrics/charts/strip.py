"""A strip of dots against what is usual: one dot is one thing, the band is the middle half, the triangle the median."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from metrics.charts.scales import Scale, short, tick_text, ticks

SIDE, DOT, BASE = 8, 3.6, 20


@dataclass(frozen=True, slots=True)
class StripPicture:
    """Values with the range that was usual before, in the same unit, if there is one; ``label`` says it in words."""

    values: Sequence[float]
    usual: tuple[float, float] | None
    label: str


def dot_strip(picture: StripPicture, *, width: int = 400, height: int = 58) -> SafeString:
    """The strip from zero to the largest value; equal values are stacked. Nothing without values."""
    if not picture.values:
        return mark_safe("")
    x = _scale(picture, width)
    base = height - BASE
    middle = x(median_low(picture.values))
    return format_html(
        '<svg class="chart strip" viewBox="0 0 {0} {1}" role="img" aria-label="{2}">'
        '{3}<line class="g" x1="{4}" x2="{5}" y1="{6}" y2="{6}"/>{7}<path class="med" d="M{8} {9}l-4 6h8z"/>{10}</svg>',
        width,
        height,
        picture.label,
        _band(picture.usual, x, base - 6),
        SIDE,
        width - SIDE,
        base,
        _dots(sorted(x(value) for value in picture.values), base - 6),
        short(middle),
        base + 1,
        _ticks(x, width, height),
    )


def _band(usual: tuple[float, float] | None, x: Scale, height: float) -> SafeString:
    """The middle half, or nothing."""
    if usual is None:
        return mark_safe("")
    low, high = (x(value) for value in usual)
    drawing = '<rect class="typ" x="{}" y="6" width="{}" height="{}" rx="2"/>'
    return format_html(drawing, short(low), short(high - low), height)


def _scale(picture: StripPicture, width: int) -> Scale:
    most = max(*picture.values, *(picture.usual or ()), 1.0)
    step = ticks(0, most)[1]
    return Scale(0, math.ceil(most / step) * step, SIDE, width - SIDE)


def _dots(places: Sequence[float], bottom: float) -> SafeString:
    """Each dot on the lowest level where it touches no other."""
    levels: list[float] = []
    placed = []
    for place in places:
        level = next((at for at, end in enumerate(levels) if place - end >= 2 * DOT + 0.8), len(levels))
        levels[level : level + 1] = [place]
        placed.append((short(place), short(bottom - level * (2 * DOT + 0.8)), DOT))
    return format_html_join("", '<circle class="sd" cx="{}" cy="{}" r="{}"/>', placed)


def _ticks(x: Scale, width: int, height: int) -> SafeString:
    values = ticks(x.lo, x.hi)
    anchors = ["start", *["middle"] * (len(values) - 2), "end"]
    return format_html_join(
        "",
        '<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (short(x(value)), height - 2, anchor, tick_text(value, values[1] - values[0]))
            for value, anchor in zip(values, anchors, strict=True)
        ),
    )
