"""Commitments: every version out; a KPI named, or named no longer, in."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.api.evidence_shapes import CommitmentIn, CommitmentKeyIn, CommitmentOut
from metrics.api.writing import bad_field, kpi_called, kpis_called, subject_for
from metrics.models import Commitment
from metrics.queries.commitments import commitments
from metrics.services.commitments import (
    AnotherMain,
    BadControl,
    BadExpectation,
    BadWindow,
    CommitmentFacts,
    NotNamed,
    name_kpi,
    take_back,
)
from pmtrack.web.answers import answer
from pmtrack.web.errors import Problem
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import SINGLE_LIMIT, bad_parameter, body_of, choice_parameter, decode, parameters
from pmtrack.web.schema import PAGING, answers, body_schema, query
from pmtrack.web.throttles import TokenThrottle
from products.api.authentication import requires_scope
from products.queries.features import FEATURE_KEY
from products.queries.versions import ALL_FACTS

LARGEST = Decimal(10) ** 12
STATES = ("standing", "superseded")
FIELDS: dict[type[Exception], str] = {
    AnotherMain: "is_main",
    BadControl: "controls",
    BadExpectation: "expected_change",
    BadWindow: "window_days",
}


def show_commitment(row: Any) -> CommitmentOut:
    """A version as the API answers it; ``row`` comes from ``commitments``."""
    subject = row.subject
    return CommitmentOut(
        id=row.pk,
        subject=subject.key,
        product=subject.product.slug,
        kpi=row.kpi.slug,
        version=row.version,
        direction=row.direction,
        is_main=row.is_main,
        is_guardrail=row.is_guardrail,
        expected_change=row.expected_change,
        window_days=row.window_days,
        roll_out_days=row.roll_out_days,
        controls=[one.kpi.slug for one in row.in_order],
        detectable=row.detectable,
        detectable_natural=row.detectable_natural,
        undetectable=row.undetectable,
        declared_by=row.declared_by.email,
        declared_at=row.declared_at,
        superseded_by=row.superseded_by.email if row.superseded_by else None,
        superseded_at=row.superseded_at,
    )


def list_commitments(request: Request) -> HttpResponse:
    """Newest first; filters ``product`` (of the feature or release), ``subject``, ``kpi`` and ``state``."""
    given = parameters(request, "product", "subject", "kpi", "state", "cursor", "limit")
    rows = commitments(request.user).select_related("feature__product", "release__product").order_by("-pk")
    if "product" in given:
        slug = given["product"]
        rows = rows.filter(Q(feature__product__slug=slug) | Q(release__product__slug=slug))
    if "subject" in given:
        rows = rows.filter(_of(given["subject"]))
    if "kpi" in given:
        rows = rows.filter(kpi__slug=given["kpi"])
    if state := choice_parameter(given, "state", STATES):
        rows = rows.filter(superseded_at__isnull=state == "standing")
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_commitment))


def _of(key: str) -> Q:
    """Rows of a feature or release. Raises a 400 ``Problem`` for what is no key."""
    number = key[2:]
    if not FEATURE_KEY.fullmatch(key.replace("R-", "W-", 1)):
        raise bad_parameter("subject", "'subject' must be a key like W-88 or R-123.")
    return Q(release=int(number)) if key.startswith("R-") else Q(feature=int(number))


def name_one(request: Request) -> HttpResponse:
    """201 a new version, 200 what stands already, 422 what cannot be so."""
    now = datetime.now(UTC)
    sent = decode(body_of(request, limit=SINGLE_LIMIT), CommitmentIn)
    subject = subject_for(request.auth, sent.subject, today=now.date())
    facts = CommitmentFacts(
        direction=sent.direction,
        is_main=sent.is_main,
        expected_change=_change(sent.expected_change),
        window_days=sent.window_days,
        roll_out_days=sent.roll_out_days,
        controls=kpis_called(request.auth, sent.controls, base="/controls"),
    )
    kpi = kpi_called(request.auth, sent.kpi)
    newest = Commitment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    try:
        made = name_kpi(subject=subject, kpi=kpi, facts=facts, by=request.user, now=now)
    except tuple(FIELDS) as refused:
        raise bad_field(f"/{FIELDS[type(refused)]}", "bad-commitment", str(refused)) from None
    return answer(_shown(request, made.pk), status=201 if made.pk > newest else 200)


def _change(value: Decimal | None) -> Decimal | None:
    """A change as its column holds it. Raises a 422 ``Problem`` for one that is no number of this world."""
    if value is None:
        return None
    if not value.is_finite() or abs(value) >= LARGEST:
        raise bad_field("/expected_change", "bad-commitment", "Write a number below 10¹² with at most six decimals.")
    return round(value, 6)


fresh_list = fresh_answer(lambda request: ALL_FACTS)(list_commitments)


@extend_schema(
    methods=["GET"],
    operation_id="list_commitments",
    responses=answers(200, page_of=CommitmentOut),
    parameters=[
        query("product", "Slug of a product whose features and releases named KPIs."),
        query("subject", "Key of a feature or release, like W-88 or R-123."),
        query("kpi", "Slug of a KPI."),
        query("state", "Whether the version stands.", choices=list(STATES)),
        *PAGING,
    ],
    description="Every version, newest first; filters 'product', 'subject', 'kpi' and 'state'.",
)
@extend_schema(
    methods=["POST"],
    operation_id="name_kpi",
    request=body_schema(CommitmentIn),
    responses=answers(200, 201, struct=CommitmentOut),
    description="Name a KPI for a feature or release, before users have it. What stood is superseded, never overwritten; "
    "saying what stands already answers 200.",
)
@api_view(["GET", "POST"])
@permission_classes([requires_scope("effect:write")])
@throttle_classes([TokenThrottle])
def commitments_call(request: Request) -> HttpResponse:
    """What is to change: read it, or name a KPI."""
    return name_one(request) if request.method == "POST" else fresh_list(request)


@extend_schema(
    operation_id="take_commitment_back",
    request=body_schema(CommitmentKeyIn),
    responses=answers(200, struct=CommitmentOut),
    description="Name a KPI no longer. Its versions stay, and a release that users had by then is still read by the one locked.",
)
@api_view(["POST"])
@permission_classes([requires_scope("effect:write")])
@throttle_classes([TokenThrottle])
def take_commitment_back(request: Request) -> HttpResponse:
    """200 with the version that no longer stands, 409 where none stood."""
    now = datetime.now(UTC)
    sent = decode(body_of(request, limit=SINGLE_LIMIT), CommitmentKeyIn)
    subject = subject_for(request.auth, sent.subject, today=now.date())
    kpi = kpi_called(request.auth, sent.kpi)
    try:
        ended = take_back(subject=subject, kpi=kpi, by=request.user, now=now)
    except NotNamed as refused:
        raise Problem(409, "not-named", str(refused)) from None
    return answer(_shown(request, ended.pk))


def _shown(request: Request, number: int) -> CommitmentOut:
    rows = commitments(request.user).select_related("feature__product", "release__product")
    return show_commitment(rows.get(pk=number))
