"""How the settings read the environment."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from pmtrack.stack import discovery


def flag(name: str, *, default: bool) -> bool:
    """An environment variable read as yes or no."""
    value = os.environ.get(name, "").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    return default


def words(name: str, default: str = "") -> list[str]:
    """An environment variable read as a comma-separated list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def secret(name: str) -> str:
    """A secret: ``PMTRACK_<name>`` from the environment, else the one that `manage.py up` made for this machine."""
    value = os.environ.get(f"PMTRACK_{name}") or discovery.secret(name)
    if not value:
        raise ImproperlyConfigured(
            f"PMTRACK_{name} is not set. Run `python3 manage.py up` once, which makes one, or set it to a long random text."
        )
    return value


def database(url: str, *, role: str) -> dict[str, object]:
    """Django's database settings from a ``postgresql://`` address."""
    parts = urlsplit(url)
    statement_timeout = "55s" if role in {"worker", "sweep", "manage"} else "10s"
    lock_timeout = "2s" if role == "migrate" else "4s"
    limits = (
        f"-c statement_timeout={statement_timeout} -c lock_timeout={lock_timeout} "
        "-c idle_in_transaction_session_timeout=15s"
    )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Behind a pooler each transaction may meet another connection: cursors and prepared statements do not outlive it.
        "DISABLE_SERVER_SIDE_CURSORS": flag("PMTRACK_POOLED", default=False),
        "OPTIONS": {
            "connect_timeout": 3,
            "options": limits,
            "application_name": f"pmtrack {role}",
            **dict(parse_qsl(parts.query)),
        },
    }
