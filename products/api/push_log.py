"""Writes the push log: one line for each call with a known token, after its answer is made."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from pmtrack.web.errors import request_id
from pmtrack.web.outcomes import outcome_of
from pmtrack.web.schema import name_words
from products.api.authentication import CALLER
from products.models import Scope
from products.services.push_log import Call, log_call

name_words(*Scope.values)
OPEN_NAME = re.compile(r"<\w+:(\w+)>")
UNAVAILABLE = 503
log = logging.getLogger(__name__)


class PushLogMiddleware:
    """Outside of every transaction of the call, so that a failed call leaves its line, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; log it afterwards. While the database is away nothing is tried."""
        called_at, started = datetime.now(UTC), perf_counter()
        response = self.get_response(request)
        token_id = getattr(request, CALLER, None)
        if token_id is not None and response.status_code != UNAVAILABLE:
            try:
                log_call(call=call_of(request, response, token_id, called_at, perf_counter() - started))
            except Exception as error:  # whatever fails here, the answer stands
                log.warning("a call is missing from the push log: %s", type(error).__name__)
        return response


def call_of(request: HttpRequest, response: HttpResponse, token_id: int, called_at: datetime, seconds: float) -> Call:
    """What the log keeps of a call: its route, not its address, and nothing that was sent."""
    outcome = outcome_of(response)
    route = request.resolver_match.route if request.resolver_match else ""
    return Call(
        token_id=token_id,
        called_at=called_at,
        method=request.method or "",
        route="/" + OPEN_NAME.sub(r"<\1>", route),
        status=response.status_code,
        stored=outcome.stored,
        replayed=outcome.replayed,
        corrected=outcome.corrected,
        refused=outcome.refused,
        duration_ms=round(seconds * 1000),
        request_id=UUID(request_id(request)),
        problem=outcome.problem,
        fields=outcome.fields,
    )
