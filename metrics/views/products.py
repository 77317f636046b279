"""A product's impact page, for both types, and its reach as a table for spreadsheets."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feedback.queries.allies import allies_of
from feedback.queries.product_told import product_told
from metrics.access import assessed_products, uploadable_kpis, uploadable_usage, visible_usage
from metrics.queries.credits_panels import product_credit
from metrics.queries.enablement_panels import product_enablements
from metrics.queries.product_effects import cards_of
from metrics.queries.product_page import product_impact
from metrics.views.filters import BadFilter, bad_filter, read_filters, span_links
from metrics.views.shell import version_with_teams
from pmtrack.web.freshness import fresh_page
from pmtrack.web.sheets import csv_answer
from products.access import visible_products
from products.models import ProductType
from products.queries.ally_waits import function_waits
from products.queries.versions import product_scope

# The columns that an upload takes, so that the file can come back; then who sent it and when.
COLUMNS = {
    "product": "product__slug",
    "team": "team__slug",
    "week": "week",
    "active_users": "active_users",
    "eligible_users": "eligible_users",
    "actions": "actions",
    "source": "source",
    "recorded_at": "recorded_at",
}


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
    cards = cards_of(request.user, impact.kpis, impact.effects)
    helped = product_enablements(request.user, slug, day=now.date())
    credit = product_credit(request.user, impact.name, slug, helped, period=filters.period)
    context = {"product": impact, "cards": cards, "spans": spans, "may_upload": uploads, "enablements": helped}
    context["credit"] = credit
    start, end = filters.period.instants
    context["allies"] = allies_of(request.user, slug, start=start, end=end, day=now.date())
    if impact.type == ProductType.EXTERNAL:
        context["waits"] = function_waits(request.user, slug, start=start, end=end, now=now)
    if impact.type == ProductType.INTERNAL:
        context["told"] = product_told(request.user, slug, start=start, end=end, now=now)
        context["may_read_assessments"] = assessed_products(request.user, day=now.date()).filter(slug=slug).exists()
        context["may_upload_usage"] = uploadable_usage(request.user, day=now.date()).filter(slug=slug).exists()
    return render(request, "metrics/product.html", context)


@require_safe
def reach_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The usage behind the reach of the page's period, team by team and week by week, as CSV."""
    try:
        period = read_filters(request, today=datetime.now(UTC).date()).period
    except BadFilter as error:
        return bad_filter(request, error)
    if not visible_products(request.user).filter(slug=slug, type=ProductType.INTERNAL).exists():
        raise Http404(f"There is no internal product '{slug}' that you may see.")
    rows = visible_usage(request.user).filter(product__slug=slug, week__gte=period.first_week, week__lt=period.end)
    values = rows.order_by("week", "team__slug").values_list(*COLUMNS.values()).iterator()
    return csv_answer(f"{slug}-reach.csv", tuple(COLUMNS), values)
