"""Effects as people say them: per cent and units for counts and money, percentage points for rates, points for scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1

import numpy as np

from metrics.stats.series import Floats, Form

LARGEST_Z = 700.0
PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What the weeks before led to expect over a window, controls included.

    ``level`` is, for counts and money, the sum over the ``steps`` read; for rates the mean expectation as log-odds; for scores the
    mean.
    """

    form: Form
    level: float
    steps: int

    def natural(self, effect: float) -> float:
        """An effect in the KPI's unit: counts and money over the window, rates in percentage points, scores in points."""
        if self.form is Form.RATE:
            return PERCENT * (share_of(self.level + effect) - share_of(self.level))
        if self.form is Form.SCORE:
            return effect
        return self.level * relative(effect)

    def comparable(self, effect: float) -> float:
        """An effect as smallest changes worth having are said: a part of what was expected, or points for rates and scores."""
        return relative(effect) if self.form in (Form.COUNT, Form.MONEY) else self.natural(effect)


def expected_of(form: Form, expectations: Floats) -> Expected:
    """What was expected over the steps read; z in, one for each."""
    steps = len(expectations)
    if form in (Form.COUNT, Form.MONEY):
        return Expected(form, float(np.exp(np.minimum(expectations, LARGEST_Z)).sum()), steps)
    return Expected(form, float(expectations.mean()) if steps else float("nan"), steps)


def relative(effect: float) -> float:
    """exp(d) − 1: .08 is 8 % more than expected."""
    return expm1(min(effect, LARGEST_Z))


def share_of(z: float) -> float:
    """The share whose log-odds are ``z``."""
    return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))


def levels_of(form: Form, z: Floats | Sequence[float]) -> Floats:
    """z as levels of the KPI, for the picture: a day's count or amount, a share from 0 to 1, a score."""
    numbers = np.asarray(z, dtype=np.float64)
    if form is Form.SCORE:
        return numbers
    if form is Form.RATE:
        return np.asarray(1 / (1 + np.exp(-np.clip(numbers, -LARGEST_Z, LARGEST_Z))))
    return np.asarray(np.exp(np.minimum(numbers, LARGEST_Z)))
