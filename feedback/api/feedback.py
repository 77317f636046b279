"""Feedback in, singly and in batches, and out again: text and counts for all, accounts for those near the product."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from feedback.access import visible_feedback, visible_voices
from feedback.api.shapes import FeedbackBatch, FeedbackBatchIn, FeedbackIn, FeedbackOut, LoggedOut, VoiceIn
from feedback.models import Account, Feedback, Voice
from feedback.services.feedback import FeedbackConflict, Logged, NewFeedback, NewVoice, log_feedback_entries
from pmtrack.web.answers import answer
from pmtrack.web.batches import Result, batch_answer, decode_batch, decode_items, held_back
from pmtrack.web.errors import FieldProblem, Problem
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import BATCH_LIMIT, SINGLE_LIMIT, body_of, decode, instant_parameter, parameters
from pmtrack.web.schema import answers, body_schema
from pmtrack.web.throttles import TokenThrottle
from products.api.authentication import requires_scope
from products.api.reach import reach_of
from products.models import Product, ProductType, User

CLOCK_SKEW = timedelta(minutes=5)


class Bad(Exception):
    """An entry that cannot be stored: the field and what to do."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field

    def problem(self, base: str = "") -> Problem:
        """422 that points at the field."""
        return Problem(
            422, "bad-feedback", str(self), errors=[FieldProblem(f"{base}/{self.field}", "invalid", str(self))]
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What the entries of one request name, looked up at once."""

    products: dict[str, Product | Problem]
    people: dict[str, User]
    accounts: dict[str, Account]


def look_up(request: Request, entries: Sequence[FeedbackIn], *, now: datetime) -> Known:
    """Products, people and accounts that ``entries`` name, in three or four statements."""
    voices = [entry.voice for entry in entries if entry.voice]
    mails = {mail.lower() for voice in voices for mail in (voice.colleague, voice.via) if mail}
    references = {voice.account for voice in voices if voice.account}
    return Known(
        reach_of(request.auth, [entry.product for entry in entries], now=now),
        {user.email: user for user in User.objects.filter(email__in=mails)} if mails else {},
        {row.reference: row for row in Account.objects.filter(reference__in=references)} if references else {},
    )


def voice_of(sent: VoiceIn, product: Product, known: Known) -> NewVoice:
    """Whose voice it is. Raises ``Bad``."""
    if (sent.colleague is None) == (sent.account is None):
        raise Bad("voice", "A voice is either a 'colleague' (mail address) or an 'account' (reference).")
    if sent.account is not None and product.type != ProductType.EXTERNAL:
        raise Bad("voice/account", f"'{product.slug}' is internal: its voices are colleagues.")
    if sent.account is not None and sent.account not in known.accounts:
        raise Bad("voice/account", f"There is no account '{sent.account}'. Check its reference.")
    for field, mail in (("colleague", sent.colleague), ("via", sent.via)):
        if mail is not None and mail.lower() not in known.people:
            raise Bad(f"voice/{field}", f"'{field}' is no colleague's mail address. Only colleagues are named here.")
    hours = sent.hours_lost_monthly
    if hours is not None and not (hours.is_finite() and 0 <= hours < 1_000_000 and hours == round(hours, 2)):
        raise Bad("voice/hours_lost_monthly", "'hours_lost_monthly' must lie between 0 and 999999.99.")
    return NewVoice(
        colleague=known.people[sent.colleague.lower()] if sent.colleague else None,
        account=known.accounts[sent.account] if sent.account else None,
        via=known.people[sent.via.lower()] if sent.via else None,
        people_affected=sent.people_affected,
        hours_lost_monthly=hours,
    )


def entry_of(sent: FeedbackIn, known: Known, user: User, *, now: datetime) -> NewFeedback:
    """The domain's entry from the decoded body. Raises ``Bad`` or the product's ``Problem``."""
    product = known.products[sent.product]
    if isinstance(product, Problem):
        raise product
    if sent.received_at > now + CLOCK_SKEW:
        raise Bad("received_at", "'received_at' is ahead of our clock. Check the sender's clock and offset.")
    return NewFeedback(
        text=sent.text.strip(),
        product=product,
        channel=sent.channel,
        logged_by=user,
        received_at=sent.received_at.astimezone(UTC),
        source=sent.source,
        source_id=sent.source_id,
        voice=voice_of(sent.voice, product, known) if sent.voice else None,
        severity=sent.severity,
        sentiment=sent.sentiment,
    )


def show_logged(done: Logged) -> dict[str, Any]:
    """What became of an entry, as the API answers it."""
    row = done.feedback
    return {"key": row.key, "source": row.source, "source_id": row.source_id, "replayed": done.replayed}


def conflict(error: FeedbackConflict) -> Problem:
    """A key used twice, in words."""
    detail = (
        "This source and source_id already belong to an entry with another content. "
        f"Send a new source_id. Fingerprints: sent {error.sent[:12]}, stored {error.stored[:12]}."
    )
    return Problem(422, "key-reused", detail, errors=[FieldProblem("/source_id", "key-reused", detail)])


def send_feedback(request: Request) -> HttpResponse:
    """201 new, 200 replay, 422 conflict or an entry that cannot be stored."""
    now = datetime.now(UTC)
    sent = decode(body_of(request, limit=SINGLE_LIMIT), FeedbackIn)
    try:
        entry = entry_of(sent, look_up(request, [sent], now=now), request.user, now=now)
    except Bad as error:
        raise error.problem() from None
    outcome = log_feedback_entries(entries=[entry], now=now)[0]
    if isinstance(outcome, FeedbackConflict):
        raise conflict(outcome)
    headers = {"Idempotent-Replayed": "true"} if outcome.replayed else {}
    return answer(show_logged(outcome), status=200 if outcome.replayed else 201, headers=headers)


@extend_schema(
    operation_id="log_feedback_entries",
    request=body_schema(FeedbackBatchIn),
    responses=answers(200, 207, 422),
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
    results = list(decoded.bad)
    known = look_up(request, [sent for _, sent in decoded.good], now=now)
    good = []
    for index, sent in decoded.good:
        try:
            good.append((index, entry_of(sent, known, request.user, now=now)))
        except (Bad, Problem) as error:
            problem = error.problem(f"/entries/{index}") if isinstance(error, Bad) else error
            results.append(Result(index, problem.status_code, problem=problem))
    results += _log(good, atomic=batch.atomic, refused_before=bool(results), now=now)
    return batch_answer(sorted(results, key=lambda result: result.index))


def _log(good: list[tuple[int, NewFeedback]], *, atomic: bool, refused_before: bool, now: datetime) -> list[Result]:
    if atomic and refused_before:
        return [held_back(index) for index, _ in good]
    with transaction.atomic():
        outcomes = log_feedback_entries(entries=[entry for _, entry in good], now=now)
        failed = any(isinstance(outcome, FeedbackConflict) for outcome in outcomes)
        if atomic and failed:
            transaction.set_rollback(True)
    results = []
    for (index, _), outcome in zip(good, outcomes, strict=True):
        if isinstance(outcome, FeedbackConflict):
            results.append(Result(index, 422, problem=conflict(outcome)))
        elif atomic and failed:
            results.append(held_back(index))
        else:
            results.append(Result(index, 200 if outcome.replayed else 201, show_logged(outcome)))
    return results


def show_feedback(row: Feedback) -> dict[str, Any]:
    """An entry as the API answers it; its voices are those that the caller may see, their count is everybody's."""
    return {
        "key": row.key,
        "product": row.product.slug if row.product else None,
        "text": row.text,
        "received_at": row.received_at,
        "channel": row.channel,
        "severity": row.severity,
        "sentiment": row.sentiment,
        "voices": len(row.all_voices),  # type: ignore[attr-defined]
        "accounts": [voice.account.reference for voice in row.shown_voices if voice.account],  # type: ignore[attr-defined]
    }


def list_feedback(request: Request) -> HttpResponse:
    """Newest first; filters ``product`` and ``since`` (received at or after)."""
    given = parameters(request, "product", "since", "cursor", "limit")
    today = datetime.now(UTC).date()
    shown = visible_voices(request.user, day=today).filter(account__isnull=False).select_related("account")
    rows = (
        visible_feedback(request.user)
        .select_related("product")
        .prefetch_related(
            Prefetch("voices", Voice.objects.only("id", "feedback_id"), to_attr="all_voices"),
            Prefetch("voices", shown, to_attr="shown_voices"),
        )
        .order_by("-pk")
    )
    if "product" in given:
        rows = rows.filter(product__slug=given["product"])
    if since := instant_parameter(given, "since"):
        rows = rows.filter(received_at__gte=since)
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_feedback).body())


@extend_schema(
    methods=["GET"],
    operation_id="list_feedback",
    responses=answers(200, page_of=FeedbackOut),
    filters=False,
    description="Newest first; filters 'product' and 'since'.",
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
    return send_feedback(request) if request.method == "POST" else list_feedback(request)
