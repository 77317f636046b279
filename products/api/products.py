"""Products, as clients need them to name what they push for."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request

from pmtrack.web.answers import answer
from pmtrack.web.errors import not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_slug, cut_page
from pmtrack.web.parsing import choice_parameter, parameters
from pmtrack.web.schema import PAGING, answers, query
from products.access import visible_products
from products.api.authentication import requires_scope
from products.api.shapes import ProductOut
from products.models import Product, ProductType
from products.queries.versions import NAMES_ONLY

TYPE = query("type", "I: used by colleagues, E: used by customers.", choices=ProductType.values)


def show_product(product: Product) -> ProductOut:
    """A product as the API answers it."""
    return ProductOut(
        slug=product.slug,
        name=product.name,
        type=product.type,
        audience=product.audience,
        time_zone=product.time_zone,
        currency=product.currency,
        production_environment=product.production_environment,
        released_is_live=product.released_is_live,
        continues=product.continues.slug if product.continues else None,
        country=product.country,
        subdivision=product.subdivision,
    )


@extend_schema(operation_id="list_products", responses=answers(200, page_of=ProductOut), parameters=[TYPE, *PAGING])
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request: NAMES_ONLY)
def list_products(request: Request) -> HttpResponse:
    """By slug; filter ``type``."""
    given = parameters(request, "type", "cursor", "limit")
    rows = visible_products(request.user).select_related("continues").order_by("slug")
    if kind := choice_parameter(given, "type", ProductType.values):
        rows = rows.filter(type=kind)
    return answer(cut_page(rows, given, after=by_slug, key=lambda row: row.slug, show=show_product))


@extend_schema(operation_id="read_product", responses=answers(200, struct=ProductOut))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request, slug: NAMES_ONLY)
def read_product(request: Request, slug: str) -> HttpResponse:
    """One product by its slug."""
    parameters(request)
    product = visible_products(request.user).select_related("continues").filter(slug=slug).first()
    if product is None:
        raise not_found(f"product '{slug}'")
    return answer(show_product(product))
