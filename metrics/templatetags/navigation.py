"""The main links of every page as a template tag, drawn once for each state of what they show."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from metrics.queries.scope import RailProduct
from metrics.queries.shell import Me, Shell

register = template.Library()

NOBODY = Me(0, "", "")


@register.simple_tag
def links(place: str, shell: Shell) -> SafeString:
    """The links of the ``rail`` or the phone's ``bar``: pages and own products, with the current one and what waits."""
    return _drawn(place, shell.nav, shell.products, shell.open, shell.asked)


# They are the same for everybody whose counts are the same, and took a tenth of a page's rendering.
@lru_cache(maxsize=512)
def _drawn(place: str, nav: str, products: tuple[RailProduct, ...], open: int, asked: int) -> SafeString:
    shell = Shell(nav, products, NOBODY, open, asked)
    return mark_safe(render_to_string(f"components/{place}_links.html", {"shell": shell}))  # noqa: S308 - a template's
