"""A REST client for tests: posts JSON with a token, reads JSON back."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client


class Api:
    """Calls ``/api/v1`` with one token."""

    def __init__(self, secret: str | None) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def post(self, path: str, body: Any) -> HttpResponse:
        """Post ``body`` as JSON; bytes go as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(f"/api/v1/{path}", data, content_type="application/json", headers=self.headers)

    def get(self, path: str) -> HttpResponse:
        """Get a path with its query."""
        return self.client.get(f"/api/v1/{path}", headers=self.headers)
