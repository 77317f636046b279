"""Writes refusals and exports down after the answer is made, so that no page and no endpoint can forget it."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse

from pmtrack.web.errors import request_id
from products.models import ApiToken, User
from products.services.audit import known_token, record_export, record_refusal

QUIET_SECONDS = 60.0
REMEMBERED = 10_000
UNKNOWN, FORBIDDEN, NOT_FOUND = 401, 403, 404
logger = logging.getLogger(__name__)


class Lately:
    """What happened within the last minute in this process: a client that repeats itself is written down once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[object, ...], float] = OrderedDict()

    def is_new(self, *key: object) -> bool:
        """Whether ``key`` was not seen within the last minute; from now on it was."""
        now = time.monotonic()
        with self._lock:
            fresh = now - self._seen.get(key, -QUIET_SECONDS) >= QUIET_SECONDS
            if fresh:
                self._seen.pop(key, None)
                self._seen[key] = now
            while len(self._seen) > REMEMBERED:
                self._seen.popitem(last=False)
        return fresh


class AuditMiddleware:
    """Adds to the audit; an answer never fails or changes because of it."""

    lately = Lately()

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, and look at the answer."""
        response = self.get_response(request)
        if _is_refusal(request, response) or _is_export(response):
            try:
                with transaction.atomic():
                    self.record(request, response)
            except DatabaseError:
                logger.exception("An answer could not be written to the audit. Request %s.", request_id(request))
        return response

    def record(self, request: HttpRequest, response: HttpResponse) -> None:
        """One entry about somebody known; strangers are sent to the sign-in and leave none."""
        user, token = _caller(request, response)
        if user is None:
            return
        address, now, number = _address(request), datetime.now(UTC), request_id(request)
        if _is_export(response):
            size = None if response.streaming else len(response.content)
            record_export(user=user, token=token, address=address, size=size, request_id=number, now=now)
        elif self.lately.is_new(user.pk, token and token.pk, request.method, address, response.status_code):
            record_refusal(
                user=user,
                token=token,
                method=request.method or "",
                address=address,
                status=response.status_code,
                request_id=number,
                now=now,
            )


def _caller(request: HttpRequest, response: HttpResponse) -> tuple[User | None, ApiToken | None]:
    """Whom the token or the session names. A token that no longer holds still names its maker."""
    if response.status_code == UNKNOWN:
        token = known_token(request.META.get("HTTP_AUTHORIZATION", "").partition(" ")[2].strip())
        return (token.created_by if token else None), token
    user, token = getattr(request, "user", None), getattr(request, "auth", None)
    return (user if isinstance(user, User) else None), (token if isinstance(token, ApiToken) else None)


def _is_export(response: HttpResponse) -> bool:
    return response.status_code == 200 and response.get("Content-Type", "").startswith("text/csv")


def _is_refusal(request: HttpRequest, response: HttpResponse) -> bool:
    """401 and 403 of anything; 404 where a thing was named that is not there or not for this person, which answer alike."""
    match = request.resolver_match
    if match is None or match.url_name is None:
        return False
    names_a_thing = bool(match.kwargs) or getattr(request, "auth", None) is not None
    return response.status_code in {UNKNOWN, FORBIDDEN} or (response.status_code == NOT_FOUND and names_a_thing)


def _address(request: HttpRequest) -> str:
    """The path without its query, and without the secret that a link from a mail carries."""
    secret = request.resolver_match.kwargs.get("token") if request.resolver_match else None
    return request.path.replace(str(secret), "…") if secret else request.path
