"""What people and clients see while the database is away, and when we fail: an answer in words, never a bare 500."""

import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from pmtrack.web.errors import Problem, database_is_away, problem_json


class OutageMiddleware:
    """Turns a lost database into a 503 that says that nothing was stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Called by Django with what a view raised."""
        return _outage(request) if isinstance(error, OperationalError | InterfaceError) else None


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the exception is being handled.

    A database lost outside of views (reading the session, say) arrives here and not in ``process_exception``.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return _outage(request)
    if request.path.startswith("/api/"):
        detail = (
            "We failed, not you. Nothing of this request was stored; send the same again, and report the request id."
        )
        return problem_json(Problem(500, "our-fault", detail), request)
    return HttpResponse(render_to_string("500.html"), status=500)


def _outage(request: HttpRequest) -> HttpResponse:
    problem = database_is_away()
    if request.path.startswith("/api/"):
        return problem_json(problem, request)
    return HttpResponse(render_to_string("503.html"), status=503, headers=problem.headers)
