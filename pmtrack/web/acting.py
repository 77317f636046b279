"""Tells the database who acts, so that the triggers of the audit can write it down.

Only statements that write to an audited table carry it, in the same round trip; reading and intake cost nothing.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from pmtrack.web.errors import request_id
from pmtrack.web.wake import UNSAFE

# Local to the transaction: a connection that is used again, or shared by a pool, knows nothing of the one before.
SAY = "SELECT set_config('pmtrack.actor', '{}', true), set_config('pmtrack.token', '{}', true), set_config('pmtrack.request', '{}', true); "
WRITES = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?\"?(?:" + "|".join(settings.AUDITED_TABLES) + r")\b",
    re.IGNORECASE,
)
NOT_SAFE_IN_SQL = re.compile(r"[^0-9A-Za-z._:-]")


class ActingMiddleware:
    """Watches the statements of writing requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; where it may write, with the words of who acts at hand."""
        if request.method not in UNSAFE:
            return self.get_response(request)

        def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            # One string of two statements is one transaction, also where nobody began one.
            said = who_acts(request) + sql if WRITES.search(sql) else sql
            return run(said, params, many, context)

        with connection.execute_wrapper(execute):
            return self.get_response(request)


def who_acts(request: HttpRequest) -> str:
    """The statement that names the person, the API token and the request to the rest of the transaction."""
    user = getattr(getattr(request, "user", None), "pk", None)
    token = getattr(getattr(request, "auth", None), "pk", None)  # the REST framework leaves it on the request
    return SAY.format(user or "", token or "", NOT_SAFE_IN_SQL.sub("", request_id(request))[:64])
