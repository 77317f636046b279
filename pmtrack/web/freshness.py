"""ETag and 304: an answer says which data it was made of, and asking again costs one statement where nothing changed.

The tag is weak (it stands for the same facts, not for the same bytes) and sealed over all that an answer depends on: the
program, the address, the reader, his form token, the data's version, and the quarter of an hour, since days begin at a
quarter somewhere and "as of" must not grow old.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache, wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import parse_etags

SAFE = frozenset({"GET", "HEAD"})
TAG = re.compile(r'W/"([0-9]+)-[0-9a-f]{32}"')
PROGRAM = ("*.py", "*.html", "*.css", "*.js", "*.lock", "*.svg")


class Versioned(Protocol):
    """A part of the data that knows its version."""

    def version(self, user: Any, *, day: date) -> str:
        """What changes whenever that part changes, in one statement."""
        ...


View = Callable[..., HttpResponse]
ScopeOf = Callable[..., Any]
VersionOf = Callable[[Any, Any, date], str]


def version_of_scope(request: Any, scope: Versioned, day: date) -> str:
    """What the scope says itself."""
    return scope.version(request.user, day=day)


@cache
def program_version() -> str:
    """A digest of the code, templates and static files that this process runs; all processes of one build agree."""
    digest = blake2b(digest_size=16)
    folders = [settings.BASE_DIR / name for name in ("pmtrack", "metrics", "feedback", "products", "templates")]
    paths = [path for folder in folders for pattern in PROGRAM for path in folder.rglob(pattern)]
    for path in sorted([*paths, *Path(settings.BASE_DIR).glob("*.lock")]):
        digest.update(f"{path.relative_to(settings.BASE_DIR)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def seal(reader: int, address: str, form_token: str, version: str, *, now: datetime) -> str:
    """The ETag of what ``address`` answers to ``reader`` with data of ``version``; ``form_token`` is "" for the API."""
    quarter = int(now.timestamp()) // 900
    parts = "\0".join([program_version(), str(quarter), str(reader), address, form_token, version])
    digest = blake2b(parts.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16)
    return f'W/"{reader}-{digest.hexdigest()}"'


def not_modified(tag: str) -> HttpResponse:
    """304: what the caller holds is what he would get."""
    response = HttpResponse(status=304)
    del response.headers["Content-Type"]
    return mark(response, tag)


def mark(response: HttpResponse, tag: str) -> HttpResponse:
    """Kept by the reader's own browser or client only, and never used without asking."""
    response.headers["ETag"] = tag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Authorization"])
    return response


def fresh_page(scope_of: ScopeOf, version_of: VersionOf = version_of_scope) -> Callable[[View], View]:
    """A page that answers 304 while nothing of ``scope_of(request, **arguments)`` has changed for this reader.

    ``version_of(request, scope, day)`` may read the version together with what the page needs in any case.
    """

    def decorate(view: View) -> View:
        answer = _conditional(view, scope_of, form_token, version_of)
        answer.scope_of = scope_of  # for whoever answers before the view
        return answer

    return decorate


def fresh_answer(scope_of: ScopeOf) -> Callable[[View], View]:
    """The same for the API, below its decorators: whoever may not ask is refused before."""
    return lambda view: _conditional(view, scope_of, lambda request: "", version_of_scope)


def form_token(request: Any) -> str | None:
    """The secret of the page's forms; None where the page is not like any other: the first one, or one with messages."""
    pending = request.COOKIES.get("messages") or "_messages" in request.session
    return None if pending else request.COOKIES.get(settings.CSRF_COOKIE_NAME)


def _conditional(view: View, scope_of: ScopeOf, token_of: Callable[[Any], str | None], version_of: VersionOf) -> View:
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        token = token_of(request) if request.method in SAFE else None
        if token is None:
            return view(request, *args, **kwargs)
        now = datetime.now(UTC)
        version = version_of(request, scope_of(request, **kwargs), now.date())
        tag = seal(request.user.pk or 0, request.get_full_path(), token, version, now=now)
        held = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
        if tag in held or tag.removeprefix("W/") in held:
            return not_modified(tag)
        response = view(request, *args, **kwargs)
        if response.status_code != 200:
            return response
        # "*" asks whether there is anything at all, which only the view knows.
        return not_modified(tag) if held == ["*"] else mark(response, tag)

    return answer
