"""The list of enablements, newest first, as far as its address narrows it."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from metrics.access import visible_enablements
from metrics.models import EnablementState
from metrics.queries.enablement_rows import EnablementTable, named, table_of
from products.access import Actor, writable_products
from products.catalog.words import in_words

SCOPES = ("all", "given", "had", "open")
PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class EnablementFilter:
    """``given`` by and ``had`` by the reader's products, ``open`` for those without an answer; a product's slug or ""."""

    scope: str = "all"
    product: str = ""


@dataclass(frozen=True, slots=True)
class EnablementList:
    """One page of the list."""

    table: EnablementTable
    total: int
    page: int
    pages: int

    @property
    def verdict(self) -> str:
        """How many there are, and that only answers count."""
        if not self.total:
            return "Nobody has said yet whose work helped whom."
        return f"{in_words(self.total, 'enablement').capitalize()}. Only what those who were helped confirmed counts for anybody."


def enablement_list(user: Actor, wanted: EnablementFilter, *, page: int, day: date) -> EnablementList:
    """A page of the enablements that the reader may see. Three statements."""
    rows = visible_enablements(user)
    mine = writable_products(user, day=day)
    if wanted.scope == "given":
        rows = rows.filter(upstream_product__in=mine)
    elif wanted.scope == "had":
        rows = rows.filter(downstream_product__in=mine)
    elif wanted.scope == "open":
        rows = rows.filter(state__in=[EnablementState.CLAIMED, EnablementState.EXPIRED])
    if wanted.product:
        rows = rows.filter(Q(upstream_product__slug=wanted.product) | Q(downstream_product__slug=wanted.product))
    total = rows.count()
    shown = list(named(rows).order_by("-pk")[(page - 1) * PAGE_ROWS : page * PAGE_ROWS])
    return EnablementList(table_of(shown), total, page, max(1, -(-total // PAGE_ROWS)))
