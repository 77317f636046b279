"""PostgreSQL's own client programs, pointed at the database of the settings."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.db import connection
from psycopg2.extensions import make_dsn

from pmtrack.stack.binaries import postgres_tool

NOT_FOR_LIBPQ = {"password", "options", "client_encoding", "cursor_factory", "application_name"}
SHOWN = 2000


class ProgramFailed(Exception):
    """A program ended with an error; the message is what it said."""


@contextmanager
def running(
    name: str, *arguments: str, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.PIPE, connects: bool = True
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program with its output in a pipe unless told otherwise; raise ``ProgramFailed`` if it fails, end it if the block does."""
    target = ["--dbname", _address()] if connects else []
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [str(postgres_tool(name)), *arguments, *target],
            env=_environment(),
            stdin=stdin,
            stdout=stdout,
            stderr=complaints,
        )
        try:
            yield process
            if process.stdin is not None:
                process.stdin.close()
        except BrokenPipeError:
            pass  # it ended before it read everything: its own words say more
        except BaseException:
            process.kill()
            raise
        finally:
            code = _end(process)
        if code != 0:
            raise ProgramFailed(f"{name}: {_said(complaints)}")


def _end(process: "subprocess.Popen[bytes]") -> int:
    if process.stdout is not None:
        process.stdout.close()
    return process.wait()


def _said(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    return complaints.read(SHOWN).decode(errors="replace").strip()


def _address() -> str:
    """The address without the password, which must not stand in the list of processes."""
    given = connection.get_connection_params()
    return make_dsn(**{name: value for name, value in given.items() if name not in NOT_FOR_LIBPQ})


def _environment() -> dict[str, str]:
    ours = {"LC_ALL": "C", "PGAPPNAME": "pmtrack backup", "PGCLIENTENCODING": "UTF8"}
    if password := connection.get_connection_params().get("password"):
        ours["PGPASSWORD"] = str(password)
    return {**os.environ, **ours}
