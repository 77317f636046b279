"""Two small charts beside a release: its days against what was expected, and itself among the quiet dates before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from metrics.charts.expected import WindowDay
from metrics.charts.scales import Scale, path, short, tick_text, ticks

LEFT, RIGHT, TOP, BOTTOM = 40, 52, 14, 26
SIDE, PAST_TOP = 20, 26
DOT_STEP, DOT = 4.6, 1.9


@dataclass(frozen=True, slots=True)
class GapPicture:
    """The days of a window minus what was expected of them. ``effect`` is the median gap, ``effect_text`` says it; ``kind`` its verdict."""

    days: Sequence[WindowDay]
    effect: float
    effect_text: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class PastPicture:
    """Effects on quiet dates and this release's own, in the same unit. ``unit`` is written after each tick."""

    past: Sequence[float]
    usual: tuple[float, float]
    effect: float
    effect_text: str
    kind: str
    unit: str
    label: str


def gap_chart(picture: GapPicture, *, width: int = 350, height: int = 190) -> SafeString:
    """Each day's gap as a dot over the bands of single days, and the effect as a line. Nothing without an expected day."""
    days = [day for day in picture.days if day.expected is not None]
    if not days:
        return mark_safe("")
    rows = [(day, day.expected or 0.0) for day in days]
    gaps = [(day.day, day.observed - level) for day, level in rows if day.observed is not None]
    most = [(day.day, tuple(end - level for end in day.most or (level, level))) for day, level in rows]
    half = [(day.day, tuple(end - level for end in day.half or (level, level))) for day, level in rows]
    values = [0.0, picture.effect, *[gap for _, gap in gaps], *[end for _, ends in most for end in ends]]
    air = (max(values) - min(values)) * 0.05 or 1.0
    x = Scale(
        days[0].day.toordinal(), max(days[-1].day.toordinal(), days[0].day.toordinal() + 1), LEFT + 8, width - RIGHT
    )
    y = Scale(min(values) - air, max(values) + air, height - BOTTOM, TOP)
    parts = [
        _area("band90", most, x, y),
        _area("band50", half, x, y),
        _levels(x, y),
        _effect_line(picture, x, y),
        format_html_join("", '<circle class="obs-dot" cx="{}" cy="{}" r="3"/>',
                         ((short(x(day.toordinal())), short(y(gap))) for day, gap in gaps)),
        _ends(days[0].day, days[-1].day, x, height),
    ]  # fmt: skip
    return _drawn("gap", picture.label, width, height, parts)


def past_chart(picture: PastPicture, *, width: int = 350, height: int = 190) -> SafeString:
    """One small dot is one quiet date, stacked where they are alike; the shaded middle is what is usual. Nothing without a past."""
    if not picture.past:
        return mark_safe("")
    reach = max(abs(value) for value in (*picture.past, picture.effect, *picture.usual)) * 1.08 or 1.0
    x, base = Scale(-reach, reach, SIDE, width - SIDE), height - BOTTOM
    low, high = (short(x(end)) for end in picture.usual)
    stacks = Counter(round((x(value) - x(0)) / DOT_STEP) for value in picture.past)
    rise = min(DOT_STEP, (base - 4 - PAST_TOP - DOT) / max(stacks.values()))
    dots = (
        (short(x(0) + place * DOT_STEP), short(base - 4 - level * rise), DOT)
        for place, count in sorted(stacks.items())
        for level in range(count)
    )
    parts = [
        format_html('<rect class="typ" x="{}" y="{}" width="{}" height="{}"/>', low, PAST_TOP, short(float(high) - float(low)), base - PAST_TOP),
        format_html('<line class="g0" x1="{}" x2="{}" y1="{}" y2="{}"/>', SIDE, width - SIDE, base, base),
        format_html('<line class="zero" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>', short(x(0)), PAST_TOP, base),
        format_html_join("", '<circle class="pd" cx="{}" cy="{}" r="{}"/>', dots),
        _own(picture, x, base, width),
        _past_ticks(picture, x, height),
    ]  # fmt: skip
    return _drawn("past", picture.label, width, height, parts)


def _drawn(name: str, label: str, width: int, height: int, parts: Sequence[SafeString]) -> SafeString:
    inside = mark_safe("".join(parts))  # noqa: S308 - each part is escaped already
    return format_html(
        '<svg class="chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>',
        name,
        width,
        height,
        label,
        inside,
    )


def _area(name: str, rows: Sequence[tuple[date, tuple[float, ...]]], x: Scale, y: Scale) -> SafeString:
    low = [(x(day.toordinal()), y(ends[0])) for day, ends in rows]
    high = [(x(day.toordinal()), y(ends[1])) for day, ends in rows]
    return format_html('<path class="{}" d="{}Z"/>', name, path([*high, *reversed(low)]))


def _levels(x: Scale, y: Scale) -> SafeString:
    values = ticks(y.lo, y.hi)
    step = values[1] - values[0] if len(values) > 1 else 1.0
    return format_html_join(
        "",
        '<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            ("g" if value else "g0", LEFT, short(x.end + 8), short(y(value)), short(y(value)), LEFT - 6, short(y(value) + 4),
             signed_tick(value, step))
            for value in values
        ),
    )  # fmt: skip


def _effect_line(picture: GapPicture, x: Scale, y: Scale) -> SafeString:
    place = short(y(picture.effect))
    return format_html(
        '<line class="eff eff-{0}" x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>'
        '<text class="eff-t eff-t-{0}" x="{4}" y="{5}">{6}</text><text class="tick" x="{4}" y="{7}">median</text>',
        picture.kind,
        short(x.start),
        short(x.end),
        place,
        short(x.end + 12),
        short(float(place) + 4),
        picture.effect_text,
        short(float(place) + 17),
    )


def _ends(first: date, last: date, x: Scale, height: int) -> SafeString:
    days = [first] if first == last else [first, last]
    return format_html_join(
        "",
        '<text class="tick" x="{}" y="{}" text-anchor="middle">{} {}</text>',
        ((short(x(day.toordinal())), height - 6, day.day, f"{day:%b}") for day in days),
    )


def _own(picture: PastPicture, x: Scale, base: int, width: int) -> SafeString:
    place = x(picture.effect)
    is_right = picture.effect > 0
    words = min(width - SIDE, place + 30) if is_right else max(SIDE, place - 30)
    return format_html(
        '<line class="eff eff-{0}" x1="{1}" x2="{1}" y1="{2}" y2="{3}"/><circle class="pm pm-{0}" cx="{1}" cy="{4}" r="5"/>'
        '<text class="eff-t eff-t-{0}" x="{5}" y="{6}" text-anchor="{7}">{8}</text>',
        picture.kind,
        short(place),
        PAST_TOP - 4,
        base,
        base - 6,
        short(words),
        PAST_TOP - 11,
        "end" if is_right else "start",
        picture.effect_text,
    )


def _past_ticks(picture: PastPicture, x: Scale, height: int) -> SafeString:
    values = ticks(x.lo, x.hi)
    step = values[1] - values[0] if len(values) > 1 else 1.0
    return format_html_join(
        "",
        '<text class="tick" x="{}" y="{}" text-anchor="middle">{}{}</text>',
        ((short(x(value)), height - 8, signed_tick(value, step), picture.unit if value else "") for value in values),
    )


def signed_tick(value: float, step: float) -> str:
    """A tick's label that says which way it lies from 0."""
    return f"{'+' if value > 0 else ''}{tick_text(value, step)}"
