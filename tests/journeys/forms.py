"""Fills forms as a browser does: what stands in the fields is sent back, but for what the person changes."""

from typing import Any

from django.http import HttpResponse
from django.test import Client


def opened(client: Client, path: str) -> dict[str, Any]:
    """What the form of a page sends when nothing is changed."""
    form = client.get(path).context["form"]
    values = {bound.name: bound.value() for bound in form}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def send(client: Client, path: str, **typed: Any) -> HttpResponse:
    """Open the page, change what is ``typed`` (None: untick or leave out), press the button."""
    values = {**opened(client, path), **typed}
    return client.post(path, {name: value for name, value in values.items() if value is not None})
