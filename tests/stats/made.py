"""Series that look like KPIs, the same at every run: a drifting level, weekdays, bad weeks and noise."""

import numpy as np

from metrics.stats.series import Floats


def level(seed: int, steps: int = 460, *, drift: float = 0.01, noise: float = 0.05) -> Floats:
    """z of a KPI: a random walk, weekdays and noise with a heavy tail."""
    random = np.random.default_rng(seed)
    walk = np.cumsum(random.normal(0, drift, steps))
    weekday = random.normal(0, 0.3, 7)[np.arange(steps) % 7]
    return walk + weekday + noise * random.standard_t(5, steps)


def money(seed: int, steps: int = 460) -> Floats:
    """Amounts with cents, never near 0."""
    return np.round(10_000 * np.exp(level(seed, steps)), 2) + 0.003


def counts(seed: int, steps: int = 460, size: float = 2000.0) -> Floats:
    """Whole numbers."""
    return np.rint(size * np.exp(level(seed, steps)))


def siblings(seed: int, number: int, steps: int = 460) -> list[Floats]:
    """Amounts that share most of what moves them."""
    shared = level(seed, steps, drift=0.03)
    return [np.exp(9 + shared + level(seed + 1000 + one, steps, drift=0.001)) + 0.003 for one in range(number)]


def with_gaps(values: Floats, seed: int, share: float = 0.1) -> Floats:
    """The same with some steps missing."""
    found = values.copy()
    found[np.random.default_rng(seed).random(len(values)) < share] = np.nan
    return found
