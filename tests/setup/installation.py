"""A real `manage.py up` in a folder of its own, as a user starts it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pmtrack.stack.places import ROOT
from tests.setup.processes import Seen, descendants, still_there, wait_until

START_SECONDS = 120.0


def clean_environment(home: Path) -> dict[str, str]:
    """Our environment without the test servers: `up` shall start its own."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "PMTRACK_MAIL_FOLDER"}
    }
    return {**ours, "PMTRACK_HOME": str(home), "PMTRACK_NO_BOOTSTRAP": "1"}


@dataclass(slots=True)
class Up:
    """One running `up`; leaving the `with` ends it."""

    process: subprocess.Popen[bytes]
    output: Path

    @classmethod
    def start(
        cls,
        home: Path,
        *arguments: str,
        command: Sequence[str] = (),
        env: dict[str, str] | None = None,
    ) -> Self:
        """Start `up` without demo data and do not wait."""
        output = home.with_suffix(".output")
        output.unlink(missing_ok=True)
        program = [*(command or [sys.executable]), str(ROOT / "manage.py"), "up", "--no-demo", *arguments]
        with open(output, "wb") as file:
            process = subprocess.Popen(
                program,
                cwd=ROOT,
                env=env or clean_environment(home),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(process, output)

    def said(self) -> str:
        """What it printed so far."""
        return self.output.read_text(encoding="utf-8")

    def ready(self) -> Self:
        """Wait until it says that it is up."""
        wait_until(
            lambda: "up at" in self.said() or self.process.poll() is not None,
            within=START_SECONDS,
            what=f"up; it said {self.said()!r}",
        )
        assert "up at" in self.said(), self.said()
        return self

    def url(self) -> str:
        """The address that it printed."""
        found = re.search(r"up at (\S+)", self.said())
        assert found, self.said()
        return found.group(1)

    def family(self) -> set[Seen]:
        """All its processes."""
        return descendants(self.process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        family = self.family()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=15)
        wait_until(lambda: not still_there(family), within=10, what="all processes gone")
