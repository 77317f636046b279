"""One error shape for the whole API: RFC 9457 problems whose words say what is wrong and how to mend it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"
TRY_AGAIN_SECONDS = "5"
# Where a response keeps the problem that it tells, for whoever logs it (outcomes.py).
NOTED = "pmtrack_problem"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field; ``pointer`` is a JSON pointer into the body, or ``?name`` for a query parameter."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """An answer that is not a success. Raised anywhere in the interface, turned into a response in one place."""

    def __init__(
        self,
        status_code: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status_code = status_code
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    @property
    def title(self) -> str:
        """The code in words; the same for every problem of its kind."""
        return self.code.replace("-", " ").capitalize()

    def at(self, pointer: str) -> "Problem":
        """The same problem, pointing at the field that it is about."""
        found = FieldProblem(pointer, self.code, self.detail)
        return Problem(self.status_code, self.code, self.detail, errors=[found], headers=self.headers)

    def body(self, request_id: str | None = None) -> dict[str, Any]:
        """The problem as a JSON object."""
        value: dict[str, Any] = {
            "type": f"urn:pmtrack:problem:{self.code}",
            "title": self.title,
            "status": self.status_code,
            "detail": self.detail,
        }
        if self.errors:
            value["errors"] = [asdict(error) for error in self.errors]
        if request_id:
            value["request_id"] = request_id
        return value


def not_found(what: str) -> Problem:
    """404: there is no such thing, or the caller may not know that there is."""
    return Problem(404, "not-found", f"There is no {what} here that this caller may see. Check its name.")


def request_id(request: HttpRequest) -> str:
    """The id of this request, made at the first question; it stands in every error."""
    held = request.META.get("pmtrack.request_id")
    if not held:
        held = request.META["pmtrack.request_id"] = str(uuid.uuid4())
    return str(held)


def problem_json(problem: Problem, request: HttpRequest) -> JsonResponse:
    """The problem as a plain Django response, for places outside the REST framework."""
    body = problem.body(request_id(request))
    response = JsonResponse(body, status=problem.status_code, content_type=MEDIA_TYPE, headers=problem.headers)
    setattr(response, NOTED, problem)
    return response


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """The REST framework's exception handler: every known error becomes a problem, unknown ones stay a 500."""
    problem = as_problem(error)
    if problem is None:
        return None
    request = context["request"]
    response = Response(
        problem.body(request_id(request._request)),
        status=problem.status_code,
        headers=problem.headers,
        content_type=MEDIA_TYPE,
    )
    setattr(response, NOTED, problem)
    return response


def as_problem(error: Exception) -> Problem | None:
    """The problem that an exception amounts to, or None where it is a fault of ours."""
    match error:
        case Problem():
            return error
        case Http404():
            return not_found("such thing")
        case PermissionDenied():
            return Problem(403, "forbidden", "This caller may not do that.")
        case OperationalError() | InterfaceError():
            return database_is_away()
        case RequestDataTooBig():
            return Problem(413, "too-large", "The body is too large. Send it in several batches.")
        case SuspiciousOperation():
            return Problem(400, "bad-request", "The request is not one that a client of this API makes. Check its URL.")
        case DataError():
            return Problem(400, "out-of-range", "A value is outside what the database can hold. Use a smaller one.")
        case exceptions.APIException():
            return _from_framework(error)
    return None


def database_is_away() -> Problem:
    """503: nothing was stored; sending the same again is safe."""
    return Problem(
        503,
        "try-again",
        "The database does not answer right now. Nothing of this request was stored; send the same again.",
        headers={"Retry-After": TRY_AGAIN_SECONDS},
    )


def _from_framework(error: exceptions.APIException) -> Problem:
    headers: dict[str, str] = {}
    detail = str(error.detail) if isinstance(error.detail, str) else "The request cannot be accepted as it is."
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    wait = getattr(error, "wait", None)
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, round(wait or 1)))
        detail = f"Too many requests. Wait {headers['Retry-After']} s, or send batches."
    code = {
        status.HTTP_400_BAD_REQUEST: "bad-request",
        status.HTTP_401_UNAUTHORIZED: "not-signed-in",
        status.HTTP_403_FORBIDDEN: "forbidden",
        status.HTTP_404_NOT_FOUND: "not-found",
        status.HTTP_405_METHOD_NOT_ALLOWED: "method-not-allowed",
        status.HTTP_406_NOT_ACCEPTABLE: "not-acceptable",
        status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
        status.HTTP_429_TOO_MANY_REQUESTS: "too-many-requests",
    }.get(error.status_code, "bad-request")
    return Problem(error.status_code, code, detail, headers=headers)
