"""The four programs of pmtrack and the environment they run in."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pmtrack.stack.discovery import ServerUrls
from pmtrack.stack.places import ROOT, home, make_private
from pmtrack.stack.ports import LOOPBACK

WEB_PROCESSES = 2
WEB_THREADS = 4
WORKER_PROCESSES = 2


def environment(urls: ServerUrls, *, role: str, url: str) -> dict[str, str]:
    """What a child of `up` gets to know: where the servers are, what it is, and at which address people see pmtrack."""
    return {
        **os.environ,
        "DATABASE_URL": urls.database_url,
        # Only what migrates knows the login that owns the tables.
        "PMTRACK_OWNER_DATABASE_URL": urls.owner_url if role == "migrate" else "",
        "REDIS_URL": urls.redis_url,
        "DJANGO_SETTINGS_MODULE": "pmtrack.settings",
        "PMTRACK_HOME": str(home()),
        "PMTRACK_NO_BOOTSTRAP": "1",
        "PMTRACK_LOCAL": "1",
        "PMTRACK_MAIL_FOLDER": str(home() / "mail"),
        "PMTRACK_ROLE": role,
        "PMTRACK_STATIC_ROOT": str(make_private(home() / "static")),  # empty: files are served from the source tree
        "PMTRACK_URL": url,
        "PYTHONUNBUFFERED": "1",
        # Compiled once for all programs, whatever the shell says: else each of them spends four seconds on it at every start.
        "PYTHONDONTWRITEBYTECODE": "",
        # Small processes: one arena per thread and one thread per core would cost more memory than they bring here.
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def manage(*arguments: str) -> list[str]:
    """The command line of one management command."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def commands(port: int, folder: Path) -> Mapping[str, list[str]]:
    """The programs by role: web server, jobs, schedule, and the sweep that keeps figures fresh without a broker."""
    return {"web": _web(port), "worker": _worker(), "beat": _beat(folder), "sweep": manage("sweep")}


def _web(port: int) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        LOOPBACK,
        "--port",
        str(port),
        "--no-ws",
    ]
    command += ["--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS)]
    # A worker that dies is replaced at once; one that hangs at the end does not hold up Ctrl-C.
    command += ["--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "2"]
    return [*command, "--log-level", "warning", "pmtrack.wsgi:application"]


def _worker() -> list[str]:
    command = [sys.executable, "-m", "celery", "-A", "pmtrack.celery", "worker", "--hostname", "pmtrack@%h"]
    # A process per job: time limits and a job that kills its process need one.
    command += ["--pool", "prefork", "--concurrency", str(WORKER_PROCESSES)]
    return [*command, "--without-mingle", "--without-gossip", "--loglevel", "WARNING"]


def _beat(folder: Path) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "pmtrack.celery",
        "beat",
        "--schedule",
        str(make_private(folder / "beat") / "schedule"),
    ]
    return [*command, "--pidfile", "", "--loglevel", "WARNING"]
