"""Waiting for a condition, never for a time."""

import os
import time
from collections.abc import Callable


class NotInTime(Exception):
    """A condition did not come to hold; the message says which."""


def wait_until(condition: Callable[[], object], *, within: float, what: str) -> None:
    """Return as soon as ``condition`` holds. Raises ``NotInTime`` after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise NotInTime(f"not within {within:.0f} s: {what}")
        os.sched_yield()
        time.sleep(0.02)
