"""One row of the cycle as a template tag: a table cell for each stage, with its squares, what is stuck and how old the oldest is."""

from collections.abc import Sequence
from functools import cache

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from metrics.charts.marks import units
from metrics.queries.cycle import StageCell

register = template.Library()

HELD = '<td role="cell" data-l="{}"><a class="cell" href="{}">{}{}</a></td>'
STUCK = (
    '<span class="cap hot"><span class="nw">{} stuck<span class="ca">,</span></span> <span class="nw">{}</span></span>'
)
GOES_ON = '<span class="cap">{}<span class="ca"> · {}</span></span>'
NOTHING = '<td role="cell" data-l="{}"><span class="cap muted">nothing</span></td>'


@register.simple_tag
def stage_cells(cells: Sequence[StageCell], slug: str) -> SafeString:
    """The cells of one product's row; a page has a hundred of them, so they are not a template."""
    drawn = [_held(cell, slug) if cell.n else _nothing(cell.word) for cell in cells]
    return mark_safe("".join(drawn))  # noqa: S308 - joined from what was escaped above


@cache
def _nothing(word: str) -> SafeString:
    return format_html(NOTHING, word)


def _held(cell: StageCell, slug: str) -> SafeString:
    """Feedback leads to the inbox, everything else to the board."""
    page, filters = ("feedback", "scope=all&") if cell.stage == "heard" else ("cycle", "")
    words = format_html(STUCK, cell.stuck, cell.age_text) if cell.stuck else format_html(GOES_ON, cell.n, cell.age_text)
    return format_html(
        HELD, cell.word, f"{reverse(page)}?{filters}product={slug}", units(cell.kinds, label=cell.label), words
    )
