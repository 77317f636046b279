"""A reader who holds a page already: his session, his account and the data's version are asked in one statement."""

from collections.abc import Callable
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from pmtrack.web.freshness import SAFE, TAG, not_modified, seal
from products.models import User
from products.queries.versions import Scope, session_and_version


class RevalidationMiddleware:
    """Answers 304 before everything else is set up, for pages marked by ``fresh_page``.

    It never refuses anybody: whatever does not fit exactly goes the usual way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """304, or pass the request on."""
        held = request.META.get("HTTP_IF_NONE_MATCH")
        tag = current_tag(request, held) if held and request.method in SAFE else None
        return not_modified(tag) if tag is not None and tag == held else self.get_response(request)


def current_tag(request: HttpRequest, held: str) -> str | None:
    """The tag that the page would have now for the reader who ``held`` names, if his session is good."""
    named = TAG.fullmatch(held)
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    token = request.COOKIES.get(settings.CSRF_COOKIE_NAME)
    if named is None or token is None or not session.isalnum() or request.COOKIES.get("messages"):
        return None
    reader = int(named[1][:18])
    scope = _scope(request)
    if scope is None:
        return None
    now = datetime.now(UTC)
    found = session_and_version(scope, session=session, reader=reader, now=now)
    if found is None or not _is_signed_in(SessionStore().decode(found.session), reader, found.password):
        return None
    return seal(reader, request.get_full_path(), token, found.version, now=now)


def _scope(request: HttpRequest) -> Scope | None:
    """What the page at this address is made of; None where it is not marked."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    scope_of = getattr(match.func, "scope_of", None)
    return scope_of(request, *match.args, **match.kwargs) if scope_of else None


def _is_signed_in(session: dict[str, Any], reader: int, password: str) -> bool:
    """What Django asks of a session (``django.contrib.auth.get_user``), and that no message waits to be shown."""
    expected = User(pk=reader, password=password).get_session_auth_hash()
    return (
        session.get(SESSION_KEY) == str(reader)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and compare_digest(str(session.get(HASH_SESSION_KEY, "")), expected)
        and "_messages" not in session
    )
