"""What control KPIs say would have happened anyway: a ridge regression of the quiet dates' effects on those of the controls."""

import numpy as np

from metrics.stats.series import Floats

MOST_CONTROLS = 3
# 1.4826 · median|x| estimates the standard deviation of normal values (the median absolute deviation around 0).
MAD = 1.4826
CLIP = 3.0


def winsorised(values: Floats) -> Floats:
    """``values``, each column drawn in to ±3 · 1.4826 · median|·|."""
    limit = CLIP * MAD * np.median(np.abs(values), axis=0)
    return np.clip(values, -limit, limit)


def coefficients(effects: Floats, controls: Floats, ridge: float) -> Floats:
    """How much of each control's effect belongs to the KPI's; (n,) and (n, k) give (k,).

    Columns are scaled to a root mean square of 1 and there is no intercept. Both sides are winsorised for the solution only. The
    answer is for controls as they were given, scaled back.
    """
    size = np.sqrt(np.mean(controls**2, axis=0))
    size = np.where(size > 0, size, 1.0)
    columns, target = winsorised(controls / size), winsorised(effects)
    matrix = columns.T @ columns + ridge * np.eye(controls.shape[1])
    return np.asarray(np.linalg.solve(matrix, columns.T @ target)) / size
