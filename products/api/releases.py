"""Release events in, releases out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request
from rest_framework.response import Response

from pmtrack.web.batches import Result, decode_batch, decode_items, overall_status, refused
from pmtrack.web.errors import FieldProblem, Problem, not_found
from pmtrack.web.pagination import by_id, cut_page
from pmtrack.web.parsing import BATCH_LIMIT, SINGLE_LIMIT, bad_parameter, body_of, decode, instant_parameter, parameters
from pmtrack.web.schema import answers, body_schema
from pmtrack.web.throttles import TokenThrottle
from products.access import token_products, visible_products, visible_releases
from products.api.authentication import requires_scope
from products.api.shapes import (
    BatchOut,
    IngestedOut,
    ReleaseEventBatch,
    ReleaseEventBatchIn,
    ReleaseEventIn,
    ReleaseOut,
)
from products.models import ApiToken, Product, Release, ReleaseState
from products.services.releases import (
    EventConflict,
    EventFromTheFuture,
    Ingested,
    NewReleaseEvent,
    ingest_release_event,
    ingest_release_events,
)


def show_release(release: Release) -> dict[str, Any]:
    """A release as the API answers it."""
    return {
        "key": release.key,
        "product": release.product.slug,
        "environment": release.environment,
        "version": release.version,
        "name": release.name,
        "url": release.url,
        "features": release.feature_keys,
        "state": release.state,
        "planned_for": release.planned_for,
        "released_at": release.released_at,
        "live_at": release.live_at,
        "rolled_back_at": release.rolled_back_at,
    }


def show_ingested(done: Ingested) -> dict[str, Any]:
    """What became of an event, as the API answers it."""
    return {
        "source": done.event.source,
        "event_id": done.event.event_id,
        "replayed": done.replayed,
        "release": show_release(done.release),
    }


def reach_of(token: ApiToken, slugs: Sequence[str], *, now: datetime) -> dict[str, Product | Problem]:
    """For each slug the product that the token may write to, or the problem: 404 unknown, 403 out of reach."""
    known = {product.slug: product for product in visible_products(token.created_by).filter(slug__in=set(slugs))}
    mine = set(token_products(token, day=now.date()).filter(slug__in=known).values_list("slug", flat=True))
    return {slug: _reached(slug, known, mine) for slug in set(slugs)}


def _reached(slug: str, known: dict[str, Product], mine: set[str]) -> Product | Problem:
    if slug not in known:
        return not_found(f"product '{slug}'")
    if slug not in mine:
        return Problem(
            403, "out-of-reach", f"This token may not write to '{slug}'. Use one made for it by its PM or lead."
        )
    return known[slug]


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
    )


def problem_of(error: EventConflict | EventFromTheFuture) -> Problem:
    """A refused event in words."""
    if isinstance(error, EventFromTheFuture):
        detail = "'occurred_at' is more than five minutes ahead of our clock. Check the sender's clock and offset."
        return Problem(422, "clock-skew", detail, errors=[FieldProblem("/occurred_at", "clock-skew", detail)])
    detail = (
        "This source and event_id already belong to an event with another content. "
        f"Send a new event_id. Fingerprints: sent {error.sent[:12]}, stored {error.stored[:12]}."
    )
    return Problem(422, "key-reused", detail, errors=[FieldProblem("/event_id", "key-reused", detail)])


@extend_schema(
    operation_id="send_release_event",
    request=body_schema(ReleaseEventIn),
    responses=answers(200, 201, struct=IngestedOut),
    description="Say what happened to a release. Sending the same event again is safe and answers 200.",
)
@api_view(["POST"])
@permission_classes([requires_scope("release:write")])
@throttle_classes([TokenThrottle])
def send_release_event(request: Request) -> Response:
    """201 new, 200 replay, 422 conflict or clock skew."""
    now = datetime.now(UTC)
    body = decode(body_of(request, limit=SINGLE_LIMIT), ReleaseEventIn)
    product = reach_of(request.auth, [body.product], now=now)[body.product]
    if isinstance(product, Problem):
        raise product
    try:
        done = ingest_release_event(event=new_event(body, product), now=now)
    except (EventConflict, EventFromTheFuture) as error:
        raise problem_of(error) from None
    if done.replayed:
        return Response(show_ingested(done), status=200, headers={"Idempotent-Replayed": "true"})
    return Response(show_ingested(done), status=201)


@extend_schema(
    operation_id="send_release_events",
    request=body_schema(ReleaseEventBatchIn),
    responses=answers(200, 207, 422, struct=BatchOut),
    description="Up to 500 events in any order; 200 all stored or replayed, 207 some, 422 none.",
)
@api_view(["POST"])
@permission_classes([requires_scope("release:write")])
@throttle_classes([TokenThrottle])
def send_release_events(request: Request) -> Response:
    """A result for every item; with ``atomic`` nothing is stored unless all is well."""
    now = datetime.now(UTC)
    batch = decode_batch(body_of(request, limit=BATCH_LIMIT), ReleaseEventBatch, limit=BATCH_LIMIT)
    decoded = decode_items(batch.events, ReleaseEventIn, pointer="/events")
    results = list(decoded.bad)
    reach = reach_of(request.auth, [item.product for _, item in decoded.good], now=now)
    good = []
    for index, item in decoded.good:
        product = reach[item.product]
        if isinstance(product, Problem):
            results.append(Result(index, product.status_code, problem=product))
        else:
            good.append((index, new_event(item, product)))
    results += _ingest(good, atomic=batch.atomic, refused_before=bool(results), now=now)
    return batch_answer(sorted(results, key=lambda result: result.index))


def _ingest(
    good: list[tuple[int, NewReleaseEvent]], *, atomic: bool, refused_before: bool, now: datetime
) -> list[Result]:
    if atomic and refused_before:
        return [held_back(index) for index, _ in good]
    with transaction.atomic():
        outcomes = ingest_release_events(events=[event for _, event in good], now=now)
        failed = any(isinstance(outcome, Exception) for outcome in outcomes)
        if atomic and failed:
            transaction.set_rollback(True)
    results = []
    for (index, _), outcome in zip(good, outcomes, strict=True):
        if isinstance(outcome, Ingested):
            status = 200 if outcome.replayed else 201
            results.append(held_back(index) if atomic and failed else Result(index, status, show_ingested(outcome)))
        else:
            results.append(Result(index, 422, problem=problem_of(outcome)))
    return results


def held_back(index: int) -> Result:
    """An item that was fine but belongs to an atomic batch that was not."""
    return refused(index, 422, "held-back", "Nothing of this atomic batch was stored, because another item is refused.")


def batch_answer(results: Sequence[Result]) -> Response:
    """The answer to a batch: counts and every item's result."""
    body = {
        "stored": sum(result.status == 201 for result in results),
        "replayed": sum(result.status == 200 for result in results),
        "refused": sum(result.problem is not None for result in results),
        "results": [result.body() for result in results],
    }
    return Response(body, status=overall_status(results))


