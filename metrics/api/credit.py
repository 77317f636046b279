"""Credit over REST: what products are credited with, whose work each release was, sums, and beside them what was assisted."""

import re
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.api.credit_places import (
    after_row,
    after_split,
    behind_help,
    behind_sum,
    row_place,
    split_place,
    sum_place,
)
from metrics.api.credit_shapes import AssistedOut, CreditOut, CreditSplitOut, CreditSumOut
from metrics.api.credit_shown import show_assisted, show_row, show_split, show_sum
from metrics.catalog.quarters import quarter_named
from metrics.queries.credit_records import assisted_rows, credit_rows, credit_sums, involving, split_rows
from pmtrack.web.answers import answer
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import Page, cut_page, page_size, write_cursor
from pmtrack.web.parsing import bad_parameter, parameters
from pmtrack.web.schema import PAGING, answers, query
from pmtrack.web.throttles import TokenThrottle
from products.access import owned_products, visible_products, visible_teams
from products.api.authentication import requires_scope
from products.queries.versions import ALL_FACTS

RELEASE = re.compile(r"R-([1-9][0-9]{0,17})")
PERIOD = query("period", "A quarter, like 2026-Q3.")


@extend_schema(
    operation_id="list_credit",
    responses=answers(200, page_of=CreditOut),
    parameters=[query("product", "Slug of a product."), query("kpi", "Slug of a KPI."), PERIOD, *PAGING],
    description="What each product is credited with for each KPI and quarter, the newest quarter first. Within one KPI credits may be added "
    "up: over all products they are the measured effects. Sums with their errors are at 'credit/totals'.",
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: ALL_FACTS)
def list_credit(request: Request) -> HttpResponse:
    """The newest quarter first; one statement."""
    given = parameters(request, "product", "kpi", "period", "cursor", "limit")
    rows = _narrowed(credit_rows(request.user), given)
    if "product" in given:
        rows = rows.filter(product__slug=given["product"])
    return answer(cut_page(rows, given, after=after_row, key=row_place, show=show_row))


@extend_schema(
    operation_id="list_credit_splits",
    responses=answers(200, page_of=CreditSplitOut),
    parameters=[
        query("product", "Slug of a product that built the release or has a share of it."),
        query("kpi", "Slug of a KPI."),
        query("release", "Key of a release, like R-123."),
        PERIOD,
        *PAGING,
    ],
    description="Whose work each release was: what stays with its builder, and each helper's share with the enablements that say so. "
    "The shares of a release add up to 1.",
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: ALL_FACTS)
def list_credit_splits(request: Request) -> HttpResponse:
    """The newest release first; two statements."""
    given = parameters(request, "product", "kpi", "release", "period", "cursor", "limit")
    rows = _narrowed(split_rows(request.user), given)
    if "product" in given:
        rows = involving(request.user, rows, given["product"])
    if "release" in given:
        rows = rows.filter(release=_release(given["release"]))
    return answer(cut_page(rows, given, after=after_split, key=split_place, show=show_split))


@extend_schema(
    operation_id="list_credit_totals",
    responses=answers(200, page_of=CreditSumOut),
    parameters=[
        query("team", "Slug of a team: the products that it owns today. Without it the whole company."),
        query("kpi", "Slug of a KPI."),
        PERIOD,
        *PAGING,
    ],
    description="Credit added up over a team's products or the whole company, for each KPI and quarter by itself: different KPIs are never "
    "added up. The errors of credits hang together, so take the error of a sum from here.",
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: ALL_FACTS)
def list_credit_totals(request: Request) -> HttpResponse:
    """The newest quarter first; three statements at most."""
    given = parameters(request, "team", "kpi", "period", "cursor", "limit")
    products: list[int] | None = None
    if "team" in given:
        teams = visible_teams(request.user).filter(slug=given["team"])
        products = list(owned_products(teams, day=datetime.now(UTC).date()).values_list("pk", flat=True))
    size = page_size(given)
    found = credit_sums(
        request.user,
        most=size + 1,
        products=products,
        kpi=given.get("kpi", ""),
        period=_period(given),
        behind=behind_sum(given),
    )
    following = write_cursor(sum_place(found[size - 1])) if len(found) > size else None
    return answer(Page(tuple(map(show_sum, found[:size])), following))


@extend_schema(
    operation_id="list_assisted",
    responses=answers(200, page_of=AssistedOut),
    parameters=[query("product", "Slug of the product that helped."), *PAGING],
    description="The effects of other products' releases that a product's confirmed or measured help stands behind, each whole, with its "
    "owner, verdict and interval. Never add them up: every helper sees the same effect whole. What may be added up is credit.",
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: ALL_FACTS)
def list_assisted(request: Request) -> HttpResponse:
    """The newest release first; four statements."""
    given = parameters(request, "product", "cursor", "limit")
    size, product = page_size(given), None
    if "product" in given:
        known = visible_products(request.user).filter(slug=given["product"]).values_list("pk", flat=True).first()
        product = known or 0
    found, following = assisted_rows(request.user, size=size, product=product, behind=behind_help(given))
    cursor = write_cursor("/".join(map(str, following))) if following else None
    return answer(Page(tuple(map(show_assisted, found)), cursor))


def _narrowed(rows: QuerySet[Any], given: dict[str, str]) -> QuerySet[Any]:
    if "kpi" in given:
        rows = rows.filter(kpi__slug=given["kpi"])
    period = _period(given)
    return rows.filter(period=period) if period else rows


def _period(given: dict[str, str]) -> date | None:
    """The first day of the quarter that is asked for. Raises a 400 ``Problem`` for what names none."""
    if "period" not in given:
        return None
    quarter = quarter_named(given["period"])
    if quarter is None:
        raise bad_parameter("period", "'period' must be a quarter like 2026-Q3.")
    return quarter.start


def _release(key: str) -> int:
    found = RELEASE.fullmatch(key)
    if found is None:
        raise bad_parameter("release", "'release' must be a key like R-123.")
    return int(found[1])
