"""Every answer carries the id of its request, the same that stands in a problem and in the push log."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from pmtrack.web.errors import request_id

HEADER = "X-Request-Id"


class RequestIdMiddleware:
    """Outermost, so that no answer leaves without it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; name it in the answer."""
        response = self.get_response(request)
        response.headers[HEADER] = request_id(request)
        return response
