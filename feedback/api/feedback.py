"""Feedback in, singly and in batches; its address gives it out again, too."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from feedback.api.entries import entry_of, look_up
from feedback.api.reading import STATES, list_feedback
from feedback.api.shapes import FeedbackBatch, FeedbackBatchIn, FeedbackIn, FeedbackOut, LoggedOut
from feedback.services.feedback import FeedbackConflict, Logged, NewFeedback, log_feedback_entries
from pmtrack.web.answers import answer
from pmtrack.web.batches import Result, batch_answer, decode_batch, decode_items, held_back
from pmtrack.web.errors import FieldProblem, Problem
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.parsing import BATCH_LIMIT, SINGLE_LIMIT, body_of, decode
from pmtrack.web.schema import PAGING, answers, body_schema, query
from pmtrack.web.throttles import TokenThrottle
from products.api.authentication import requires_scope
from products.api.shapes import BatchOut
from products.queries.versions import product_scope


def show_logged(done: Logged) -> dict[str, Any]:
    """What became of an entry, as the API answers it."""
    row = done.feedback
    return {"key": row.key, "source": row.source, "source_id": row.source_id, "replayed": done.replayed}


def conflict(error: FeedbackConflict, base: str = "") -> Problem:
    """A key used twice, in words."""
    detail = (
        "This source and source_id already belong to an entry with another content. "
        f"Send a new source_id. Fingerprints: sent {error.sent[:12]}, stored {error.stored[:12]}."
    )
    return Problem(422, "key-reused", detail, errors=[FieldProblem(f"{base}/source_id", "key-reused", detail)])


def send_feedback(request: Request) -> HttpResponse:
    """201 new, 200 replay, 422 conflict or an entry that cannot be stored."""
    now = datetime.now(UTC)
    sent = decode(body_of(request, limit=SINGLE_LIMIT), FeedbackIn)
    entry = entry_of(sent, look_up(request.auth, [sent], now=now), request.user, now=now)
    outcome = log_feedback_entries(entries=[entry], now=now)[0]
    if isinstance(outcome, FeedbackConflict):
        raise conflict(outcome)
    headers = {"Idempotent-Replayed": "true"} if outcome.replayed else {}
    return answer(show_logged(outcome), status=200 if outcome.replayed else 201, headers=headers)


@extend_schema(
    operation_id="log_feedback_entries",
    request=body_schema(FeedbackBatchIn),
    responses=answers(200, 207, 422, struct=BatchOut),
    description="Up to 500 entries; 200 all stored or replayed, 207 some, 422 none.",
)
@api_view(["POST"])
@permission_classes([requires_scope("feedback:write")])
@throttle_classes([TokenThrottle])
def send_feedback_batch(request: Request) -> HttpResponse:
    """A result for every item; with ``atomic`` nothing is stored unless all is well."""
    now = datetime.now(UTC)
    batch = decode_batch(body_of(request, limit=BATCH_LIMIT), FeedbackBatch, limit=BATCH_LIMIT)
    decoded = decode_items(batch.entries, FeedbackIn, pointer="/entries")
    bad = list(decoded.bad)
    known = look_up(request.auth, [sent for _, sent in decoded.good], now=now)
    good = []
    for index, sent in decoded.good:
        try:
            good.append((index, entry_of(sent, known, request.user, now=now, base=f"/entries/{index}")))
        except Problem as problem:
            bad.append(Result(index, problem.status_code, problem=problem))
    if batch.atomic and bad:
        return batch_answer([*bad, *(held_back(index) for index, _ in good)])
    return batch_answer([*bad, *_log(good, atomic=batch.atomic, now=now)])


def _log(good: Sequence[tuple[int, NewFeedback]], *, atomic: bool, now: datetime) -> list[Result]:
    outcomes = log_feedback_entries(entries=[entry for _, entry in good], now=now, all_or_nothing=atomic)
    undone = atomic and any(isinstance(outcome, FeedbackConflict) for outcome in outcomes)
    results = []
    for (index, _), outcome in zip(good, outcomes, strict=True):
        if isinstance(outcome, FeedbackConflict):
            results.append(Result(index, 422, problem=conflict(outcome, f"/entries/{index}")))
        elif undone:
            results.append(held_back(index))
        else:
            results.append(Result(index, 200 if outcome.replayed else 201, show_logged(outcome)))
    return results


fresh_list = fresh_answer(lambda request: product_scope(request.GET.get("product", "")))(list_feedback)


@extend_schema(
    methods=["GET"],
    operation_id="list_feedback",
    responses=answers(200, page_of=FeedbackOut),
    parameters=[
        query("product", "Slug of a product."),
        query("state", "Where the entry stands.", choices=list(STATES)),
        query("since", "Received at this instant or after it.", format="date-time"),
        *PAGING,
    ],
    description="Newest first, merged and withdrawn entries too; filters 'product', 'state' and 'since'.",
)
@extend_schema(
    methods=["POST"],
    operation_id="log_feedback",
    request=body_schema(FeedbackIn),
    responses=answers(200, 201, struct=LoggedOut),
    description="Log what was heard. Sending the same entry again is safe and answers 200.",
)
@api_view(["GET", "POST"])
@permission_classes([requires_scope("feedback:write")])
@throttle_classes([TokenThrottle])
def feedback(request: Request) -> HttpResponse:
    """What was heard: read it, or log it."""
    return send_feedback(request) if request.method == "POST" else fresh_list(request)
