"""Context events out and in."""

from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.access import visible_events
from metrics.api.evidence_shapes import ContextEventIn, ContextEventKeyIn, ContextEventOut
from metrics.api.writing import bad_field, product_for
from metrics.services.events import DaysReversed, EventFacts, EventNoted, change_event, note_event, remove_event
from pmtrack.web.answers import answer
from pmtrack.web.errors import Problem, not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import SINGLE_LIMIT, body_of, day_parameter, decode, parameters
from pmtrack.web.schema import PAGING, answers, body_schema, query
from pmtrack.web.throttles import TokenThrottle
from products.api.authentication import requires_scope
from products.queries.versions import ALL_FACTS

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def show_event(row: Any) -> ContextEventOut:
    """An event as the API answers it."""
    return ContextEventOut(
        id=row.pk,
        product=row.product.slug if row.product else None,
        name=row.name,
        kind=row.kind,
        first_day=row.first_day,
        last_day=row.last_day,
        noted_by=row.noted_by.email,
        noted_at=row.noted_at,
    )


def list_events(request: Request) -> HttpResponse:
    """Newest first; filters ``product``, and ``since`` (going on at or after that day)."""
    given = parameters(request, "product", "since", "cursor", "limit")
    rows = visible_events(request.user).select_related("product", "noted_by").order_by("-pk")
    if "product" in given:
        rows = rows.filter(product__slug=given["product"])
    if since := day_parameter(given, "since"):
        rows = rows.exclude(last_day__lt=since)
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_event))


def note_one(request: Request) -> HttpResponse:
    """201 a new event; 200 one that began under this name on this day, which now says what was sent."""
    now = datetime.now(UTC)
    sent = decode(body_of(request, limit=SINGLE_LIMIT), ContextEventIn)
    product = product_for(request.auth, sent.product, today=now.date())
    for name in ("first_day", "last_day"):
        day = getattr(sent, name)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise bad_field(f"/{name}", "bad-event", "Choose a day between 2000 and 2099.")
    facts = EventFacts(sent.name, sent.kind, sent.first_day, sent.last_day)
    held = visible_events(request.user).filter(product=product, name=sent.name, first_day=sent.first_day).first()
    try:
        if held is None:
            event = note_event(product=product, facts=facts, by=request.user, now=now)
        else:
            event = change_event(event=held, facts=facts, now=now)
    except DaysReversed as refused:
        raise bad_field("/last_day", "bad-event", str(refused)) from None
    except EventNoted as refused:
        raise Problem(409, "noted-meanwhile", f"{refused} Send it once more.") from None
    row = visible_events(request.user).select_related("product", "noted_by").get(pk=event.pk)
    return answer(show_event(row), status=200 if held else 201)


fresh_list = fresh_answer(lambda request: ALL_FACTS)(list_events)


@extend_schema(
    methods=["GET"],
    operation_id="list_context_events",
    responses=answers(200, page_of=ContextEventOut),
    parameters=[
        query("product", "Slug of a product; events of the whole company have none."),
        query("since", "Going on at this day or after it.", format="date"),
        *PAGING,
    ],
    description="Newest first, those of the whole company with 'product' null; filters 'product' and 'since'.",
)
@extend_schema(
    methods=["POST"],
    operation_id="note_context_event",
    request=body_schema(ContextEventIn),
    responses=answers(200, 201, struct=ContextEventOut),
    description="Note what else moved a product's figures. The same name and first day again change the event: so it is ended.",
)
@api_view(["GET", "POST"])
@permission_classes([requires_scope("effect:write")])
@throttle_classes([TokenThrottle])
def events_call(request: Request) -> HttpResponse:
    """What else happened: read it, or note it."""
    return note_one(request) if request.method == "POST" else fresh_list(request)


@extend_schema(
    operation_id="remove_context_event",
    request=body_schema(ContextEventKeyIn),
    responses=answers(200, struct=ContextEventOut),
    description="Remove an event that did not happen. Its days count like any other again; the audit keeps what it said.",
)
@api_view(["POST"])
@permission_classes([requires_scope("effect:write")])
@throttle_classes([TokenThrottle])
def remove_one(request: Request) -> HttpResponse:
    """200 with the event that is gone, 404 where there is none."""
    now = datetime.now(UTC)
    sent = decode(body_of(request, limit=SINGLE_LIMIT), ContextEventKeyIn)
    product = product_for(request.auth, sent.product, today=now.date())
    rows = visible_events(request.user).select_related("product", "noted_by")
    row = rows.filter(product=product, name=sent.name, first_day=sent.first_day).first()
    if row is None:
        raise not_found(f"event '{sent.name}' of '{product.slug}' that begins on {sent.first_day}")
    shown = show_event(row)
    remove_event(event=row)
    return answer(shown)
