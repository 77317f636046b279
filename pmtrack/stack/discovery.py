"""Where the servers are and what the secrets are: the environment's word first, else what `up` wrote down."""

import json
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from pmtrack.stack.locking import alive
from pmtrack.stack.places import home, write_private

SECRET_NAMES = ("SECRET_KEY", "TOKEN_PEPPER", "POSTGRES_PASSWORD", "POSTGRES_APP_PASSWORD", "VALKEY_PASSWORD")


class ServerUrls(NamedTuple):
    """The two servers that pmtrack needs, as URLs with user and password.

    ``owner_url`` is the database with the login that owns the tables; empty where there is one login for everything.
    """

    database_url: str
    redis_url: str
    owner_url: str = ""


def database_url() -> str | None:
    """PostgreSQL's URL: DATABASE_URL, else the server of the running `up`, else None."""
    return os.environ.get("DATABASE_URL") or _recorded("database_url")


def owner_url() -> str | None:
    """The same database with the owner's login: PMTRACK_OWNER_DATABASE_URL beside DATABASE_URL, else the running `up`'s, else None."""
    if os.environ.get("DATABASE_URL"):
        return os.environ.get("PMTRACK_OWNER_DATABASE_URL")
    return _recorded("owner_url") or None


def redis_url() -> str | None:
    """Valkey's (or Redis') URL: REDIS_URL, else the server of the running `up`, else None."""
    return os.environ.get("REDIS_URL") or _recorded("redis_url")


def server_urls() -> ServerUrls | None:
    """All URLs, or None unless both servers are known."""
    database, redis = database_url(), redis_url()
    return ServerUrls(database, redis, owner_url() or "") if database and redis else None


def beside_up() -> bool:
    """Whether this process works on the servers of a running `up`, as a command in a second terminal does."""
    return "DATABASE_URL" not in os.environ and _recorded("database_url") is not None


def record_servers(urls: ServerUrls) -> None:
    """Write down where this process' servers are, so that a second terminal's `manage.py shell` finds them."""
    write_private(servers_file(), json.dumps({**urls._asdict(), "pid": os.getpid()}))


def forget_servers() -> None:
    """Remove what `record_servers` wrote: the servers are about to end."""
    servers_file().unlink(missing_ok=True)


def servers_file() -> Path:
    """The record of the running servers."""
    return home() / "servers.json"


def secret(name: str) -> str | None:
    """One random secret of this installation, or None before `ensure_secrets` made it (as in production, where the environment gives it)."""
    value = _read(home() / "secrets.json").get(name)
    return value if isinstance(value, str) else None


def ensure_secrets() -> None:
    """Make every secret that this installation lacks; those it has stay. The caller holds the installation's lock."""
    path = home() / "secrets.json"
    known = _read(path)
    missing = {name: secrets.token_urlsafe(48) for name in SECRET_NAMES if name not in known}
    if missing:
        write_private(path, json.dumps({**known, **missing}, indent=1))


def _recorded(name: str) -> str | None:
    record = _read(servers_file())
    value, pid = record.get(name), record.get("pid")
    # A killed `up` leaves its record behind: nobody answers there any more.
    return value if isinstance(value, str) and isinstance(pid, int) and alive(pid) else None


def _read(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
