"""Who calls the API: a token, or (for reading) the signed-in browser; and what the token may do."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from products.models import ApiToken, Scope, User
from products.services.tokens import TokenUnusable, find_token

# Where a request keeps the id of the token that it bore, also of one that is refused: for the push log.
CALLER = "pmtrack_token_id"
CHALLENGE = 'Bearer realm="pmtrack"'


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer pmt_…``; the token's maker is the user, the token is ``request.auth``."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """None without a token; 401 in words for one that does not hold."""
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise AuthenticationFailed("Send the token as 'Authorization: Bearer pmt_…'.")
        try:
            token = find_token(secret.strip(), now=datetime.now(UTC))
        except TokenUnusable as error:
            note_caller(request, error.token)
            raise AuthenticationFailed(str(error)) from None
        note_caller(request, token)
        return token.created_by, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 says about how to sign in."""
        return CHALLENGE


class SessionReading(SessionAuthentication):
    """The signed-in browser may read; writing over the API takes a token."""

    def authenticate(self, request: Request) -> tuple[User | AnonymousUser, None] | None:
        """The session's user, for safe methods only."""
        return super().authenticate(request) if request.method in SAFE_METHODS else None


def note_caller(request: Request, token: ApiToken | None) -> None:
    """Remember whose call this is."""
    if token is not None:
        setattr(request._request, CALLER, token.pk)


def scope_of(permissions: Iterable[object], method: str) -> str:
    """The scope that a token needs for ``method`` under these permissions; "" where any token will do."""
    held = next((one.writes_with for one in permissions if hasattr(one, "writes_with")), "")
    return Scope.READ.value if held and method in SAFE_METHODS else held


def requires_scope(scope: str) -> type[BasePermission]:
    """A permission class: reading takes a token with ``read`` or a session, anything else a token with ``scope``."""

    class HasScope(BasePermission):
        message = "This token lacks the scope."
        writes_with = scope

        def has_permission(self, request: Request, view: object) -> bool:
            reads = request.method in SAFE_METHODS
            if isinstance(request.auth, ApiToken):
                needed = Scope.READ.value if reads else scope
                self.message = f"This token lacks the scope '{needed}'. Make one that has it."
                return needed in request.auth.scopes
            return bool(request.user.is_authenticated and reads)

    HasScope.__name__ = f"HasScope_{scope.replace(':', '_')}"
    return HasScope
