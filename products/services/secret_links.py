"""Secrets of links that need no password: told once, kept as a digest only; the pepper is not in the database."""

import hashlib
import hmac
import re
import secrets

from django.conf import settings

WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{43}")
NOT_WHOLE = "This is not a whole link. Copy it again, to its very end."


class LinkUnusable(Exception):
    """The link opens nothing: mistyped, used, too old, or its question is over. The message says which."""


def new_secret() -> str:
    """A secret of 256 bits, as it stands in an address."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str, *, use: str) -> str:
    """What is stored instead of a secret; ``use`` keeps links of one kind from opening another. Raises ``LinkUnusable``."""
    if not WELL_FORMED.fullmatch(secret):
        raise LinkUnusable(NOT_WHOLE)
    return hmac.new(settings.TOKEN_PEPPER.encode(), f"{use} {secret}".encode(), hashlib.sha256).hexdigest()
