"""Where signing in and out meets the audit: allauth calls these at the moments that count."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from pmtrack.web.errors import request_id
from products.models import User
from products.services.audit import record_failed_sign_in, record_sign_in, record_sign_out


class SignIn(DefaultAccountAdapter):
    """allauth's own ways, written down."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin the session."""
        super().login(request, user)
        record_sign_in(user=user, request_id=request_id(request), now=datetime.now(UTC))

    def logout(self, request: HttpRequest) -> None:
        """End the session."""
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            record_sign_out(user=user, request_id=request_id(request), now=datetime.now(UTC))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Called with what was typed; the password goes no further."""
        address = str(credentials.get("email") or credentials.get("username") or "")
        record_failed_sign_in(address=address, request_id=request_id(request), now=datetime.now(UTC))
