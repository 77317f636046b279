"""A product's impact page, for both types."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from metrics.access import uploadable_kpis
from metrics.queries.product_page import product_impact
from metrics.views.filters import BadFilter, bad_filter, read_filters, span_links
from metrics.views.shell import version_with_teams
from pmtrack.web.freshness import fresh_page
from products.queries.versions import product_scope


@require_safe
@fresh_page(lambda request, slug: product_scope(slug), version_with_teams)
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """What one product shipped, heard and moved."""
    now = datetime.now(UTC)
    try:
        filters = read_filters(request, today=now.date())
    except BadFilter as error:
        return bad_filter(request, error)
    impact = product_impact(request.user, slug, period=filters.period, now=now)
    if impact is None:
        raise Http404(f"There is no product '{slug}' that you may see.")
    uploads = uploadable_kpis(request.user, day=now.date()).filter(product__slug=slug).exists()
    spans = span_links(request, filters.period, today=now.date())
    context = {"product": impact, "spans": spans, "may_upload": uploads}
    return render(request, "metrics/product.html", context)
