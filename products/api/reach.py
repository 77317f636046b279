"""Which products a token may write to, for all items of a request at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pmtrack.web.errors import Problem, not_found
from products.access import token_products, visible_products
from products.models import Product


def reach_of(token: Any, slugs: Sequence[str], *, now: datetime) -> dict[str, Product | Problem]:
    """For each slug the product that the token may write to, or the problem: 404 unknown, 403 out of reach."""
    known = {product.slug: product for product in visible_products(token.created_by).filter(slug__in=set(slugs))}
    mine = set(token_products(token, day=now.date()).filter(slug__in=known).values_list("slug", flat=True))
    return {slug: _reached(slug, known, mine) for slug in set(slugs)}


def _reached(slug: str, known: dict[str, Product], mine: set[str]) -> Product | Problem:
    if slug not in known:
        return not_found(f"product '{slug}'")
    if slug not in mine:
        return Problem(
            403, "out-of-reach", f"This token may not write to '{slug}'. Use one made for it by its PM or lead."
        )
    return known[slug]
