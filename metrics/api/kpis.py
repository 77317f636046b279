"""KPIs and their readings, out."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.access import visible_kpis
from metrics.api.shapes import KpiOut, ReadingOut
from metrics.models import Kpi, Reading
from pmtrack.web.answers import answer
from pmtrack.web.errors import not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import bad_cursor, by_slug, cut_page
from pmtrack.web.parsing import day_parameter, parameters
from pmtrack.web.schema import PAGING, answers, query
from pmtrack.web.throttles import TokenThrottle
from products.api.authentication import requires_scope
from products.queries.versions import NAMES_ONLY, Scope


def show_kpi(kpi: Kpi) -> KpiOut:
    """A KPI as the API answers it."""
    return KpiOut(
        slug=kpi.slug,
        product=kpi.product.slug,
        name=kpi.name,
        family=kpi.family,
        form=kpi.form,
        unit=kpi.unit,
        currency=kpi.currency,
        direction=kpi.direction,
        target=kpi.target,
        is_main=kpi.is_main,
        source=kpi.source,
    )


def show_reading(reading: Reading) -> ReadingOut:
    """A reading as the API answers it."""
    return ReadingOut(
        day=reading.day,
        source=reading.source,
        numerator=reading.numerator,
        denominator=reading.denominator,
        n=reading.n,
        squares=reading.squares,
        status=reading.status,
        recorded_at=reading.recorded_at,
    )


def kpi_called(request: Request, slug: str) -> Kpi:
    """The KPI that the caller may see. Raises 404."""
    kpi = visible_kpis(request.user).select_related("product").filter(slug=slug).first()
    if kpi is None:
        raise not_found(f"KPI '{slug}'")
    return kpi


def kpi_scope(request: Request, slug: str) -> Scope:
    """The facts of the KPI's product."""
    return Scope(ids=tuple(visible_kpis(request.user).filter(slug=slug).values_list("product_id", flat=True)))


@extend_schema(
    operation_id="list_kpis",
    responses=answers(200, page_of=KpiOut),
    parameters=[query("product", "Slug of a product."), *PAGING],
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: NAMES_ONLY)
def list_kpis(request: Request) -> HttpResponse:
    """By slug; filter ``product``."""
    given = parameters(request, "product", "cursor", "limit")
    rows = visible_kpis(request.user).select_related("product").order_by("slug")
    if "product" in given:
        rows = rows.filter(product__slug=given["product"])
    return answer(cut_page(rows, given, after=by_slug, key=lambda row: row.slug, show=show_kpi))


@extend_schema(operation_id="read_kpi", responses=answers(200, struct=KpiOut))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request, slug: NAMES_ONLY)
def read_kpi(request: Request, slug: str) -> HttpResponse:
    """One KPI."""
    parameters(request)
    return answer(show_kpi(kpi_called(request, slug)))


@extend_schema(
    operation_id="list_readings",
    responses=answers(200, page_of=ReadingOut),
    parameters=[
        query("since", "From this day on.", format="date"),
        query("until", "Up to this day, which is not included.", format="date"),
        *PAGING,
    ],
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(kpi_scope)
def list_readings(request: Request, slug: str) -> HttpResponse:
    """One KPI's readings from its accepted source, oldest first; filters ``since`` and ``until`` (not included)."""
    given = parameters(request, "since", "until", "cursor", "limit")
    kpi = kpi_called(request, slug)
    rows = Reading.objects.filter(product=kpi.product_id, kpi=kpi, source=kpi.source).order_by("day")
    if since := day_parameter(given, "since"):
        rows = rows.filter(day__gte=since)
    if until := day_parameter(given, "until"):
        rows = rows.filter(day__lt=until)
    return answer(cut_page(rows, given, after=_after, key=_cursor, show=show_reading))


def _cursor(reading: Reading) -> int:
    """Days count from the first one there is."""
    return (reading.day - date.min).days


def _after(rows: QuerySet[Reading], cursor: Any) -> QuerySet[Reading]:
    """The days behind ``cursor``. Raises a 400 ``Problem`` for one we never gave."""
    if not isinstance(cursor, int) or cursor > (date.max - date.min).days:
        raise bad_cursor()
    return rows.filter(day__gt=date.min + timedelta(days=cursor))
