"""How long the way from the first feedback to the release of a feature takes: median and middle half, against nobody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from feedback.queries.usual import LAST, NEEDED
from metrics.charts.strip import StripPicture
from metrics.queries.prepared import rows_of
from metrics.queries.sql import PACES
from metrics.stats.figures import quartiles
from products.catalog.words import counted


@dataclass(frozen=True, slots=True)
class Pace:
    """Days from the first feedback behind a feature to its first release, over the last twelve months.

    ``median`` and the middle half are None below five features.
    """

    days: tuple[float, ...]
    median: float | None
    low: float | None
    high: float | None

    @property
    def n(self) -> int:
        """How many features were released."""
        return len(self.days)

    @property
    def text(self) -> str:
        """``46 d (38 to 57), n 17``, or why there is no median."""
        if self.median is None:
            return f"{counted(self.n, 'feature')} released, {NEEDED} needed" if self.n else "no data yet"
        return f"{self.median:.0f} d ({self.low:.0f} to {self.high:.0f}), n {self.n}"

    @property
    def title(self) -> str:
        """The panel's finding."""
        if self.median is None:
            released = counted(self.n, "feature") if self.n else "no feature with feedback behind it"
            return f"Pace: {released} released in a year"
        return f"Pace: {self.median:.0f} days from feedback to release"

    @property
    def picture(self) -> StripPicture | None:
        """One dot for each feature against the middle half."""
        if self.median is None or self.low is None or self.high is None:
            return None
        label = f"{counted(self.n, 'feature')}, median {self.median:.0f} days, middle half {self.low:.0f} to {self.high:.0f}"
        return StripPicture(self.days, (self.low, self.high), label)


NO_PACE = Pace((), None, None, None)


def pace(product: int, *, now: datetime) -> Pace:
    """The pace of a product (id). One statement."""
    rows = rows_of(PACES, {"ids": [product], "since": now - LAST, "now": now})
    return pace_of(rows[0][0] or ()) if rows else NO_PACE


def pace_of(days: Sequence[float]) -> Pace:
    """Median and middle half of the days, from five on."""
    if len(days) < NEEDED:
        return Pace(tuple(days), None, None, None)
    low, middle, high = quartiles(days)
    return Pace(tuple(days), middle, low, high)
