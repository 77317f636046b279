"""The list of KPIs, one KPI, and its readings as a table for spreadsheets."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from feedback.queries.entries import product_choices
from metrics.access import uploadable_kpis
from metrics.models import KpiFamily
from metrics.queries.kpi_list import KpiFilter, kpi_list
from metrics.queries.kpi_page import known_kpi, kpi_page
from metrics.queries.readings import ReadingRow, reading_page
from metrics.views.filters import BadFilter, bad_filter, page_links, read_choice, read_filters, read_page, span_links
from pmtrack.web.sheets import csv_answer
from products.models import ProductType

COLUMNS = ("day", "value", "numerator", "denominator", "n", "squares", "status", "source", "recorded_at", "corrections")


@require_safe
def kpis(request: HttpRequest) -> HttpResponse:
    """Every KPI by product, as far as the address narrows them."""
    products = product_choices(request.user)
    try:
        wanted = KpiFilter(
            read_choice(request, "product", [one.slug for one in products]),
            read_choice(request, "type", ProductType.values),
            read_choice(request, "family", KpiFamily.values),
        )
        page = read_page(request.GET.get("page", "1"))
    except BadFilter as error:
        return bad_filter(request, error)
    listed = kpi_list(request.user, wanted, now=datetime.now(UTC), page=page)
    choices = {"products": products, "types": ProductType.choices, "families": KpiFamily.choices}
    links = page_links(request, listed.page, listed.pages)
    return render(request, "metrics/kpis.html", {"list": listed, "wanted": wanted, **choices, **links})


@require_safe
def kpi(request: HttpRequest, slug: str) -> HttpResponse:
    """One KPI: its words, its days, its readings."""
    now = datetime.now(UTC)
    try:
        filters = read_filters(request, today=now.date())
    except BadFilter as error:
        return bad_filter(request, error)
    page = kpi_page(request.user, slug, period=filters.period, now=now, page=filters.page)
    if page is None:
        raise Http404(f"There is no KPI '{slug}' that you may see.")
    context = {
        "kpi": page,
        "may_upload": uploadable_kpis(request.user, day=now.date()).filter(slug=slug).exists(),
        "spans": span_links(request, filters.period, today=now.date()),
        "origin": request.build_absolute_uri("/").rstrip("/"),
        **page_links(request, page.readings.page, page.readings.pages),
    }
    return render(request, "metrics/kpi.html", context)


@require_safe
def kpi_readings_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The readings that the same page of the KPI lists, as CSV."""
    try:
        number = read_page(request.GET.get("page", "1"))
    except BadFilter as error:
        return bad_filter(request, error)
    found = known_kpi(request.user, slug)
    if found is None:
        raise Http404(f"There is no KPI '{slug}' that you may see.")
    page = reading_page(found, page=number)
    return csv_answer(f"{slug}-readings-{number}.csv", COLUMNS, [_cells(row) for row in page.rows])


def _cells(row: ReadingRow) -> tuple[object, ...]:
    told = "; ".join(f"{one.before} became {one.after} on {one.at_text}" for one in row.corrections)
    numbers = (row.value, row.numerator, row.denominator, row.n, row.squares)
    return (row.day, *numbers, row.status, row.source, row.recorded_at.isoformat(), told)
