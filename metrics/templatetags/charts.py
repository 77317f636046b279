"""Charts as template tags: frozen pictures in, safe SVG out."""

from collections.abc import Sequence
from dataclasses import replace

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.charts import effects, marks, strip
from metrics.charts.downstream import DownstreamPicture, downstream_graph
from metrics.charts.record import RecordPicture, record_chart
from metrics.charts.series import SeriesPicture, series_chart
from metrics.queries.effects import Effect
from products.templatetags.ui import KINDS

# How work helped, drawn in a box of 14 by 14.
SIGNS = {name: drawing for name, (_, drawing) in KINDS.items()}

register = template.Library()


@register.simple_tag
def chart(picture: SeriesPicture, height: int = 240, wide: int = 736, narrow: int = 350) -> SafeString:
    """A series at two widths, of which CSS shows one."""
    return format_html(
        '<div class="wide">{}</div><div class="narrow">{}</div>',
        series_chart(picture, width=wide, height=height),
        series_chart(picture, width=narrow, height=height),
    )


@register.simple_tag
def small_chart(picture: SeriesPicture, width: int = 250, height: int = 170) -> SafeString:
    """A series for small multiples, at the width of a card; names and target stand in the text around it."""
    return series_chart(replace(picture, is_small=True), width=width, height=height)


@register.simple_tag
def effect_chart(picture: SeriesPicture, height: int = 330) -> SafeString:
    """The days around a release at two widths; the wide one is read with the arrow keys where scripts run."""
    narrow = replace(picture, readouts=())
    return format_html(
        '<div class="chartbox wide" data-chart>{}</div><div class="narrow">{}</div>',
        series_chart(picture, width=736, height=height),
        series_chart(narrow, width=350, height=300),
    )


@register.simple_tag
def gap_chart(picture: effects.GapPicture) -> SafeString:
    """The days of a window against what was expected of them."""
    return effects.gap_chart(picture)


@register.simple_tag
def past_chart(picture: effects.PastPicture) -> SafeString:
    """A release among the quiet dates before it."""
    return effects.past_chart(picture)


@register.simple_tag
def effect_mark(effect: Effect, domain: tuple[float, float], drawn_in: float | None = None) -> SafeString:
    """An effect on an axis on which right is always better; ``drawn_in`` is the change drawn towards 0, where it is told."""
    est, wide, inner = effect.axis
    kind = "unsure" if effect.kind in {"withdrawn", "none"} else effect.kind
    turn = 1 if effect.unit.direction == "up" else -1
    drawn = None if drawn_in is None else turn * drawn_in
    return marks.interval(est, wide, inner, domain, kind, effect.label, drawn)


@register.simple_tag
def effect_word(effect: Effect) -> SafeString:
    """An effect's verdict behind its mark; one that was taken back has a line through it, a reason has no mark."""
    if effect.kind == "none":
        return format_html('<span class="vd-none">{}</span>', effect.short_words)
    if effect.kind == "withdrawn":
        return format_html('<span class="vd-none{}">{}</span>', " struck" if effect.is_struck else "", effect.words)
    return format_html('<span class="vd vd-{}">{}</span>', effect.kind, effect.words)


@register.simple_tag
def sparkline(values: Sequence[float | None]) -> SafeString:
    """A line without axis for table rows."""
    return marks.sparkline(tuple(values))


@register.simple_tag
def interval(
    est: float,
    lo90: float,
    hi90: float,
    lo50: float,
    hi50: float,
    domain: tuple[float, float],
    kind: str,
    label: str,
) -> SafeString:
    """An estimate on an axis from ``domain[0]`` to ``domain[1]``; ``kind`` is the verdict's class, ``label`` its words."""
    return marks.interval(est, (lo90, hi90), (lo50, hi50), domain, kind, label)


@register.simple_tag
def axis(domain: tuple[float, float], labels: Sequence[tuple[float, str]]) -> SafeString:
    """The axis above a column of intervals; ``labels`` are places with their words."""
    return marks.axis(domain, labels)


@register.simple_tag
def dot_strip(picture: strip.StripPicture) -> SafeString:
    """One dot for each thing, against what is usual."""
    return strip.dot_strip(picture)


@register.simple_tag
def units(kinds: Sequence[str], label: str) -> SafeString:
    """Squares, one for each thing."""
    return marks.units(kinds, label=label)


@register.simple_tag
def downstream(picture: DownstreamPicture) -> SafeString:
    """The downstream graph at full width; where it has no room, the same links stand as a list."""
    return downstream_graph(picture, SIGNS)


@register.simple_tag
def record(picture: RecordPicture) -> SafeString:
    """A person's months at two widths, of which CSS shows one."""
    return format_html(
        '<div class="wide">{}</div><div class="narrow">{}</div>',
        record_chart(picture, width=1120),
        record_chart(picture, width=350),
    )
