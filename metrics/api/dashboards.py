"""The impact pages for clients: the very values that the pages print."""

from datetime import UTC, datetime
from urllib.parse import unquote

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.queries.dashboards import Dashboard, team_dashboard, type_dashboard
from metrics.queries.periods import BadPeriod, Period, read_period
from metrics.queries.product_page import ProductImpact, product_impact
from metrics.queries.scope import UnknownTeam, chosen_teams, known_teams
from pmtrack.web.answers import answer
from pmtrack.web.errors import not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.parsing import bad_parameter, parameters
from pmtrack.web.schema import answers
from pmtrack.web.throttles import TokenThrottle
from products.api.authentication import requires_scope
from products.queries.versions import ALL_FACTS, product_scope, team_scope

LARGEST_PAGE = 10_000
PERIOD = [
    OpenApiParameter("from", OpenApiTypes.STR, description="First month, like 2025-09."),
    OpenApiParameter("to", OpenApiTypes.STR, description="Last month, like 2026-10."),
]
PAGED = [*PERIOD, OpenApiParameter("page", OpenApiTypes.INT, description="Page of the products table, from 1 on.")]
TEAM = OpenApiParameter("team", OpenApiTypes.STR, description="Team slugs with commas between; own teams without it.")


def _period(given: dict[str, str], now: datetime) -> Period:
    try:
        return read_period(given.get("from", ""), given.get("to", ""), today=now.date())
    except BadPeriod as error:
        raise bad_parameter("from", str(error)) from None


def _page(given: dict[str, str]) -> int:
    text = given.get("page", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LARGEST_PAGE):
        raise bad_parameter("page", f"'page' must be a whole number from 1 to {LARGEST_PAGE}.")
    return int(text)


def _slugs(text: str) -> list[str]:
    return [slug for slug in unquote(text).split(",") if slug]


@extend_schema(operation_id="read_team_dashboard", parameters=[*PAGED, TEAM], responses=answers(200, struct=Dashboard))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: team_scope(_slugs(request.GET.get("team", ""))))
def read_team_dashboard(request: Request) -> HttpResponse:
    """What the teams' products did: the team impact page as a value."""
    given = parameters(request, "team", "from", "to", "page")
    now = datetime.now(UTC)
    slugs = _slugs(given.get("team", ""))
    try:
        teams = chosen_teams(known_teams(request.user, day=now.date()), slugs)
    except UnknownTeam as error:
        raise not_found(f"team '{error.slug[:80]}'") from None
    return answer(team_dashboard(request.user, teams, period=_period(given, now), now=now, page=_page(given)))


@extend_schema(operation_id="read_internal_dashboard", parameters=PAGED, responses=answers(200, struct=Dashboard))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: ALL_FACTS)
def read_internal_dashboard(request: Request) -> HttpResponse:
    """What the internal products of all teams did."""
    return _of_type(request, "I")


@extend_schema(operation_id="read_external_dashboard", parameters=PAGED, responses=answers(200, struct=Dashboard))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: ALL_FACTS)
def read_external_dashboard(request: Request) -> HttpResponse:
    """What the external products of all teams did."""
    return _of_type(request, "E")


def _of_type(request: Request, type: str) -> HttpResponse:
    given = parameters(request, "from", "to", "page")
    now = datetime.now(UTC)
    return answer(type_dashboard(request.user, type, period=_period(given, now), now=now, page=_page(given)))


@extend_schema(operation_id="read_product_impact", parameters=PERIOD, responses=answers(200, struct=ProductImpact))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request, slug: product_scope(slug))
def read_product_impact(request: Request, slug: str) -> HttpResponse:
    """What one product shipped, heard and moved: the product page as a value."""
    given = parameters(request, "from", "to")
    now = datetime.now(UTC)
    impact = product_impact(request.user, slug, period=_period(given, now), now=now)
    if impact is None:
        raise not_found(f"product '{slug[:80]}'")
    return answer(impact)
