"""Looking at real processes through /proc: who descends from whom, and who is still there."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple


class Seen(NamedTuple):
    """One process, told apart from a later one with the same number by its start."""

    pid: int
    start: str


def stat_of(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the program's name: state, parent, group, session, … ; None if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return None


def descendants(pid: int) -> set[Seen]:
    """Every process below this one, at any depth."""
    children: dict[int, list[Seen]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (stat := stat_of(int(entry.name))):
            children.setdefault(int(stat[1]), []).append(Seen(int(entry.name), stat[19]))
    found: set[Seen] = set()
    below = [pid]
    while below:
        for seen in children.get(below.pop(), []):
            found.add(seen)
            below.append(seen.pid)
    return found


def still_there(seen: Iterable[Seen]) -> list[str]:
    """The command lines of those that still run (a zombie does not)."""
    left = []
    for pid, start in seen:
        stat = stat_of(pid)
        if stat and stat[19] == start and stat[0] not in "ZX":
            left.append(f"{pid} {command_line(pid)}")
    return left


def command_line(pid: int) -> str:
    """The process' command line, in words."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def processes_of(home: Path) -> list[str]:
    """Every process on this machine that names the installation in its command line or environment, whoever its parent is."""
    mark, found = os.fsencode(home), []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                if mark in (entry / "cmdline").read_bytes() or mark in (entry / "environ").read_bytes():
                    found.append(f"{entry.name} {command_line(int(entry.name))}")
            except OSError:
                continue  # gone, or somebody else's
    return found


def child_running(pid: int, words: str) -> int:
    """The direct child of `pid` whose command line contains `words`."""
    return next(
        seen.pid
        for seen in descendants(pid)
        if (stat := stat_of(seen.pid)) and int(stat[1]) == pid and words in command_line(seen.pid)
    )


def wait_until(condition: Callable[[], object], *, within: float, what: str) -> None:
    """Return as soon as the condition holds; fail in words after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within:.0f} s: {what}"
        os.sched_yield()
        time.sleep(0.02)
