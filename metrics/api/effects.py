"""What releases did, for clients: the very values that the release, product and KPI pages print."""

import re
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.access import visible_estimates
from metrics.models import Estimate, EstimateBasis, EstimateWord
from metrics.queries.effects import Effect, effect_of, effects_of
from pmtrack.web.answers import answer
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import bad_cursor, cut_page
from pmtrack.web.parsing import bad_parameter, choice_parameter, day_parameter, parameters
from pmtrack.web.schema import PAGING, answers, query
from pmtrack.web.throttles import TokenThrottle
from products.api.authentication import requires_scope
from products.queries.versions import ALL_FACTS

RELEASE = re.compile(r"R-([1-9][0-9]{0,17})")
PLACE = re.compile(r"([1-9][0-9]{0,17})/([1-9][0-9]{0,17})")


def _after(rows: QuerySet[Estimate], cursor: Any) -> QuerySet[Estimate]:
    """The rows behind a cursor ``release/kpi``. Raises a 400 ``Problem`` for anything else."""
    place = PLACE.fullmatch(cursor) if isinstance(cursor, str) else None
    if place is None:
        raise bad_cursor()
    release, kpi = (int(part) for part in place.groups())
    # The plain bound lets the index on (release, KPI, basis) start there.
    return rows.filter(Q(release__lt=release) | Q(kpi__lt=kpi), release__lte=release)


def _place(row: Estimate) -> str:
    """Where a row stands in the list. Ids do not say it: estimates may be made anew at any moment."""
    return f"{row.release_id}/{row.kpi_id}"


def _number(key: str) -> int:
    """The number of a release's key. Raises a 400 ``Problem`` for what is none."""
    found = RELEASE.fullmatch(key)
    if found is None:
        raise bad_parameter("release", "'release' must be a key like R-123.")
    return int(found.group(1))


@extend_schema(
    operation_id="list_effects",
    responses=answers(200, page_of=Effect),
    parameters=[
        query("product", "Slug of a product: effects of its releases, and on its KPIs."),
        query("kpi", "Slug of a KPI."),
        query("release", "Key of a release, like R-123."),
        query("since", "Live on this day or after it, on the clock of the KPI's product.", format="date"),
        query("word", "What can be said.", choices=EstimateWord.values),
        query("basis", "What it rests on; without it the one that pages prefer.", choices=EstimateBasis.values),
        *PAGING,
    ],
    description="What each release did to each KPI named for it, the newest release first; 'figures' is null where 'reason' says "
    "why nothing can be read. Filters 'product', 'kpi', 'release', 'since', 'word' and 'basis'.",
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
@fresh_answer(lambda request: ALL_FACTS)
def list_effects(request: Request) -> HttpResponse:
    """The newest release first, each with its KPIs; two statements, however many there are."""
    given = parameters(request, "product", "kpi", "release", "since", "word", "basis", "cursor", "limit")
    basis = choice_parameter(given, "basis", EstimateBasis.values)
    rows = visible_estimates(request.user).filter(**({"basis": basis} if basis else {"is_preferred": True}))
    if "product" in given:
        rows = rows.filter(Q(product__slug=given["product"]) | Q(release__product__slug=given["product"]))
    if "kpi" in given:
        rows = rows.filter(kpi__slug=given["kpi"])
    if "release" in given:
        rows = rows.filter(release=_number(given["release"]))
    if since := day_parameter(given, "since"):
        rows = rows.filter(live_on__gte=since)
    if word := choice_parameter(given, "word", EstimateWord.values):
        rows = rows.filter(word=word)
    rows = effects_of(request.user, rows).order_by("-release", "-kpi")
    return answer(cut_page(rows, given, after=_after, key=_place, show=effect_of))
