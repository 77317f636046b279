"""Which products a token may write to, for all items of a request at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pmtrack.web.errors import Problem, not_found
from products.access import Reach, token_reach, visible_products
from products.models import Product


def reach_of(token: Any, slugs: Sequence[str], *, now: datetime) -> dict[str, Product | Problem]:
    """For each slug the product that the token may write to, or the problem: 404 unknown, 403 out of reach."""
    wanted = sorted(set(slugs))
    known = {product.slug: product for product in visible_products(token.created_by).filter(slug__in=wanted)}
    reached = token_reach(token, list(known), day=now.date()) if known else {}
    return {slug: _reached(slug, known, reached) for slug in wanted}


def _reached(slug: str, known: dict[str, Product], reached: dict[str, Reach]) -> Product | Problem:
    if slug not in known:
        return not_found(f"product '{slug}'")
    return refusal_of(reached[slug], slug) or known[slug]


def refusal_of(reach: Reach, slug: str) -> Problem | None:
    """403 in words where the token may not write to the product, else None."""
    if not reach.named:
        detail = f"This token may not write to '{slug}'. Use one made for it by its PM or lead."
        return Problem(403, "out-of-reach", detail)
    if not reach.held:
        detail = (
            f"The colleague who made this token is not a PM or lead of '{slug}' any more, so it writes nothing there. "
            "Have its PM or lead make a new one under /settings/tokens/."
        )
        return Problem(403, "maker-lost-role", detail)
    return None
