"""What people and clients see while the database is away: 503 in words with Retry-After, never a bare 500."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from pmtrack.web.errors import database_is_away, problem_json


class OutageMiddleware:
    """Turns a lost database into a 503 that says that nothing was stored."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Called by Django with what a view raised."""
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        problem = database_is_away()
        if request.path.startswith("/api/"):
            return problem_json(problem, request)
        return HttpResponse(render_to_string("503.html"), status=503, headers=problem.headers)
