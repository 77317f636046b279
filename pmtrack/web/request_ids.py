"""Every answer carries the id of its request, the same that stands in problems, in the push log and on every log line."""

import re
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from pmtrack.web.errors import request_id

HEADER = "X-Request-Id"
# A UUID and nothing else: a client's id goes into logs, where no name or address may be smuggled in.
WELL_FORMED = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

# The id of the request that this thread, or the job that a request woke, is at; empty elsewhere.
current: ContextVar[str] = ContextVar("pmtrack_request_id", default="")


class RequestIdMiddleware:
    """Outermost, so that no answer leaves and no line is logged without it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Take the client's id if it is a UUID, else make one; name it in the answer."""
        if WELL_FORMED.fullmatch(sent := request.headers.get(HEADER, "")):
            request.META["pmtrack.request_id"] = sent.lower()
        reset = current.set(request_id(request))
        try:
            response = self.get_response(request)
            response.headers[HEADER] = current.get()
            return response
        finally:
            current.reset(reset)
