"""A group of child processes that live and die together, whatever happens to their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from pmtrack.stack import guardian
from pmtrack.stack.places import ROOT, make_private

FOLDER = Path(__file__).resolve().parent
PYTHON = [sys.executable, "-I", "-S"]
LOG_TAIL_LINES = 15
LOG_LIMIT = 5_000_000
SERVERS = ("postgres", "valkey")  # end after those that use them


class ProcessEnded(Exception):
    """A process that should run has ended; the message says which, how, and its last words."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a program runs as: ourselves, ourselves in a user namespace, or an ordinary user."""

    options: tuple[str, ...] = ()


OURSELVES = Identity()


@dataclass(slots=True)
class Child:
    """One process with its own session, its log and the signal that ends it in peace."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    stop_signal: signal.Signals
    log_offset: int = 0

    def ending(self) -> str | None:
        """How the process ended, in words; None while it runs."""
        code = self.process.poll()
        if code is None:
            return None
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    def last_words(self) -> str:
        """The end of what this process logged."""
        logged = self.log.read_bytes()[self.log_offset :] if self.log.exists() else b""
        lines = logged.decode("utf-8", "replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-LOG_TAIL_LINES:])

    def check(self) -> None:
        """Raise ProcessEnded unless the process runs."""
        if ending := self.ending():
            raise ProcessEnded(f"{self.name} {ending}. The end of {self.log}:\n{self.last_words()}")


@dataclass(slots=True)
class ProcessGroup:
    """Starts children and ends them all on leaving the `with`; a guardian ends them when we cannot."""

    logs: Path
    keep_open: tuple[int, ...] = ()
    children: list[Child] = field(default_factory=list)
    _guardian: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        make_private(self.logs)
        self._guardian = subprocess.Popen(
            [*PYTHON, str(FOLDER / "guardian.py")],
            bufsize=0,  # each line arrives at once
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=self.keep_open,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
        identity: Identity = OURSELVES,
    ) -> Child:
        """Start one child in its own session, its output in `logs`/`name`.log."""
        log = self.logs / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        launch = [*PYTHON, str(FOLDER / "launch.py"), *identity.options, "--parent", str(os.getpid())]
        launch += ["--death-signal", str(int(stop_signal)), "--", *command]
        # A signal between the start and the entry in our books would leave a stranger.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
        try:
            with open(log, "ab") as output:
                process = subprocess.Popen(
                    launch,
                    env=dict(env),
                    cwd=ROOT,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
                child = Child(name, process, log, stop_signal, log_offset=output.tell())
            self.children.append(child)
            self._tell_guardian(process.pid, stop_signal)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return child

    def check(self) -> None:
        """Raise ProcessEnded if one of the children (or the guardian) has ended."""
        for child in self.children:
            child.check()
        if self._guardian is not None and self._guardian.poll() is not None:
            raise ProcessEnded("the guardian process was killed")

    def stop(self) -> None:
        """End all within 5 seconds: first those that use the servers, then the servers. Twice is no error."""
        servers = [child for child in self.children if child.name in SERVERS]
        self._end([child for child in self.children if child not in servers], grace=2.5)
        self._end(servers, grace=1.5)
        self.children.clear()
        if self._guardian is not None and self._guardian.stdin is not None:
            self._guardian.stdin.close()
            self._guardian.wait()
            self._guardian = None

    def end(self, child: Child, *, grace: float = 5.0) -> None:
        """End one child and its descendants, and forget it."""
        self._end([child], grace=grace)
        self.children.remove(child)

    def _end(self, children: Sequence[Child], *, grace: float) -> None:
        for child in children:
            if child.process.poll() is None:
                guardian.ask(child.process.pid, child.stop_signal)
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline and any(child.process.poll() is None for child in children):
            time.sleep(guardian.PAUSE)
        for child in children:
            if child.process.poll() is None:
                guardian.kill_with_family(child.process.pid)
            guardian.kill(child.process.pid)
            child.process.wait()
            self._tell_guardian(child.process.pid, 0)

    def _tell_guardian(self, group: int, number: int) -> None:
        if self._guardian is None or self._guardian.stdin is None:
            raise RuntimeError("enter the process group before you start a child")
        try:
            self._guardian.stdin.write(f"{group} {int(number)}\n".encode())
        except BrokenPipeError:
            return  # killed; `check` reports it
