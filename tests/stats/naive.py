"""The method once more, date by date in plain loops and with other people's Student's t, to hold the fast one against."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan, log, sqrt
from statistics import median

import numpy as np
from scipy.stats import t as student

WEIGHTS = (8, 4, 2, 1)


@dataclass(frozen=True)
class Case:
    """A release on step ``start`` of a series of z, and how it is read."""

    z: Sequence[float]
    start: int
    horizon: int = 14
    roll_out: int = 0
    weeks: int = 4
    season: int = 7
    reach: int = 400
    others: tuple[int, ...] = ()
    controls: tuple[Sequence[float], ...] = ()
    floor: float = 0.0
    closed: frozenset[int] = field(default=frozenset())

    @property
    def block(self) -> int:
        return 4 * self.season + self.roll_out + self.horizon


@dataclass(frozen=True)
class Reading:
    effect: float
    se: float
    df: float
    p: float
    past: tuple[float, ...]

    def interval(self, level: float) -> tuple[float, float]:
        reach = student.ppf((1 + level) / 2, self.df) * self.se
        return self.effect - reach, self.effect + reach


def expectation(case: Case, z: Sequence[float], start: int, offset: int) -> float:
    """The weighted mean of the same weekday in the weeks before, NaN where too few are known."""
    known = []
    for number, weight in enumerate(WEIGHTS[: case.weeks], 1):
        step = start + offset % case.season - case.season * number
        if step >= 0 and not isnan(z[step]):
            known.append((weight, z[step]))
    if len(known) < min(2, case.weeks):
        return float("nan")
    return sum(weight * value for weight, value in known) / sum(weight for weight, _ in known)


def effect(case: Case, z: Sequence[float], start: int) -> float:
    """d of one date, NaN where the window is missing."""
    gaps, open_steps = [], 0
    for offset in range(case.roll_out, case.roll_out + case.horizon):
        if (start + offset) % case.season in case.closed:
            continue
        open_steps += 1
        gap = z[start + offset] - expectation(case, z, start, offset)
        if not isnan(gap):
            gaps.append(gap)
    if not gaps or open_steps - len(gaps) > 0.3 * open_steps:
        return float("nan")
    return median(gaps)


def clipped(values: Sequence[float]) -> list[float]:
    limit = 3 * 1.4826 * median(abs(value) for value in values)
    return [max(-limit, min(limit, value)) for value in values]


def shares(past: list[float], columns: list[list[float]], ridge: float) -> list[float]:
    """Ridge regression as least squares over as many more rows as there are controls."""
    sizes = [sqrt(sum(x * x for x in column) / len(column)) for column in columns]
    scaled = np.array([clipped([x / size for x in column]) for column, size in zip(columns, sizes, strict=True)]).T
    matrix = np.vstack([scaled, sqrt(ridge) * np.eye(len(columns))])
    target = np.concatenate([clipped(past), np.zeros(len(columns))])
    solution = np.linalg.lstsq(matrix, target, rcond=None)[0]
    return [float(b / size) for b, size in zip(solution, sizes, strict=True)]


def read(case: Case) -> Reading:
    """The whole method for one release."""
    rows = []
    for start in range(max(case.start - case.reach, 0), case.start - case.roll_out - case.horizon + 1):
        first, end = start - case.weeks * case.season, start + case.roll_out + case.horizon
        if any(first < other < end for other in case.others):
            continue
        row = [effect(case, z, start) for z in (case.z, *case.controls)]
        if not any(isnan(value) for value in row):
            rows.append(row)
    past, columns = (
        [row[0] for row in rows],
        [[row[number + 1] for row in rows] for number in range(len(case.controls))],
    )
    d = effect(case, case.z, case.start)
    if columns:
        b = shares(past, columns, case.block)
        past = [p - sum(x * y for x, y in zip(b, row[1:], strict=True)) for p, row in zip(past, rows, strict=True)]
        d -= sum(x * effect(case, z, case.start) for x, z in zip(b, case.controls, strict=True))
    df = len(past) / case.block - len(columns)
    s2 = sum(value**2 for value in clipped(past)) / len(past) / 2 + sum(value**2 for value in past) / len(past) / 2
    se = sqrt(max(s2, case.floor) * (1 + 1 / df))
    rank = (1 + sum(abs(value) >= abs(d) for value in past)) / (1 + len(past))
    return Reading(d, se, df, max(float(2 * (1 - student.cdf(abs(d) / se, df))), rank), tuple(past))


def log_of(values: Sequence[float], floor: float = 0.5) -> list[float]:
    return [value if isnan(value) else log(max(value, floor)) for value in values]
