"""Small marks that every page uses: icons, the type's glyph, initials, verdicts, grades. Values in, safe HTML out."""

from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

TYPE_WORDS = {"I": "internal", "E": "external"}
# The classes of verdict marks. Their words come with the verdict, from where it is computed.
VERDICTS = {"better", "better-ish", "worse", "worse-ish", "unsure", "flat", "early"}
GRADES = {"measured": "Measured", "confirmed": "Confirmed", "claimed": "Claimed"}
# How a release helped other work, drawn in a box of 14 by 14.
KINDS = {
    "enabled": ("Enabled", "M7 1v12M1 7h12"),
    "unblocked": ("Unblocked", "M3 1v12M6 7h7M10 4l3 3-3 3"),
    "accelerated": ("Accelerated", "M2 3l4 4-4 4M7.5 3l4 4-4 4"),
}


def _drawing(name: str) -> str:
    """The inside of a vendored icon."""
    found = finders.find(f"pmtrack/icons/{name}.svg")
    if found is None:
        raise template.TemplateSyntaxError(f"There is no icon '{name}'. Add it to pmtrack/static/pmtrack/icons.")
    text = Path(str(found)).read_text()
    return text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")].strip()


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """A vendored icon, drawn in the colour of the text; decoration only, so hidden from screen readers."""
    drawing = mark_safe(_drawing(name))  # noqa: S308 - a file of ours, its hash is tested
    return format_html(
        '<svg class="ic" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round"'
        ' stroke-linejoin="round" aria-hidden="true">{}</svg>',
        drawing,
    )


@register.simple_tag
@cache
def ty(kind: str) -> SafeString:
    """The glyph of a product's type: a filled square I, an open circle E. Shape and letter, never colour alone."""
    return format_html(
        '<span class="ty ty-{}">{}<span class="vh"> {} product</span></span>', kind.lower(), kind, TYPE_WORDS[kind]
    )


@register.simple_tag
def avatar(name: str) -> SafeString:
    """A person's initials; the name stands beside it, so screen readers skip it."""
    initials = "".join(part[0] for part in name.split()[:2])
    return format_html('<span class="av" aria-hidden="true">{}</span>', initials.upper())


@register.simple_tag
def verdict_word(kind: str, word: str) -> SafeString:
    """A verdict's word behind the same mark that its interval carries; ``kind`` is one of VERDICTS."""
    if kind not in VERDICTS:
        raise template.TemplateSyntaxError(f"There is no verdict mark '{kind}', only {', '.join(sorted(VERDICTS))}.")
    return format_html('<span class="vd vd-{}">{}</span>', kind, word)


@register.simple_tag
def grade(name: str) -> SafeString:
    """How well a benefit is backed: ``measured``, ``confirmed`` or ``claimed``, as a square and its word."""
    return format_html('<span class="gr gr-{}">{}</span>', name, GRADES[name])


@register.simple_tag
def kind(name: str) -> SafeString:
    """How a release helped other work: ``enabled``, ``unblocked`` or ``accelerated``, as a sign and its word."""
    word, drawing = KINDS[name]
    return format_html(
        '<span class="kind"><svg viewBox="0 0 14 14" fill="none" stroke="currentColor" stroke-width="1.6"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="{}"/></svg>{}</span>',
        drawing,
        word,
    )
