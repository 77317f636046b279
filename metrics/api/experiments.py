"""Results of experiments out and in."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.access import visible_experiments
from metrics.api.evidence_shapes import ExperimentIn, ExperimentKeyIn, ExperimentOut
from metrics.api.writing import bad_field, kpi_called, subject_for
from metrics.models import Experiment
from metrics.services.evidence import (
    BadInterval,
    BadScale,
    ExperimentFacts,
    NoResult,
    enter_experiment,
    take_experiment_back,
)
from pmtrack.web.answers import answer
from pmtrack.web.errors import Problem
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import SINGLE_LIMIT, body_of, choice_parameter, decode, parameters
from pmtrack.web.schema import PAGING, answers, body_schema, query
from pmtrack.web.throttles import TokenThrottle
from products.api.authentication import requires_scope
from products.models import Release
from products.queries.versions import ALL_FACTS

STATES = ("standing", "superseded")
LARGEST = Decimal(10) ** 12


def show_experiment(row: Any) -> ExperimentOut:
    """A result as the API answers it."""
    return ExperimentOut(
        id=row.pk,
        release=row.release.key,
        kpi=row.kpi.slug,
        effect=row.effect,
        low=row.low,
        high=row.high,
        level=row.level,
        scale=row.scale,
        with_it=row.with_it,
        without_it=row.without_it,
        url=row.url,
        note=row.note,
        entered_by=row.entered_by.email,
        entered_at=row.entered_at,
        superseded_by=row.superseded_by.email if row.superseded_by else None,
        superseded_at=row.superseded_at,
    )


def list_experiments(request: Request) -> HttpResponse:
    """Newest first; filters ``product`` (of the release), ``kpi`` and ``state``."""
    given = parameters(request, "product", "kpi", "state", "cursor", "limit")
    rows = _rows(request).order_by("-pk")
    if "product" in given:
        rows = rows.filter(release__product__slug=given["product"])
    if "kpi" in given:
        rows = rows.filter(kpi__slug=given["kpi"])
    if state := choice_parameter(given, "state", STATES):
        rows = rows.filter(superseded_at__isnull=state == "standing")
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_experiment))


def enter_one(request: Request) -> HttpResponse:
    """201 a new result, 200 the one that stands already, 422 one that cannot be."""
    now = datetime.now(UTC)
    sent = decode(body_of(request, limit=SINGLE_LIMIT), ExperimentIn)
    release = _release(request, sent.release, now)
    kpi = kpi_called(request.auth, sent.kpi)
    figures = {name: _figure(sent, name) for name in ("effect", "low", "high")}
    facts = ExperimentFacts(
        **figures,
        scale=sent.scale,
        with_it=sent.with_it,
        without_it=sent.without_it,
        level=_level(sent.level),
        url=sent.url,
        note=sent.note,
    )
    newest = Experiment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        made = enter_experiment(release=release, kpi=kpi, facts=facts, by=request.user, now=now)
    except BadInterval as refused:
        raise bad_field("/effect", "bad-experiment", str(refused)) from None
    except BadScale as refused:
        raise bad_field("/scale", "bad-experiment", str(refused)) from None
    return answer(show_experiment(_rows(request).get(pk=made.pk)), status=201 if made.pk > newest else 200)


fresh_list = fresh_answer(lambda request: ALL_FACTS)(list_experiments)


@extend_schema(
    methods=["GET"],
    operation_id="list_experiments",
    responses=answers(200, page_of=ExperimentOut),
    parameters=[
        query("product", "Slug of a product whose releases were compared."),
        query("kpi", "Slug of a KPI."),
        query("state", "Whether the result stands.", choices=list(STATES)),
        *PAGING,
    ],
    description="Every result, corrected ones too, newest first; filters 'product', 'kpi' and 'state'.",
)
@extend_schema(
    methods=["POST"],
    operation_id="enter_experiment",
    request=body_schema(ExperimentIn),
    responses=answers(200, 201, struct=ExperimentOut),
    description="Enter what a randomised comparison found. It is preferred to the estimate; another result supersedes it.",
)
@api_view(["GET", "POST"])
@permission_classes([requires_scope("effect:write")])
@throttle_classes([TokenThrottle])
def experiments_call(request: Request) -> HttpResponse:
    """What experiments found: read it, or enter it."""
    return enter_one(request) if request.method == "POST" else fresh_list(request)


@extend_schema(
    operation_id="take_experiment_back",
    request=body_schema(ExperimentKeyIn),
    responses=answers(200, struct=ExperimentOut),
    description="Take a result back: the estimate speaks again, and the result stays visible.",
)
@api_view(["POST"])
@permission_classes([requires_scope("effect:write")])
@throttle_classes([TokenThrottle])
def take_back_one(request: Request) -> HttpResponse:
    """200 with the result that no longer stands, 409 where none stood."""
    now = datetime.now(UTC)
    sent = decode(body_of(request, limit=SINGLE_LIMIT), ExperimentKeyIn)
    release = _release(request, sent.release, now)
    try:
        ended = take_experiment_back(release=release, kpi=kpi_called(request.auth, sent.kpi), by=request.user, now=now)
    except NoResult as refused:
        raise Problem(409, "no-result", str(refused)) from None
    return answer(show_experiment(_rows(request).get(pk=ended.pk)))


def _rows(request: Request) -> Any:
    return visible_experiments(request.user).select_related("release", "kpi", "entered_by", "superseded_by")


def _release(request: Request, key: str, now: datetime) -> Release:
    """The release in the token's reach. Raises 404 and 403."""
    found = subject_for(request.auth, key, today=now.date())
    assert isinstance(found, Release), "the pattern of the body lets nothing else through"  # noqa: S101
    return found


def _level(value: Decimal) -> Decimal:
    """A level as its column holds it. Raises a 422 ``Problem`` for what is no share."""
    if not value.is_finite() or not 0 < value < 1:
        raise bad_field("/level", "bad-experiment", "The level is a share from 0.5 to below 1, for example 0.95.")
    return round(value, 3)


def _figure(sent: ExperimentIn, name: str) -> Decimal:
    """A figure as its column holds it. Raises a 422 ``Problem`` for one that is no number of this world."""
    value: Decimal = getattr(sent, name)
    if not value.is_finite() or abs(value) >= LARGEST:
        raise bad_field(f"/{name}", "bad-experiment", "Write a number below 10¹² with at most six decimals.")
    return round(value, 6)
