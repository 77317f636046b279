"""How far the errors of one KPI's effects go together: what follows one release is the baseline of the next."""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from metrics.stats.gaps import Gaps, Shape
from metrics.stats.past import Past
from metrics.stats.series import Floats
from metrics.stats.windows import Window


def correlations(past: Past, windows: Sequence[Window]) -> Floats:
    """The correlations of the errors of effects of one KPI, n × n, for ``multiplicity.total``.

    Windows that share no step are independent. For the others it is seen from pairs of earlier dates as far apart as the two releases,
    around 0 because a quiet effect is 0. Controls are left out of it. Bundles' members share one window: sum that once.
    """
    found = np.eye(len(windows))
    for row, one in enumerate(windows):
        for column in range(row):
            first, second = sorted((one, windows[column]), key=lambda window: window.start)
            found[row, column] = found[column, row] = _correlation(past, first, second)
    return found


def _correlation(past: Past, first: Window, second: Window) -> float:
    season = past.series.cadence.season
    if second.start - second.weeks * season >= first.end:
        return 0.0
    apart = second.start - first.start
    low = max(first.start - past.series.cadence.past, 0)
    high = first.start - max(first.end - first.start, apart + second.end - second.start) + 1
    if high <= low:
        return 0.0
    own, other = _gaps(past, first).effects(low, high), _gaps(past, second).effects(low + apart, high + apart)
    known = ~np.isnan(own) & ~np.isnan(other)
    own, other = own[known], other[known]
    size = sqrt(float((own**2).sum()) * float((other**2).sum()))
    return float((own * other).sum()) / size if size > 0 else 0.0


def _gaps(past: Past, window: Window) -> Gaps:
    """The comparisons of all dates in the shape of ``window``, on the scale that was known before it."""
    first = window.start - window.weeks * past.series.cadence.season
    begin = max((step for step in past.series.breaks if step <= first), default=0)
    shape = Shape(window.horizon, window.roll_out, window.weeks)
    return past.gaps(past.era(begin).scale(window.start), shape)
