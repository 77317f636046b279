"""Every product with the team that owns it and the PM who answers for it."""

from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, Subquery, Value, Window
from django.db.models.functions import Coalesce

from products.access import Actor, visible_products
from products.models import Assignment, ProductTeam

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product in the list."""

    slug: str
    name: str
    type: str
    audience: str
    team: str
    pm: str


@dataclass(frozen=True, slots=True)
class ProductPage:
    """One page of products: ``internal`` and ``external`` count all of them."""

    rows: tuple[ProductRow, ...]
    internal: int
    external: int
    page: int
    pages: int


def product_page(user: Actor, *, day: date, page: int = 1) -> ProductPage:
    """The products by type and name. One statement."""
    team = ProductTeam.objects.filter(product=OuterRef("pk"), period__contains=day)
    pms = Assignment.objects.filter(product=OuterRef("pk"), period__contains=day).order_by("-role", "user__name")
    rows = (
        visible_products(user)
        .annotate(
            team=Coalesce(Subquery(team.values("team__name")[:1]), Value("")),
            pms=ArraySubquery(pms.values("user__name")),
            internal=Window(Count("pk", filter=Q(type="I"))),
            external=Window(Count("pk", filter=Q(type="E"))),
        )
        .order_by("type", "name", "pk")
        .values_list("slug", "name", "type", "audience", "team", "pms", "internal", "external")
    )
    found = list(rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS])
    internal, external = found[0][6:] if found else (0, 0)
    products = tuple(ProductRow(*row[:5], ", ".join(row[5]) or "nobody") for row in found)
    return ProductPage(products, internal, external, page, max(1, -(-(internal + external) // PAGE_ROWS)))
