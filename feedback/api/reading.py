"""Feedback out again: text and counts for all, whose voices they are for those who may know."""

from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request

from feedback.access import visible_feedback, visible_voices
from feedback.api.shapes import FeedbackOut, VoiceOut
from feedback.models import Feedback, Voice
from pmtrack.web.answers import answer
from pmtrack.web.errors import not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import choice_parameter, instant_parameter, parameters
from pmtrack.web.schema import PAGING, answers
from products.access import token_products
from products.api.authentication import requires_scope
from products.models import ApiToken
from products.queries.versions import ALL_FACTS

OPEN, DIAGNOSED, MERGED, WITHDRAWN = "open", "diagnosed", "merged", "withdrawn"
STATES = {
    OPEN: Q(merged_into__isnull=True, withdrawn_at__isnull=True) & ~Q(diagnosis__diagnosed_at__isnull=False),
    DIAGNOSED: Q(merged_into__isnull=True, withdrawn_at__isnull=True, diagnosis__diagnosed_at__isnull=False),
    MERGED: Q(merged_into__isnull=False, withdrawn_at__isnull=True),
    WITHDRAWN: Q(withdrawn_at__isnull=False),
}


def state_of(row: Feedback) -> str:
    """Where an entry stands, a key of ``STATES``."""
    if row.withdrawn_at is not None:
        return WITHDRAWN
    if row.merged_into_id is not None:
        return MERGED
    return DIAGNOSED if row.diagnosis is not None and row.diagnosis.diagnosed_at is not None else OPEN


def show_feedback(row: Any) -> FeedbackOut:
    """An entry as the API answers it: everybody's voices counted over its group, accounts named as the caller may know."""
    group = [row, *row.group]
    voices = {(voice.colleague_id, voice.account_id) for one in group for voice in one.all_voices}
    return FeedbackOut(
        key=row.key,
        product=row.product.slug if row.product else None,
        text=row.text,
        received_at=row.received_at,
        channel=row.channel,
        severity=row.severity,
        sentiment=row.sentiment,
        state=state_of(row),
        merged_into=f"FB-{row.merged_into_id}" if row.merged_into_id else None,
        merged=[one.key for one in row.group],
        diagnosis=f"D-{row.diagnosis_id}" if row.diagnosis_id else None,
        revision=row.revision,
        voices=len(voices),
        accounts=sorted({voice.account.reference for one in group for voice in one.shown_voices}),
    )


def show_voice(voice: Any) -> VoiceOut:
    """Whose voice it is."""
    return VoiceOut(
        feedback=f"FB-{voice.feedback_id}",
        colleague=voice.colleague.email if voice.colleague else None,
        account=voice.account.reference if voice.account else None,
        via=voice.via.email if voice.via else None,
        people_affected=voice.people_affected,
        hours_lost_monthly=voice.hours_lost_monthly,
    )


def known_voices(request: Request, *, today: date) -> QuerySet[Voice]:
    """Voices that the caller may know: his present power, for a token's accounts also within its reach."""
    rows = visible_voices(request.user, day=today)
    if isinstance(request.auth, ApiToken):
        reach = token_products(request.auth, day=today)
        rows = rows.filter(Q(account__isnull=True) | Q(feedback__product__in=reach))
    return rows


def entries(request: Request) -> QuerySet[Feedback]:
    """Entries with all that ``show_feedback`` needs, the newest first. Six statements, however many there are."""
    known = known_voices(request, today=datetime.now(UTC).date())
    accounts = known.filter(account__isnull=False).select_related("account")
    voices = (
        Prefetch("voices", Voice.objects.only("id", "feedback_id", "colleague_id", "account_id"), to_attr="all_voices"),
        Prefetch("voices", accounts, to_attr="shown_voices"),
    )
    merged = Feedback.objects.filter(withdrawn_at__isnull=True).only("id", "merged_into_id").order_by("pk")
    group = Prefetch("merged", merged.prefetch_related(*voices), to_attr="group")
    return (
        visible_feedback(request.user)
        .select_related("product", "diagnosis")
        .prefetch_related(*voices, group)
        .order_by("-pk")
    )


def list_feedback(request: Request) -> HttpResponse:
    """Newest first; filters ``product``, ``state`` and ``since`` (received at or after)."""
    given = parameters(request, "product", "state", "since", "cursor", "limit")
    rows = entries(request)
    if "product" in given:
        rows = rows.filter(product__slug=given["product"])
    if state := choice_parameter(given, "state", list(STATES)):
        rows = rows.filter(STATES[state])
    if since := instant_parameter(given, "since"):
        rows = rows.filter(received_at__gte=since)
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_feedback))


@extend_schema(operation_id="read_feedback", responses=answers(200, struct=FeedbackOut))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request, number: ALL_FACTS)
def read_feedback(request: Request, number: int) -> HttpResponse:
    """One entry by its key, for example ``FB-412``; a merged or withdrawn one says so and stays."""
    parameters(request)
    row = entries(request).filter(pk=number).first()
    if row is None:
        raise not_found(f"feedback 'FB-{number}'")
    return answer(show_feedback(row))


@extend_schema(operation_id="list_voices", responses=answers(200, page_of=VoiceOut), parameters=[*PAGING])
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request, number: ALL_FACTS)
def list_voices(request: Request, number: int) -> HttpResponse:
    """Voices behind an entry and those merged into it, the newest first; accounts only where the caller may know them."""
    given = parameters(request, "cursor", "limit")
    if not visible_feedback(request.user).filter(pk=number).exists():
        raise not_found(f"feedback 'FB-{number}'")
    group = Q(feedback=number) | Q(feedback__merged_into=number, feedback__withdrawn_at__isnull=True)
    known = known_voices(request, today=datetime.now(UTC).date())
    rows = known.filter(group).select_related("colleague", "account", "via").order_by("-pk")
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_voice))