@extend_schema(operation_id="list_releases", responses=answers(200, page_of=ReleaseOut), filters=False)
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
def list_releases(request: Request) -> Response:
    """Newest first; filters ``product``, ``state`` and ``since`` (live at or after)."""
    given = parameters(request, "product", "state", "since", "cursor", "limit")
    rows = visible_releases(request.user).select_related("product").order_by("-pk")
    if "product" in given:
        rows = rows.filter(product__slug=given["product"])
    if "state" in given:
        if given["state"] not in ReleaseState.values:
            raise bad_parameter("state", f"'state' must be one of: {', '.join(ReleaseState.values)}.")
        rows = rows.filter(state=given["state"])
    if since := instant_parameter(given, "since"):
        rows = rows.filter(live_at__gte=since)
    return Response(cut_page(rows, given, after=by_id, key=lambda row: row.pk, show=show_release).body())


@extend_schema(operation_id="read_release", responses=answers(200, struct=ReleaseOut))
@api_view(["GET"])
@permission_classes([requires_scope("read")])
@throttle_classes([TokenThrottle])
def read_release(request: Request, number: int) -> Response:
    """One release by its key, for example ``R-123``."""
    parameters(request)
    release = visible_releases(request.user).select_related("product").filter(pk=number).first()
    if release is None:
        raise not_found(f"release 'R-{number}'")
    return Response(show_release(release))
