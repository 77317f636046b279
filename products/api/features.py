"""Features out: the requirement, every move with its time, and how long answers to design questions took."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request

from pmtrack.web.answers import answer
from pmtrack.web.errors import not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import choice_parameter, instant_parameter, parameters
from pmtrack.web.schema import PAGING, answers, query
from products.access import visible_features
from products.api.authentication import requires_scope
from products.api.feature_shapes import DesignQuestionOut, FeatureOut, StageChangeOut
from products.models import DesignQuestion, Feature, FeatureStage, StageChange, User
from products.queries.versions import ALL_FACTS, product_scope

HOUR = 3600


def show_feature(row: Any) -> FeatureOut:
    """A feature as the API answers it, its moves and questions the oldest first."""
    return FeatureOut(
        key=row.key,
        product=row.product.slug,
        title=row.title,
        requirement=row.requirement,
        intent=row.intent,
        stage=row.stage,
        stage_since=row.stage_since,
        created_at=row.created_at,
        co_designers=[user.email for user in row.designers],
        waiver_reason=row.waiver_reason,
        revision=row.revision,
        stage_changes=[_change(change) for change in row.moves],
        design_questions=[_question(one) for one in row.questions],
    )


def _change(change: Any) -> StageChangeOut:
    by = change.by.email if change.by else None
    return StageChangeOut(change.from_stage or None, change.to_stage, change.at, by, change.reason)


def _question(one: Any) -> DesignQuestionOut:
    took = (one.answered_at - one.asked_at).total_seconds() / HOUR if one.answered_at else None
    hours = None if took is None else round(took, 1)
    return DesignQuestionOut(one.question, one.asked.email, one.asked_at, one.answer, one.answered_at, hours)


def features(request: Request) -> QuerySet[Feature]:
    """Features with all that ``show_feature`` needs, the newest first. Four statements, however many there are."""
    moves = StageChange.objects.select_related("by").order_by("at", "pk")
    questions = DesignQuestion.objects.select_related("asked").order_by("asked_at", "pk")
    designers = User.objects.order_by("email")
    rows = visible_features(request.user).select_related("product").order_by("-pk")
    return rows.prefetch_related(
        Prefetch("stage_changes", moves, to_attr="moves"),
        Prefetch("design_questions", questions, to_attr="questions"),
        Prefetch("co_designers", designers, to_attr="designers"),
    )


@extend_schema(
    operation_id="list_features",
    responses=answers(200, page_of=FeatureOut),
    parameters=[
        query("product", "Slug of a product."),
        query("state", "The stage where the feature is.", choices=FeatureStage.values),
        query("since", "In its stage since this instant or a later one.", format="date-time"),
        *PAGING,
    ],
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request: product_scope(request.GET.get("product", "")))
def list_features(request: Request) -> HttpResponse:
    """Newest first; filters ``product``, ``state`` and ``since`` (moved to where it is at or after)."""
    given = parameters(request, "product", "state", "since", "cursor", "limit")
    rows = features(request)
    if "product" in given:
        rows = rows.filter(product__slug=given["product"])
    if state := choice_parameter(given, "state", FeatureStage.values):
        rows = rows.filter(stage=state)
    if since := instant_parameter(given, "since"):
        rows = rows.filter(stage_since__gte=since)
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_feature))


@extend_schema(operation_id="read_feature", responses=answers(200, struct=FeatureOut))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request, number: ALL_FACTS)
def read_feature(request: Request, number: int) -> HttpResponse:
    """One feature by its key, for example ``W-88``."""
    parameters(request)
    row = features(request).filter(pk=number).first()
    if row is None:
        raise not_found(f"feature 'W-{number}'")
    return answer(show_feature(row))
