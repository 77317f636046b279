"""The list of products."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pmtrack.web.freshness import fresh_page
from products.queries.products import product_page
from products.queries.versions import NAMES_ONLY


@require_safe
@fresh_page(lambda request: NAMES_ONLY)
def products(request: HttpRequest) -> HttpResponse:
    """Every product by type and name, page by page."""
    given = request.GET.get("page", "1")
    if not (given.isascii() and given.isdigit() and len(given) < 6 and int(given) > 0):
        raise Http404("There is no such page of products. Start from the first.")
    page = product_page(request.user, day=datetime.now(UTC).date(), page=int(given))
    return render(request, "products/list.html", {"page": page})
