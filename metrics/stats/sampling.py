"""The error that small numbers alone bring, however quiet the past was: a floor under the variance of an effect."""

from metrics.stats.series import Bools, Floats, Form, Series
from metrics.stats.windows import Window

# Counts of nothing are held to be half of one, as z does.
LEAST_COUNT = 0.5


def sampling_floor(series: Series, window: Window, open_steps: Bools) -> float:
    """v of a window: that of its post steps plus that of its baseline; 0 for money and for scores known by their means alone.

    ``open_steps`` says which steps have a z.
    """
    before = slice(max(window.start - window.weeks * series.cadence.season, 0), window.start)
    return _variance(series, slice(window.after, window.end), open_steps) + _variance(series, before, open_steps)


def expected_floor(series: Series, window: Window, open_steps: Bools) -> float:
    """v before the release: what comes after is taken to be as many a step as the baseline is."""
    length = window.weeks * series.cadence.season
    before = _variance(series, slice(max(window.start - length, 0), window.start), open_steps)
    return before + before * length / window.horizon


def _variance(series: Series, steps: slice, open_steps: Bools) -> float:
    """Counts: 1/N. Rates: 1/(n·p(1 − p)) with the pooled p. Scores: variance of one answer ÷ n (for NPS 100²·(p + d − (p − d)²)/n)."""
    if series.form is Form.COUNT:
        return 1.0 / max(_sum(series.values, steps, open_steps), LEAST_COUNT)
    if series.top is None or series.base is None:
        return 0.0
    top, base = _sum(series.top, steps, open_steps), _sum(series.base, steps, open_steps)
    if series.form is Form.RATE:
        share = (top + LEAST_COUNT) / (base + 2 * LEAST_COUNT)
        return 1.0 / (max(base, 2 * LEAST_COUNT) * share * (1 - share))
    if series.squares is None or base <= 0:
        return 0.0
    return max(_sum(series.squares, steps, open_steps) / base - (top / base) ** 2, 0.0) / base


def _sum(values: Floats, steps: slice, open_steps: Bools) -> float:
    return float(values[steps][open_steps[steps]].sum())
