"""Charts as template tags: frozen pictures in, safe SVG out."""

from collections.abc import Sequence
from dataclasses import replace

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.charts import marks, strip
from metrics.charts.series import SeriesPicture, series_chart

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
def sparkline(values: Sequence[float | None]) -> SafeString:
    """A line without axis for table rows."""
    return marks.sparkline(values)


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
