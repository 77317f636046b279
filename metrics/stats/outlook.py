"""What a release could show at all: the smallest effect that would be found, said before anybody can know what it did."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metrics.stats.effects import detectable
from metrics.stats.natural import expected_of
from metrics.stats.past import Past
from metrics.stats.reasons import NoEstimate, Reason
from metrics.stats.windows import Intervention


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest effect found in four of five cases: ``z`` on the scale of effects, ``natural`` in the KPI's unit.

    ``natural`` is of a whole window for counts and money, in percentage points for rates, in points for scores.
    """

    z: float
    natural: float


def smallest(
    past: Past,
    *,
    horizon: int,
    roll_out: int = 0,
    others: Sequence[Intervention] = (),
    controls: Sequence[Past] = (),
) -> Smallest | NoEstimate:
    """What a release right after the last step of ``past`` could show, everything being as in the newest ``horizon`` steps.

    Raises ``ValueError`` as ``effects.estimate`` does.
    """
    series = past.series
    step = len(series)
    found = detectable(past, step, horizon=horizon, roll_out=roll_out, others=others, controls=controls)
    if isinstance(found, NoEstimate):
        return found
    begin = max((at for at in series.breaks if at <= step - series.cadence.baseline), default=0)
    z = past.z(past.era(begin).scale(step))[-series.cadence.baseline :]
    known = z[~np.isnan(z)]
    if not known.size:
        return NoEstimate(Reason.NO_VALUES, f"there are no values in the last {len(z)} {series.cadence.step}s")
    steps = max(round(horizon * known.size / len(z)), 1)
    level = np.resize(known, max(steps, known.size))[-steps:]
    return Smallest(found, expected_of(series.form, level).natural(found))
