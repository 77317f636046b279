"""One holder at a time, by a lock that the kernel drops when its holders are gone: nothing stale to clean up."""

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from pmtrack.stack.places import make_private


class AlreadyLocked(Exception):
    """Somebody else holds the lock; `note` is what he wrote into it."""

    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


class FileLock:
    """An exclusive lock on a file. A child that inherits `descriptor` holds it too."""

    def __init__(self, path: Path) -> None:
        make_private(path.parent)
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def acquire(self) -> Self:
        """Wait until the lock is ours."""
        fcntl.flock(self.descriptor, fcntl.LOCK_EX)
        return self

    def try_acquire(self, *, within: float = 0.0) -> Self:
        """Take the lock, trying for `within` seconds; AlreadyLocked otherwise."""
        deadline = time.monotonic() + within
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise AlreadyLocked(self.note()) from None
                time.sleep(0.05)

    def note(self) -> str:
        """What the present or last holder wrote."""
        return os.pread(self.descriptor, 4096, 0).decode("utf-8", "replace")

    def write_note(self, text: str) -> None:
        """Tell those who find the lock taken who we are."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)

    def release(self) -> None:
        """Let go of the lock (the file stays: removing it would race with the next holder)."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def alive(pid: int) -> bool:
    """Whether a process with this number runs, ours or not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
