"""Diagnoses out: the four answers, what was decided, the feedback behind them and the features that come of them."""

from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request

from feedback.access import visible_diagnoses
from feedback.api.shapes import DiagnosisOut
from feedback.models import Diagnosis, Feedback
from pmtrack.web.answers import answer
from pmtrack.web.errors import not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import choice_parameter, instant_parameter, parameters
from pmtrack.web.schema import PAGING, answers, query
from products.api.authentication import requires_scope
from products.models import Feature
from products.queries.versions import ALL_FACTS, product_scope

STATES = {
    "draft": Q(diagnosed_at__isnull=True),
    "diagnosed": Q(diagnosed_at__isnull=False),
    "build": Q(decision="build"),
    "watch": Q(decision="watch"),
    "decline": Q(decision="decline"),
}


def show_diagnosis(row: Any) -> DiagnosisOut:
    """A diagnosis as the API answers it."""
    return DiagnosisOut(
        key=row.key,
        product=row.product.slug,
        trying_to=row.trying_to,
        in_the_way=row.in_the_way,
        known_from=row.known_from,
        solved_when=row.solved_when,
        started_at=row.started_at,
        diagnosed_at=row.diagnosed_at,
        decision=row.decision,
        decided_at=row.decided_at,
        reason=row.reason,
        revision=row.revision,
        feedback=[entry.key for entry in row.behind],
        features=[feature.key for feature in row.built],
    )


def diagnoses(request: Request) -> QuerySet[Diagnosis]:
    """Diagnoses with the feedback that stands behind them and their features, the newest first. Three statements."""
    standing = Feedback.objects.standing().only("id", "diagnosis_id").order_by("pk")
    built = Feature.objects.only("id").order_by("pk")
    rows = visible_diagnoses(request.user).select_related("product").order_by("-pk")
    return rows.prefetch_related(
        Prefetch("feedback", standing, to_attr="behind"), Prefetch("features", built, to_attr="built")
    )


@extend_schema(
    operation_id="list_diagnoses",
    responses=answers(200, page_of=DiagnosisOut),
    parameters=[
        query("product", "Slug of a product."),
        query("state", "A draft, diagnosed, or what was decided.", choices=list(STATES)),
        query("since", "Started at this instant or after it.", format="date-time"),
        *PAGING,
    ],
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request: product_scope(request.GET.get("product", "")))
def list_diagnoses(request: Request) -> HttpResponse:
    """Newest first; filters ``product``, ``state`` and ``since`` (started at or after)."""
    given = parameters(request, "product", "state", "since", "cursor", "limit")
    rows = diagnoses(request)
    if "product" in given:
        rows = rows.filter(product__slug=given["product"])
    if state := choice_parameter(given, "state", list(STATES)):
        rows = rows.filter(STATES[state])
    if since := instant_parameter(given, "since"):
        rows = rows.filter(started_at__gte=since)
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_diagnosis))


@extend_schema(operation_id="read_diagnosis", responses=answers(200, struct=DiagnosisOut))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request, number: ALL_FACTS)
def read_diagnosis(request: Request, number: int) -> HttpResponse:
    """One diagnosis by its key, for example ``D-12``."""
    parameters(request)
    row = diagnoses(request).filter(pk=number).first()
    if row is None:
        raise not_found(f"diagnosis 'D-{number}'")
    return answer(show_diagnosis(row))
