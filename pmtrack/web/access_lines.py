"""One log line and one count for each request, by the name of its route: never an address, a query or a name."""

import logging
from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject, empty

from pmtrack.web import meters
from pmtrack.web.outcomes import NOTE, Outcome, outcome_of

log = logging.getLogger("pmtrack.access")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class AccessMiddleware:
    """Just inside the request's id, so that it sees every answer, also those that other middleware gives."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; count and log it."""
        began = perf_counter()
        response = self.get_response(request)
        seconds = perf_counter() - began
        method = request.method if request.method in METHODS else "OTHER"
        route = route_of(request)
        meters.count_request(route, method or "OTHER", response.status_code, seconds)
        if route.startswith("api_") and method in UNSAFE:
            outcome = outcome_of(response)
            meters.count_items(route, outcome)
        fields = {
            "method": method,
            "route": route,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "user": user_id(request),
            "token": getattr(getattr(request, "auth", None), "pk", None),
        }
        if isinstance(noted := getattr(response, NOTE, None), Outcome):
            fields["items"] = noted.stored + noted.replayed + noted.corrected + noted.refused
        log.info("request", extra={"fields": fields})
        return response


def route_of(request: HttpRequest) -> str:
    """The name of the route that took the request; addresses are endless and may hold names, routes are few."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "unmatched"


def user_id(request: HttpRequest) -> int | None:
    """The number of the person who asked, if anybody looked: logging alone reads no session."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject) and user._wrapped is empty:
        return None
    return getattr(user, "pk", None)
