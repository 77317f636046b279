"""What a measurement is told and gives back, and the CPU time of processes."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK")


class CannotMeasure(Exception):
    """This machine or this set-up does not tell what a measurement needs; the message says what would."""


class NothingToMeasure(Exception):
    """What a measurement is about is not there; the message says what is missing. It is left out, and said so."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How thoroughly: ``rounds`` take turns with the floor, ``facts`` is the larger number of them, ``quick`` does less in each.

    ``template`` is the migrated database that throw-away ones are copied from.
    """

    rounds: int
    facts: int
    quick: bool
    template: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report: ``values`` are its rounds, ``bound`` what the median must keep to."""

    id: str
    what: str
    values: tuple[float, ...]
    bound: float
    at_least: bool
    detail: str = ""

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    @property
    def passed(self) -> bool:
        """Whether the median keeps to the bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system seconds that the processes, all their threads and their ended children have used so far."""
    return sum(_ticks(pid) for pid in pids) / TICK


def family(pid: int) -> list[int]:
    """The process and all its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdecimal() and (fields := _stat(int(entry.name))) is not None:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        found.append(queue.pop())
        queue += children.get(found[-1], [])
    return found


def spent(pids: Callable[[], Sequence[int]], work: Callable[[], None]) -> float:
    """CPU seconds that the processes used for ``work``. A process that ends meanwhile would be missed, so it is an error."""
    before = pids()
    start = cpu_seconds(before)
    work()
    if gone := set(before) - set(pids()):
        raise CannotMeasure(f"{len(gone)} of the measured processes ended during the work; run it again.")
    return cpu_seconds(before) - start


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return sum(int(fields[index]) for index in (11, 12, 13, 14)) if fields else 0


def _stat(pid: int) -> list[str] | None:
    """The fields after the program's name (which may hold anything): state, parent, … utime 11, stime, cutime, cstime."""
    try:
        return (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def table(figures: Sequence[Figure]) -> str:
    """The report for people."""
    rows = [("id", "what", "figure", "range", "bound", "")]
    for figure in figures:
        low, high = min(figure.values), max(figure.values)
        bound = f"{'≥' if figure.at_least else '≤'} {figure.bound:g}"
        verdict = "pass" if figure.passed else "PAST ITS BOUND"
        rows.append((figure.id, figure.what, _short(figure.value), f"{_short(low)}–{_short(high)}", bound, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    details = [f"{figure.id}  {figure.detail}" for figure in figures if figure.detail]
    return "\n".join([*lines, "", *details])


def _short(value: float) -> str:
    """Two digits after the point, none from 100 on."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
