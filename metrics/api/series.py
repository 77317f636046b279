"""One KPI's days for clients: the values that the product page draws."""

from datetime import UTC, datetime

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.api.kpis import kpi_scope
from metrics.queries.kpi_values import KpiSeries
from metrics.queries.periods import BadPeriod, day_period
from metrics.queries.series import one_series
from pmtrack.web.answers import answer
from pmtrack.web.errors import not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.parsing import bad_parameter, day_parameter, parameters
from pmtrack.web.schema import answers
from pmtrack.web.throttles import TokenThrottle
from products.api.authentication import requires_scope

DAYS = [
    OpenApiParameter("from", OpenApiTypes.DATE, description="First day; fourteen months ago without it."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="The first day left out; the end of this month without it."),
]


@extend_schema(operation_id="read_kpi_series", parameters=DAYS, responses=answers(200, struct=KpiSeries))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(kpi_scope)
def read_kpi_series(request: Request, slug: str) -> HttpResponse:
    """A KPI day by day, with its level, target, definitions, release markers and corrections."""
    given = parameters(request, "from", "to")
    now = datetime.now(UTC)
    try:
        period = day_period(day_parameter(given, "from"), day_parameter(given, "to"), today=now.date())
    except BadPeriod as error:
        raise bad_parameter("from", str(error)) from None
    series = one_series(request.user, slug, period=period, now=now, exact=bool(given))
    if series is None:
        raise not_found(f"KPI '{slug[:80]}'")
    return answer(series)
