"""The two servers of one installation: those that the environment names, else our own."""

import os
from pathlib import Path

from pmtrack.stack import postgres, valkey
from pmtrack.stack.discovery import ServerUrls, secret
from pmtrack.stack.processes import ProcessGroup

POSTGRES_FOLDER = "pg18"
VALKEY_FOLDER = "valkey"


def start(group: ProcessGroup, folder: Path, *, throw_away: bool = False) -> ServerUrls:
    """Start the servers that the environment does not name, with their data in `folder`; return both URLs.

    Needs the installation's secrets (`discovery.ensure_secrets`). `throw_away` trades durability for speed, for tests.
    """
    owner_url = os.environ.get("PMTRACK_OWNER_DATABASE_URL", "")
    database_url = os.environ.get("DATABASE_URL")
    if not database_url:
        owner_url = postgres.start(
            group, folder / POSTGRES_FOLDER, password=_password("POSTGRES_PASSWORD"), throw_away=throw_away
        )
        database_url = postgres.application_url(owner_url, password=_password("POSTGRES_APP_PASSWORD"))
    redis_url = os.environ.get("REDIS_URL") or valkey.start(
        group, folder / VALKEY_FOLDER, password=_password("VALKEY_PASSWORD"), throw_away=throw_away
    )
    return ServerUrls(database_url, redis_url, owner_url)


def _password(name: str) -> str:
    password = secret(name)
    if password is None:
        raise RuntimeError(f"{name} is missing: call ensure_secrets() first")
    return password
