"""Short ways to upload: two files, how to read them, and a browser that chooses them."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from products.models import User

GOOD = b"day,value\n2026-01-01,5\n2026-01-02,6.5\n"
MIXED = b"day,value\n2026-01-01,5\n2026-01-02,=1+1\n2026-01-03,7\n2026-01-03,8\n2026-02-30,1\n"
PLAN = {"delimiter": "comma", "day": "0", "day_format": "iso", "value": "1", "value_decimal": "point", "source": "csv"}


def browser_of(user: User) -> Client:
    """A signed-in browser that shows errors as pages."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def choose(client: Client, content: bytes, *, slug: str = "visits", name: str = "visits.csv") -> Any:
    """Choose a file; the answer."""
    return client.post(f"/kpis/{slug}/upload/", {"file": SimpleUploadedFile(name, content)})


def chosen(client: Client, content: bytes, *, slug: str = "visits") -> str:
    """Choose a file; the address of its page."""
    answer = choose(client, content, slug=slug)
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())
