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
# A process that is killed while it writes to a slow disk goes when the disk answers.
LAST_SECONDS = 2.0


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
        kill_with_family(group)


def kill_with_family(leader: int) -> None:
    """Kill what is left of a leader's group and of his descendants, who may have groups of their own as PostgreSQL's do."""
    left = family(leader)
    kill(leader)
    for pid, start in left.items():
        if started(pid) == start:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + LAST_SECONDS
    while any(started(pid) == start for pid, start in left.items()) and time.monotonic() < deadline:
        time.sleep(PAUSE)


def family(leader: int) -> dict[int, str]:
    """The descendants of a process with the ticks at which each started; none where there is no /proc."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit() and (stat := _stat(int(name))):
            parents.setdefault(int(stat[1]), []).append(int(name))
    found: dict[int, str] = {}
    waiting = [leader]
    while waiting:
        for pid in parents.get(waiting.pop(), ()):
            if start := started(pid):
                found[pid] = start
                waiting.append(pid)
    return found


def started(pid: int) -> str:
    """When a process started, in ticks; "" for one that is gone, and for one that only waits to be reaped."""
    stat = _stat(pid)
    return stat[19] if stat and stat[0] not in "ZX" else ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, …"""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []


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
