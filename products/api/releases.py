"""Release events in, releases out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request

from pmtrack.web.answers import answer
from pmtrack.web.batches import Result, batch_answer, decode_items, held_back
from pmtrack.web.errors import FieldProblem, Problem, not_found
from pmtrack.web.freshness import fresh_answer
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import (
    BATCH_LIMIT,
    SINGLE_LIMIT,
    body_of,
    choice_parameter,
    decode,
    instant_parameter,
    parameters,
)
from pmtrack.web.schema import PAGING, answers, body_schema, query
from products.api.authentication import requires_scope
from products.api.reach import reach_of
from products.api.shapes import BatchOut, IngestedOut, ReleaseEventBatch, ReleaseEventBatchIn, ReleaseEventIn
from products.models import Product, ReleaseState
from products.queries.releases import ReleaseFacts, exposures_in_order, release_facts, releases_newest_first
from products.queries.versions import Scope, product_scope
from products.services.releases import (
    EventConflict,
    EventFromTheFuture,
    Ingested,
    NewReleaseEvent,
    ingest_release_event,
    ingest_release_events,
)


def show_ingested(done: Ingested) -> dict[str, Any]:
    """What became of an event, as the API answers it."""
    return {
        "source": done.event.source,
        "event_id": done.event.event_id,
        "replayed": done.replayed,
        "erased": done.event.erased_at is not None,
        "release": release_facts(done.release),
    }


def with_exposures(outcomes: Sequence[Ingested | Exception]) -> None:
    """Fetch the exposures of all releases in one statement."""
    releases = [outcome.release for outcome in outcomes if isinstance(outcome, Ingested)]
    prefetch_related_objects(releases, exposures_in_order())


def new_event(body: ReleaseEventIn, product: Product) -> NewReleaseEvent:
    """The domain's event from the decoded body."""
    return NewReleaseEvent(
        source=body.source,
        event_id=body.event_id,
        product=product,
        version=body.version,
        kind=body.kind,
        occurred_at=body.occurred_at.astimezone(UTC),
        environment=body.environment,
        sequence=body.sequence,
        name=body.name,
        url=body.url,
        features=body.features,
        planned_for=body.planned_for,
    )


def problem_of(error: Exception, base: str = "") -> Problem:
    """A refused event in words; ``base`` is the JSON pointer of the event in its body."""
    if isinstance(error, EventConflict):
        detail = (
            "This source and event_id already belong to an event with another content. "
            f"Send a new event_id. Fingerprints: sent {error.sent[:12]}, stored {error.stored[:12]}."
        )
        return Problem(422, "key-reused", detail, errors=[FieldProblem(f"{base}/event_id", "key-reused", detail)])
    detail = "'occurred_at' is more than five minutes ahead of our clock. Check the sender's clock and offset."
    return Problem(422, "clock-skew", detail, errors=[FieldProblem(f"{base}/occurred_at", "clock-skew", detail)])


@extend_schema(
    operation_id="send_release_event",
    request=body_schema(ReleaseEventIn),
    responses=answers(200, 201, struct=IngestedOut),
    description="Say what happened to a release. Sending the same event again is safe and answers 200.",
)
@api_view(["POST"])
@permission_classes([requires_scope("release:write")])
def send_release_event(request: Request) -> HttpResponse:
    """201 new, 200 replay, 422 conflict or clock skew."""
    now = datetime.now(UTC)
    body = decode(body_of(request, limit=SINGLE_LIMIT), ReleaseEventIn)
    product = reach_of(request.auth, [body.product], now=now)[body.product]
    if isinstance(product, Problem):
        raise product.at("/product")
    try:
        done = ingest_release_event(event=new_event(body, product), now=now)
    except (EventConflict, EventFromTheFuture) as error:
        raise problem_of(error) from None
    with_exposures([done])
    if done.replayed:
        return answer(show_ingested(done), headers={"Idempotent-Replayed": "true"})
    return answer(show_ingested(done), status=201)


@extend_schema(
    operation_id="send_release_events",
    request=body_schema(ReleaseEventBatchIn),
    responses=answers(200, 207, 422, struct=BatchOut),
    description="Up to 500 events in any order; 200 all stored or replayed, 207 some, 422 none.",
)
@api_view(["POST"])
@permission_classes([requires_scope("release:write")])
def send_release_events(request: Request) -> HttpResponse:
    """A result for every item; with ``atomic`` nothing is stored unless all is well."""
    now = datetime.now(UTC)
    batch = decode(body_of(request, limit=BATCH_LIMIT), ReleaseEventBatch, limit=BATCH_LIMIT)
    decoded = decode_items(batch.events, ReleaseEventIn, pointer="/events")
    reach = reach_of(request.auth, [item.product for _, item in decoded.good], now=now)
    good: list[tuple[int, NewReleaseEvent]] = []
    bad = list(decoded.bad)
    for index, item in decoded.good:
        product = reach[item.product]
        if isinstance(product, Problem):
            bad.append(Result(index, product.status_code, problem=product.at(f"/events/{index}/product")))
        else:
            good.append((index, new_event(item, product)))
    if batch.atomic and bad:
        return batch_answer([*bad, *(held_back(index) for index, _ in good)])
    return batch_answer([*bad, *_ingest(good, atomic=batch.atomic, now=now)])


def _ingest(good: Sequence[tuple[int, NewReleaseEvent]], *, atomic: bool, now: datetime) -> list[Result]:
    outcomes = ingest_release_events(events=[event for _, event in good], now=now, all_or_nothing=atomic)
    undone = atomic and any(isinstance(outcome, Exception) for outcome in outcomes)
    if not undone:
        with_exposures(outcomes)
    results = []
    for (index, _), outcome in zip(good, outcomes, strict=True):
        if isinstance(outcome, Exception):
            results.append(Result(index, 422, problem=problem_of(outcome, f"/events/{index}")))
        elif undone:
            results.append(held_back(index))
        else:
            results.append(Result(index, 200 if outcome.replayed else 201, show_ingested(outcome)))
    return results


@extend_schema(
    operation_id="list_releases",
    responses=answers(200, page_of=ReleaseFacts),
    parameters=[
        query("product", "Slug of a product."),
        query("state", "Where the release stands.", choices=ReleaseState.values),
        query("since", "Live at or after this instant.", format="date-time"),
        *PAGING,
    ],
)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request: product_scope(request.GET.get("product", "")))
def list_releases(request: Request) -> HttpResponse:
    """Newest first; filters ``product``, ``state`` and ``since`` (live at or after)."""
    given = parameters(request, "product", "state", "since", "cursor", "limit")
    rows = releases_newest_first(
        request.user,
        product=given.get("product"),
        state=choice_parameter(given, "state", ReleaseState.values),
        since=instant_parameter(given, "since"),
    )
    return answer(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=release_facts))


@extend_schema(operation_id="read_release", responses=answers(200, struct=ReleaseFacts))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@fresh_answer(lambda request, number: Scope(releases=(number,)))
def read_release(request: Request, number: int) -> HttpResponse:
    """One release by its key, for example ``R-123``."""
    parameters(request)
    release = releases_newest_first(request.user).filter(pk=number).first()
    if release is None:
        raise not_found(f"release 'R-{number}'")
    return answer(release_facts(release))
