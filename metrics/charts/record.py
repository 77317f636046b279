"""A person's months: bars for the products he stood for, marks for what he shipped, lines for what he did besides."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from metrics.charts.scales import Scale, short

BAR, BAR_STEP, TOP = 30, 36, 8
LINE_STEP, LETTER, LINE_CUT = 24, 6.6, 70
# Below this width only bars and marks are drawn; a list tells the rest.
NAMED_FROM, LABEL_WIDTH, MONTH_WIDTH = 700, 150, 46
ROUND = {"better", "better-ish", "worse", "worse-ish", "unsure", "flat", "early", "withdrawn"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A product that somebody stood for, from day to day."""

    name: str
    type: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Dot:
    """Something shipped on a day, with its verdict's mark."""

    day: date
    title: str
    words: str
    mark: str


@dataclass(frozen=True, slots=True)
class Line:
    """Something done besides, from day to day."""

    title: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class RecordPicture:
    """The days ``[start, end)`` with what happened in them; ``label`` says it in words."""

    start: date
    end: date
    bars: Sequence[Bar]
    dots: Sequence[Dot]
    lines: Sequence[Line]
    label: str


def record_chart(picture: RecordPicture, *, width: int) -> SafeString:
    """The picture at ``width`` units."""
    x = Scale(picture.start.toordinal(), picture.end.toordinal(), 0, width)
    is_named = width >= NAMED_FROM
    bars, bar_levels = _bars(picture.bars, x)
    marks_at = TOP + BAR_STEP * max(bar_levels, 1) + 22
    lines_at = marks_at + (82 if is_named else 48)
    lines, line_levels = _lines(picture.lines, x, lines_at + 10, is_named=is_named)
    bottom = lines_at + 10 + LINE_STEP * line_levels if picture.lines else marks_at + (56 if is_named else 28)
    return format_html(
        '<svg class="chart rec" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}</svg>',
        width,
        short(bottom + 20),
        picture.label,
        _months(picture, x, bottom),
        bars,
        format_html('<text class="lane" x="0" y="{}">Releases and what they did</text>', short(marks_at)),
        _dots(picture.dots, x, marks_at + 14, is_named=is_named),
        format_html('<text class="lane" x="0" y="{}">Outside the products</text>', short(lines_at))
        if picture.lines
        else "",
        lines,
    )


def _months(picture: RecordPicture, x: Scale, bottom: float) -> SafeString:
    """A line at the first of each month that has room for its name; the year is told at the first and in January."""
    days = [picture.start]
    while (following := _month_after(days[-1])) < picture.end:
        days.append(following)
    step = next(step for step in (1, 2, 3, 6, 12, 60) if step * x.end / len(days) >= MONTH_WIDTH)
    shown = days[::step]
    return format_html_join(
        "",
        '<line class="g" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/><text class="tick" x="{0}" y="{3}" text-anchor="{4}">{5}</text>',
        (
            (
                short(x(one.toordinal())), TOP, short(bottom), short(bottom + 16), "start" if at == 0 else "middle",
                f"{one:%b %Y}" if at == 0 or one.year != shown[at - 1].year else f"{one:%b}",
            )
            for at, one in enumerate(shown)
        ),
    )  # fmt: skip


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _levels(spans: Iterable[tuple[float, float]]) -> list[int]:
    """For each span from left to right the first level on which it touches none before."""
    ends: list[float] = []
    found = []
    for start, end in spans:
        level = next((at for at, last in enumerate(ends) if start >= last), len(ends))
        ends[level : level + 1] = [end]
        found.append(level)
    return found


