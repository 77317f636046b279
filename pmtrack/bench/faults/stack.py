"""The whole of pmtrack on real processes that may be killed and started again, each on its own port.

As in production the programs and the commands have a database login that owns nothing; only ``prepare`` has the owner's.
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import psycopg2
import redis

from pmtrack.bench.faults.waiting import wait_until
from pmtrack.bench.measuring import family
from pmtrack.stack import guardian, postgres, programs, valkey
from pmtrack.stack.discovery import ServerUrls
from pmtrack.stack.places import ROOT
from pmtrack.stack.ports import LOOPBACK, free_port, listens
from pmtrack.stack.processes import FOLDER, Child, Identity, ProcessEnded, ProcessGroup

RESTART_SECONDS = 60.0
STOP_SECONDS = 10.0
BARE = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}


class CommandFailed(Exception):
    """A management command on the stack failed; the message is what it printed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the web server said; status 0: nothing."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(slots=True)
class Stack:
    """PostgreSQL, Valkey, web, worker, beat and sweep; leaving the `with` ends them."""

    folder: Path
    port: int = field(default_factory=free_port)
    children: dict[str, Child] = field(default_factory=dict)
    group: ProcessGroup = field(init=False)
    urls: ServerUrls = field(init=False)

    def __enter__(self) -> Self:
        self.group = ProcessGroup(self.folder / "logs").__enter__()
        try:
            self._start()
        except BaseException:
            self.group.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.children:
            self.thaw(name)
        self.group.stop()

    def _start(self) -> None:
        # Durable, unlike the servers of the other tests: what was acknowledged must outlive a kill.
        owner = postgres.start(self.group, self.folder / "pg", password=secrets.token_hex(16))
        database = postgres.application_url(owner, password=secrets.token_hex(16))
        redis = valkey.start(self.group, self.folder / "valkey", password=secrets.token_hex(16))
        self.urls = ServerUrls(database, redis, owner)
        self.children = {child.name: child for child in self.group.children}
        self.manage("prepare", "--no-demo", role="migrate")
        for role, command in programs.commands(self.port, self.folder).items():
            self.children[role] = self.group.start(role, command, env=self.environment(role))
        wait_until(self.is_ready, within=RESTART_SECONDS, what="the web server is ready")

    def environment(self, role: str) -> dict[str, str]:
        """What a process of this stack gets to know."""
        ours = programs.environment(self.urls, role=role, url=f"http://localhost:{self.port}")
        # Thousands of requests a minute come from one token here.
        return {**ours, "PMTRACK_WAKE": "1", "PMTRACK_API_RATE": "1000000"}

    def manage(self, *arguments: str, role: str = "manage") -> str:
        """Run a management command on this stack; gives back what it printed, fails with what it complained of."""
        done = subprocess.run(
            programs.manage(*arguments),
            check=False,
            env=self.environment(role),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode != 0:
            raise CommandFailed(f"{arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def is_ready(self) -> bool:
        """Whether the web server can serve."""
        return self.call("GET", "/readyz").status == 200

    def call(self, method: str, path: str, body: Any = None, *, token: str = "", timeout: float = 5.0) -> Answer:
        """One request on a connection of its own; a broken one is an answer with status 0."""
        headers = {"Host": f"localhost:{self.port}", "Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        began = time.monotonic()
        with closing(HTTPConnection(LOOPBACK, self.port, timeout=timeout)) as connection:
            try:
                connection.request(method, path, None if body is None else json.dumps(body), headers)
                response = connection.getresponse()
                content = response.read()
            except (OSError, HTTPException):
                return Answer(0, seconds=time.monotonic() - began)
        seconds = time.monotonic() - began
        is_json = "json" in response.headers.get_content_type()
        said = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, json.loads(content) if is_json else {}, said, seconds)

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the database says."""
        with (
            closing(psycopg2.connect(self.urls.database_url, connect_timeout=3)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(query, parameters)
            return list(cursor.fetchall())

    def execute(self, statement: str) -> None:
        """Do it in the database, past pmtrack, as its owner."""
        with closing(psycopg2.connect(self.urls.owner_url, connect_timeout=3)) as connection:
            with connection.cursor() as cursor:
                cursor.execute(statement)
            connection.commit()

    def has_nothing_waiting(self) -> bool:
        """Whether every mark is drained."""
        with contextlib.suppress(psycopg2.OperationalError):
            return self.rows("SELECT count(*) FROM metrics_mark") == [(0,)]
        return False

    def kill_a_child_of(self, name: str, number: int) -> None:
        """kill -9 for one process below `name`: a pool process, a web worker, a database session. Its parent replaces it."""
        below = sorted(family(self.children[name].process.pid)[1:])
        if below:
            _signal(below[number % len(below)], signal.SIGKILL)

    def kill(self, name: str) -> None:
        """kill -9 for `name` and its process group."""
        child = self.children[name]
        guardian.kill(child.process.pid)
        child.process.wait()
        self.group.children.remove(child)

    def stop(self, name: str) -> None:
        """End `name` in peace, as an administrator who restarts it would."""
        child = self.children[name]
        guardian.ask(child.process.pid, child.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=STOP_SECONDS)
        self.kill(name)

    def freeze(self, name: str) -> None:
        """Stop a process and all below it without ending them: their connections stay, and nobody answers."""
        frozen: set[int] = set()
        while more := set(family(self.children[name].process.pid)) - frozen:  # one may have been born meanwhile
            for pid in more:
                _signal(pid, signal.SIGSTOP)
            frozen |= more

    def thaw(self, name: str) -> None:
        """Let them go on, parents last."""
        for pid in reversed(family(self.children[name].process.pid)):
            _signal(pid, signal.SIGCONT)

    def flush(self) -> None:
        """Empty Valkey: every message that waits is lost."""
        with closing(redis.Redis.from_url(self.urls.redis_url, socket_timeout=5)) as client:
            client.flushall()

    def start_again(self, name: str) -> None:
        """Start a killed program with the same command on the same port; servers are waited for."""
        if name == "web":
            wait_until(lambda: not listens(self.port), within=RESTART_SECONDS, what="the port is free")
        deadline = time.monotonic() + RESTART_SECONDS
        while True:
            try:
                self._start_again(name)
            except ProcessEnded:
                # The sessions of a killed PostgreSQL keep its memory for a moment; until then it refuses.
                if time.monotonic() > deadline:
                    raise
                continue
            return

    def _start_again(self, name: str) -> None:
        old = self.children[name]
        words = list(old.process.args)
        options = words[words.index(str(FOLDER / "launch.py")) + 1 : words.index("--parent")]
        if name == "postgres":
            postgres.forget_dead_owner(self.folder / "pg")
        child = self.group.start(
            name,
            words[words.index("--") + 1 :],
            env=BARE if name in {"postgres", "valkey"} else self.environment(name),
            stop_signal=old.stop_signal,
            identity=Identity(tuple(options)),
        )
        try:
            self._wait_for(name, child)
        except ProcessEnded:
            self.group.children.remove(child)
            raise
        self.children[name] = child

    def _wait_for(self, name: str, child: Child) -> None:
        if name == "postgres":
            parts = urlsplit(self.urls.owner_url)
            postgres.wait_until_it_answers(child, parts.port or 0, unquote(parts.password or ""))
        elif name == "valkey":
            parts = urlsplit(self.urls.redis_url)
            valkey.wait_until_it_answers(child, parts.port or 0, parts.password or "")
        elif name == "web":
            wait_until(lambda: listens(self.port), within=RESTART_SECONDS, what="the web server listens")


def _signal(pid: int, number: signal.Signals) -> None:
    """Send it, unless the process is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
