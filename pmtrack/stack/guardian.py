"""Ends every process group of an `up` that died without doing so itself. Run as a file, standard library only.

Its parent writes `GROUP SIGNAL` lines into our standard input; end of file means that the parent is gone, however it went. We inherit the
installation's lock, so that the next `up` waits until the last process of this one is gone.
"""

import contextlib
import os
import signal
import sys
import time

GRACE = 3.0
PAUSE = 0.05


def main() -> None:
    """Collect process groups until the parent is gone, then end those that are left."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        group, number = map(int, line.split())
        if number:
            groups[group] = number
        else:
            groups.pop(group, None)
    end_groups(groups, grace=GRACE)


def end_groups(groups: dict[int, int], *, grace: float) -> None:
    """Send each group's leader its signal; after `grace` seconds kill what is left. Groups that are gone are no error."""
    for group, number in groups.items():
        ask(group, number)
    deadline = time.monotonic() + grace
    while any(exists(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(PAUSE)
    for group in groups:
        kill(group)


def ask(leader: int, number: int) -> None:
    """Ask the leader alone to end: he lets his processes finish what they are at."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(leader, number)


def kill(group: int) -> None:
    """Kill whatever is left of a process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def exists(group: int) -> bool:
    """Whether a process of the group is left (an unreaped one counts)."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    main()
