"""Answers of the REST API: one typed value, encoded once; and the end of every address that does not exist."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from pmtrack.web.errors import Problem, problem_json


class AlwaysJson(BaseContentNegotiation):
    """There is one representation, so no Accept header and no ?format= can ask for another."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The JSON renderer."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


def answer(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A struct, dataclass or plain value as JSON; instants in RFC 3339, decimals as texts."""
    body = msgspec.json.encode(value)
    return HttpResponse(body, status=status, headers=dict(headers or {}), content_type="application/json")


@csrf_exempt
@login_not_required
def no_such_address(request: HttpRequest) -> HttpResponse:
    """404 for every other address below /api/."""
    problem = Problem(404, "not-found", "There is nothing at this address. /api/openapi.json lists every call.")
    return problem_json(problem, request)
