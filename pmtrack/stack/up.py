"""`manage.py up`: the servers, the database, the four programs and the address, as one group that ends together."""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

from pmtrack.stack import programs, servers
from pmtrack.stack.binaries import NoServerProgram
from pmtrack.stack.discovery import ServerUrls, ensure_secrets, forget_servers, record_servers
from pmtrack.stack.locking import AlreadyLocked, FileLock, alive
from pmtrack.stack.places import home, make_private
from pmtrack.stack.ports import LOOPBACK, free_port, is_free
from pmtrack.stack.postgres import CannotRunPostgres
from pmtrack.stack.processes import ProcessEnded, ProcessGroup

DEFAULT_PORT = 8000
PORTS_TO_TRY = 50
READY_SECONDS = 60.0
PREDECESSOR_SECONDS = 10.0
WATCH_SECONDS = 0.2
OWN_DATA = (servers.POSTGRES_FOLDER, servers.VALKEY_FOLDER, "mail", "logs", "beat", "demo.json")


class Refused(Exception):
    """`up` does not start; the message says why and what to do."""


class Interrupted(BaseException):
    """Somebody wants us to stop. Not an Exception: nothing on the way may swallow it."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for."""

    port: int = DEFAULT_PORT
    demo: bool = True
    reset: bool = False
    yes: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `up`, for our own parser and for Django's help."""
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="the port to listen on; another free one if it is taken (default: 8000)",
    )
    parser.add_argument("--no-demo", dest="demo", action="store_false", help="leave an empty database empty")
    parser.add_argument(
        "--reset", action="store_true", help="delete the data of the embedded servers first, and start over"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask before --reset deletes")


def main(arguments: Sequence[str]) -> int:
    """Parse the command line and run until somebody stops us; returns the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py up", description=__doc__)
    add_arguments(parser)
    return run(Options(**vars(parser.parse_args(arguments))))


def run(options: Options) -> int:
    """Run until Ctrl-C, SIGTERM or the end of a child. 0 after a wish to stop, 1 otherwise."""
    for wish in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wish, _interrupt)
    try:
        with _the_only_one(make_private(home())) as lock:
            _serve(options, lock)
    except (Refused, ProcessEnded, NoServerProgram, CannotRunPostgres) as problem:
        print(f"pmtrack: {problem}", file=sys.stderr, flush=True)
        return 1
    except Interrupted:
        _say("stopped.")
    return 0


def _serve(options: Options, lock: FileLock) -> None:
    folder = home()
    if options.reset:
        _erase(folder, assume_yes=options.yes)
    port = _usable_port(options.port)
    url = f"http://localhost:{port}"
    lock.write_note(json.dumps({"pid": os.getpid(), "url": url}))
    ensure_secrets()
    try:
        with ProcessGroup(folder / "logs", keep_open=(lock.descriptor,)) as group:
            urls = servers.start(group, folder)
            record_servers(urls)
            _prepare(group, urls, url, demo=options.demo)
            commands = programs.commands(port, folder)
            for role in ("web", "worker", "sweep"):
                group.start(role, commands[role], env=programs.environment(urls, role=role, url=url))
            _wait_until_ready(group, port)
            # Nothing waits for the schedule, and the page comes earlier without it.
            group.start("beat", commands["beat"], env=programs.environment(urls, role="beat", url=url))
            _announce(url, folder)
            while True:
                group.check()
                time.sleep(WATCH_SECONDS)
    except ProcessEnded as problem:
        raise ProcessEnded(f"{problem}\nEverything else is stopped too.") from problem
    finally:
        forget_servers()


def _the_only_one(folder: Path) -> FileLock:
    lock = FileLock(folder / "up.lock")
    try:
        return lock.try_acquire()
    except AlreadyLocked as held:
        holder = _parse(held.note)
    pid = holder.get("pid")
    if isinstance(pid, int) and not alive(pid):
        # Killed: its guardian keeps the lock until the last of its processes is gone, which takes seconds.
        try:
            return lock.try_acquire(within=PREDECESSOR_SECONDS)
        except AlreadyLocked:
            pass
    raise Refused(
        f"already running at {holder.get('url', 'another address')} (process {pid}). "
        f"Stop it with Ctrl-C there or `kill {pid}`, or set PMTRACK_HOME to another folder for a second one."
    )


def _erase(folder: Path, *, assume_yes: bool) -> None:
    if os.environ.get("DATABASE_URL"):
        raise Refused(
            "--reset deletes the embedded database only, and DATABASE_URL names another. Unset it, or empty that database yourself."
        )
    if not assume_yes:
        if not sys.stdin.isatty():
            raise Refused("--reset deletes all data; nobody is here to answer, so say --yes as well.")
        answer = input(f"Delete all data in {folder} and start over? Type yes: ")
        if answer.strip().lower() != "yes":
            raise Refused("nothing was deleted.")
    for name in OWN_DATA:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _usable_port(wanted: int) -> int:
    if is_free(wanted):
        return wanted
    port = (
        next((port for port in range(wanted + 1, min(wanted + PORTS_TO_TRY, 65535)) if is_free(port)), None)
        or free_port()
    )
    _say(f"port {wanted} is taken; using {port}.")
    return port


def _prepare(group: ProcessGroup, urls: ServerUrls, url: str, *, demo: bool) -> None:
    command = programs.manage("prepare", *([] if demo else ["--no-demo"]))
    child = group.start("prepare", command, env=programs.environment(urls, role="migrate", url=url))
    while child.ending() is None:
        time.sleep(0.05)
    if child.process.returncode != 0:
        child.check()
    group.end(child)


def _wait_until_ready(group: ProcessGroup, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while (answer := _readiness(port)) != "ready":
        group.check()
        if time.monotonic() > deadline:
            raise ProcessEnded(
                f"the web server is not ready after {READY_SECONDS:.0f} s; /readyz said: {answer}. The logs are in {group.logs}."
            )
        time.sleep(0.1)


def _readiness(port: int) -> str:
    connection = HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
        response = connection.getresponse()
        return "ready" if response.status == 200 else f"{response.status} {response.read(500).decode(errors='replace')}"
    except (OSError, HTTPException) as problem:
        return str(problem)
    finally:
        connection.close()


def _announce(url: str, folder: Path) -> None:
    _say(f"up at {url}")
    try:
        people = _parse((folder / "demo.json").read_text(encoding="utf-8"))
    except OSError:
        people = {}
    for role, title in (("lead", "lead"), ("pm", "PM  ")):
        person = people.get(role)
        if isinstance(person, dict):
            _say(f"  {title}  {person.get('email')}  password: {person.get('password')}")
    _say("Ctrl-C stops everything.")


def _interrupt(number: int, _frame: FrameType | None) -> None:
    for wish in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wish, lambda *_: None)  # one wish is enough: a second ^C must not break the clean end
    raise Interrupted(number)


def _parse(text: str) -> dict[str, object]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535")
    return port


def _say(text: str) -> None:
    print(text if text.startswith(" ") else f"pmtrack: {text}", flush=True)