def _bars(bars: Sequence[Bar], x: Scale) -> tuple[SafeString, int]:
    spans = [(x(one.first.toordinal()), x(one.last.toordinal())) for one in bars]
    levels = _levels(spans)
    drawn = format_html_join(
        "",
        '<rect class="ro-{0}" x="{1}" y="{2}" width="{3}" height="{4}" rx="{5}"/><text class="ro-{0}t" x="{6}" y="{7}">{8}</text>',
        (
            (
                one.type.lower(), short(start + 0.5), TOP + BAR_STEP * level, short(max(end - start - 4, 2)), BAR,
                4 if one.type == "I" else 15, short(start + 14), TOP + BAR_STEP * level + 20,
                _fitting(end - start - 32, f"{one.name} · {'internal' if one.type == 'I' else 'external'}", one.name),
            )
            for one, (start, end), level in zip(bars, spans, levels, strict=True)
        ),
    )  # fmt: skip
    return drawn, max(levels, default=0) + 1


def _fitting(room: float, *texts: str) -> str:
    """The first of the texts that has room; nothing where none has."""
    return next((text for text in texts if len(text) * 7.4 <= room), "")


def _dots(dots: Sequence[Dot], x: Scale, y: float, *, is_named: bool) -> SafeString:
    places = [x(one.day.toordinal()) for one in dots]
    roomy = _roomy(dots, places) if is_named else set()
    return format_html_join(
        "",
        "{}{}",
        (
            (_mark(one, place, y), _named(one, place, y, x) if at in roomy else "")
            for at, (one, place) in enumerate(zip(dots, places, strict=True))
        ),
    )


def _roomy(dots: Sequence[Dot], places: Sequence[float]) -> set[int]:
    """Which dots have room for their words: those that tell something first, the newest before the older ones."""
    held: set[int] = set()
    for at in sorted(range(len(dots)), key=lambda at: (dots[at].mark == "none", -at)):
        if all(abs(places[at] - places[other]) >= LABEL_WIDTH for other in held):
            held.add(at)
    return held


def _mark(dot: Dot, at: float, y: float) -> SafeString:
    title = f"{dot.title}: {dot.words}"
    if dot.mark in ROUND:
        return format_html(
            '<circle class="mk-{}" cx="{}" cy="{}" r="5.5"><title>{}</title></circle>',
            dot.mark,
            short(at),
            short(y),
            title,
        )
    return format_html(
        '<rect class="mk-{}" x="{}" y="{}" width="11" height="11" rx="1.5"><title>{}</title></rect>',
        dot.mark, short(at - 5.5), short(y - 5.5), title,
    )  # fmt: skip


def _named(dot: Dot, at: float, y: float, x: Scale) -> SafeString:
    anchor = "start" if at < LABEL_WIDTH / 2 else "end" if at > x.end - LABEL_WIDTH / 2 else "middle"
    return format_html(
        '<text class="b6" x="{0}" y="{1}" text-anchor="{2}">{3}</text><text class="tick" x="{0}" y="{4}" text-anchor="{2}">{5}</text>',
        short(at), short(y + 21), anchor, _cut(dot.title), short(y + 35), _cut(dot.words, 30),
    )  # fmt: skip


def _cut(text: str, most: int = 24) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _lines(lines: Sequence[Line], x: Scale, y: float, *, is_named: bool) -> tuple[SafeString, int]:
    spans = [(x(one.first.toordinal()), x(one.last.toordinal())) for one in lines]
    wide: Callable[[Line, float, float], float] = (
        (lambda one, start, end: max(end, start + LETTER * len(_cut(one.title, LINE_CUT))))
        if is_named
        else lambda one, start, end: end
    )
    levels = _levels((start, wide(one, start, end) + 8) for one, (start, end) in zip(lines, spans, strict=True))
    drawn = format_html_join(
        "",
        '<rect class="mk-out" x="{}" y="{}" width="{}" height="4" rx="2"><title>{}</title></rect>{}',
        (
            (
                short(start), short(y + LINE_STEP * level), short(max(end - start, 4)), one.title,
                format_html('<text x="{}" y="{}">{}</text>', short(start), short(y + LINE_STEP * level + 16), _cut(one.title, LINE_CUT))
                if is_named else "",
            )
            for one, (start, end), level in zip(lines, spans, levels, strict=True)
        ),
    )  # fmt: skip
    return drawn, max(levels, default=0) + 1
