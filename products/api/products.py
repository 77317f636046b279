"""Products, as clients need them to name what they push for."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response

from pmtrack.web.errors import not_found
from pmtrack.web.pagination import by_slug, cut_page
from pmtrack.web.parsing import bad_parameter, parameters
from pmtrack.web.schema import answers
from pmtrack.web.throttles import TokenThrottle
from products.access import visible_products
from products.api.authentication import requires_scope
from products.api.shapes import ProductOut
from products.models import Product, ProductType


def show_product(product: Product) -> dict[str, Any]:
    """A product as the API answers it."""
    return {
        "slug": product.slug,
        "name": product.name,
        "type": product.type,
        "audience": product.audience,
        "time_zone": product.time_zone,
        "currency": product.currency,
        "released_is_live": product.released_is_live,
        "continues": product.continues.slug if product.continues else None,
    }


@extend_schema(operation_id="list_products", responses=answers(200, page_of=ProductOut), filters=False)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
def list_products(request: Request) -> Response:
    """By slug; filter ``type``."""
    given = parameters(request, "type", "cursor", "limit")
    rows = visible_products(request.user).select_related("continues").order_by("slug")
    if "type" in given:
        if given["type"] not in ProductType.values:
            raise bad_parameter("type", "'type' must be I (internal) or E (external).")
        rows = rows.filter(type=given["type"])
    return Response(cut_page(rows, given, after=by_slug, key=lambda row: row.slug, show=show_product).body())


@extend_schema(operation_id="read_product", responses=answers(200, struct=ProductOut))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
def read_product(request: Request, slug: str) -> Response:
    """One product by its slug."""
    parameters(request)
    product = visible_products(request.user).select_related("continues").filter(slug=slug).first()
    if product is None:
        raise not_found(f"product '{slug}'")
    return Response(show_product(product))
