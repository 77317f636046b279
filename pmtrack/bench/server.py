"""A web server of our own for the bench: one worker, one thread, its CPU readable."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory

from pmtrack.bench.measuring import CannotMeasure, family
from pmtrack.bench.scratch import Scratch
from pmtrack.stack import programs
from pmtrack.stack.discovery import ServerUrls, redis_url
from pmtrack.stack.ports import LOOPBACK, free_port
from pmtrack.stack.processes import Child, ProcessGroup

START_SECONDS = 30.0
NO_BROKER = "redis://127.0.0.1:1/0"  # nobody listens: the wake-up gives up at once and the sweep would do without


@dataclass(slots=True)
class Server:
    """A running server on a scratch database and one connection to it that stays open."""

    child: Child
    scratch: Scratch
    client: HTTPConnection

    def pids(self) -> list[int]:
        """The server's processes and the database's processes that serve it."""
        return [*family(self.child.process.pid), *self.scratch.backends()]

    def request(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str], expect: int
    ) -> bytes:
        """One request; anything but ``expect`` stops the bench, for a refusal is cheap and would look fast."""
        return self.answer(method, path, body=body, headers=headers, expect=expect)[0]

    def answer(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str], expect: int
    ) -> tuple[bytes, Message]:
        """As ``request``, with the answer's headers."""
        self.client.request(method, path, body=body, headers={"Host": f"localhost:{self.client.port}", **headers})
        response = self.client.getresponse()
        content = response.read()
        if response.status != expect:
            answer = f"{response.status}: {content[:500].decode(errors='replace')}"
            raise CannotMeasure(f"{method} {path} answered {answer}\n{self.child.last_words()}")
        return content, response.headers


@contextmanager
def web_server(scratch: Scratch) -> Iterator[Server]:
    """Start a server on ``scratch``, wait until it answers, end it."""
    port = free_port()
    with TemporaryDirectory(prefix="pmtrack-bench-") as folder, ProcessGroup(Path(folder)) as group:
        urls = ServerUrls(scratch.url, redis_url() or NO_BROKER)
        env = programs.environment(urls, role="web", url=f"http://localhost:{port}")
        env |= {"DJANGO_SETTINGS_MODULE": "pmtrack.bench.settings", "PMTRACK_API_RATE": "1000000000"}
        child = group.start("bench-web", _command(programs.commands(port, Path(folder))["web"]), env=env)
        client = HTTPConnection(LOOPBACK, port, timeout=60)
        _wait(child, client)
        yield Server(child, scratch, client)
        client.close()


def _command(command: list[str]) -> list[str]:
    """The very command of `up`, with one worker and one thread: then one database process serves it."""
    single = {"--workers": "1", "--blocking-threads": "1"}
    return [single.get(before, word) for before, word in zip(["", *command], command, strict=False)]


def _wait(child: Child, client: HTTPConnection) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        child.check()
        try:
            client.request("GET", "/healthz", headers={"Host": f"localhost:{client.port}"})
            client.getresponse().read()
            return
        except (OSError, HTTPException) as problem:
            client.close()
            if time.monotonic() > deadline:
                raise CannotMeasure(f"The web server does not answer after {START_SECONDS:.0f} s: {problem}") from None
            time.sleep(0.05)
