"""KPI readings in bulk: one typed pass when all is well, item by item when something is not."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes, throttle_classes
from rest_framework.request import Request

from metrics.access import visible_kpis
from metrics.api.shapes import PushedOut, ReadingBatch, ReadingBatchIn, ReadingIn
from metrics.models import Kpi, KpiCadence
from metrics.services.reading_values import BadReading, sums_of, sums_of_all
from metrics.services.readings import NewReading, OtherSourceAccepted, Pushed, push_readings
from pmtrack.web.answers import answer
from pmtrack.web.batches import Result, decode_batch, decode_items, refused
from pmtrack.web.errors import FieldProblem, Problem, not_found
from pmtrack.web.outcomes import note_items
from pmtrack.web.parsing import BATCH_LIMIT, body_of, scan
from pmtrack.web.schema import answers, body_schema
from pmtrack.web.throttles import TokenThrottle
from products.access import token_reach
from products.api.authentication import requires_scope
from products.api.reach import refusal_of
from products.models import ApiToken


def kpi_for(token: ApiToken, slug: str, *, today: date) -> Kpi:
    """The KPI that the token may write. Raises 404 for unknown ones and 403 for others' ones."""
    try:
        kpi = visible_kpis(token.created_by).select_related("product").get(slug=slug)
    except Kpi.DoesNotExist:
        raise not_found(f"KPI '{slug}'") from None
    reached = token_reach(token, [kpi.product.slug], day=today)[kpi.product.slug]
    if refusal := refusal_of(reached, kpi.product.slug):
        raise refusal
    return kpi


def decode_all(body: bytes) -> ReadingBatchIn | None:
    """The whole batch in one pass, or None where something in it is wrong."""
    try:
        return msgspec.json.decode(body, type=ReadingBatchIn)
    except (msgspec.DecodeError, ValueError):  # also half a surrogate pair
        return None


def convert(items: Sequence[tuple[int, ReadingIn]], kpi: Kpi, last_day: date) -> tuple[list[NewReading], list[Result]]:
    """The readings that can be stored, and a result for each that cannot."""
    good: dict[date, NewReading] = {}
    bad: list[Result] = []
    for index, sent in items:
        try:
            reading = sums_of(sent, kpi.form, last_day, kpi.cadence)
            if good.setdefault(reading.day, reading) != reading:
                raise BadReading("day", f"{reading.day} is given twice with different values. Send it once.")
        except BadReading as error:
            found = FieldProblem(f"/readings/{index}/{error.field}", "invalid", str(error))
            bad.append(refused(index, 422, "bad-reading", str(error), found))
    return list(good.values()), bad


def convert_all(sent: Sequence[ReadingIn], kpi: Kpi, last_day: date) -> list[NewReading] | None:
    """All readings, or None where one cannot be stored or a day is given twice."""
    readings = sums_of_all(sent, kpi.form, last_day) if kpi.cadence == KpiCadence.DAY else None
    if readings is None:
        try:
            readings = [sums_of(one, kpi.form, last_day, kpi.cadence) for one in sent]
        except BadReading:
            return None
    return readings if len({reading.day for reading in readings}) == len(readings) else None


@extend_schema(
    operation_id="push_readings",
    request=body_schema(ReadingBatchIn),
    responses=answers(200, 207, 422, struct=PushedOut),
    description="Up to 10,000 days of one KPI. A later push for a day corrects it; the same push again changes nothing.",
)
@api_view(["POST"])
@permission_classes([requires_scope("kpi:write")])
@throttle_classes([TokenThrottle])
def push_kpi_readings(request: Request, slug: str) -> HttpResponse:
    """200 all stored, 207 some, 422 none; ``results`` names what was refused and why."""
    now = datetime.now(UTC)
    kpi = kpi_for(request.auth, slug, today=now.date())
    body = body_of(request, limit=BATCH_LIMIT)
    scan(body)
    whole, last_day = decode_all(body), now.date() + timedelta(days=1)
    if whole is not None and (fit := convert_all(whole.readings, kpi, last_day)) is not None:
        return pushed_answer(_push(kpi, whole.source, fit, now=now), [])
    return _push_one_by_one(kpi, body, last_day, now=now)


def _push_one_by_one(kpi: Kpi, body: bytes, last_day: date, *, now: datetime) -> HttpResponse:
    """Each reading by itself: what fits is stored unless the batch is atomic, and the rest refused in words."""
    frame = decode_batch(body, ReadingBatch, limit=BATCH_LIMIT)
    decoded = decode_items(frame.readings, ReadingIn, pointer="/readings")
    readings, unfit = convert(decoded.good, kpi, last_day)
    bad = [*decoded.bad, *unfit]
    repeated = len(decoded.good) - len(unfit) - len(readings)
    if not readings or (frame.atomic and bad):
        return pushed_answer(Pushed(0, 0, 0), bad)
    return pushed_answer(_push(kpi, frame.source, readings, now=now), bad, repeated=repeated)


def _push(kpi: Kpi, source: str, readings: Sequence[NewReading], *, now: datetime) -> Pushed:
    """Store what ``convert`` found to fit. Raises a 409 ``Problem`` for a second source."""
    try:
        return push_readings(kpi=kpi, source=source, readings=readings, now=now)
    except OtherSourceAccepted as error:
        detail = f"This KPI takes its readings from '{error.accepted}' alone. Send them under that source."
        raise Problem(409, "other-source", detail, errors=[FieldProblem("/source", "other-source", detail)]) from None


def pushed_answer(pushed: Pushed, bad: Sequence[Result], *, repeated: int = 0) -> HttpResponse:
    """Counts, and the refused items in their order; ``repeated`` items said the same as another of the batch."""
    stored = pushed.created + pushed.corrected + pushed.unchanged
    status = 200 if not bad else (207 if stored else 422)
    body: dict[str, Any] = {
        "created": pushed.created,
        "corrected": pushed.corrected,
        "unchanged": pushed.unchanged + repeated,
        "refused": len(bad),
        "results": [result.body() for result in sorted(bad, key=lambda result: result.index)],
    }
    return note_items(
        answer(body, status=status),
        stored=pushed.created,
        replayed=body["unchanged"],
        corrected=pushed.corrected,
        problems=[result.problem for result in bad if result.problem is not None],
    )
