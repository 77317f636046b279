"""How the API's description names the two ways to sign in. Loaded by the app's configuration."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import SAFE_METHODS

from products.api.authentication import SessionReading, TokenAuthentication, scope_of


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description names the token."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        """The token's scope for this call."""
        scope = scope_of(auto_schema.view.get_permissions(), auto_schema.method)
        return {"token": [scope] if scope else []}

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "pmt_<kind>_<32 letters><checksum>"}


class SessionScheme(OpenApiAuthenticationExtension):
    """How the API's description names the browser's session."""

    target_class = SessionReading
    name = "session"

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        """Good for reading only."""
        return [{"session": []}] if auto_schema.method in SAFE_METHODS else []

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """The session's cookie; it reads and never writes."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
