"""A person's pace, product by product: from the first feedback to the release, against that product's own year before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from feedback.queries.usual import NEEDED
from metrics.charts.strip import StripPicture
from metrics.queries.pace import pace_of
from metrics.queries.person_work import Duty
from metrics.queries.prepared import rows_of
from metrics.queries.sql import PACE
from products.catalog.words import counted

YEAR = timedelta(days=365)
# Of each span the days of the features that were released in it. A span is one duty of the person, or the year before it.
PACES = f"""
SELECT span.number, ({PACE.replace("%(since)s", "span.since").replace("%(now)s", "span.until")})
FROM unnest(%(numbers)s::int[], %(products)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS span (number, product, since, until)
JOIN products_product AS product ON product.id = span.product
"""


@dataclass(frozen=True, slots=True)
class DutyPace:
    """Days from the first feedback behind a feature to its first release, for one product while the person stood for it.

    ``usual`` is the middle half of the product's year before, None below five features.
    """

    product: str
    type: str
    days: tuple[float, ...]
    median: float | None
    usual: tuple[float, float] | None
    before: int

    @property
    def text(self) -> str:
        """``8 days from feedback to release, n 9``, or why there is no median."""
        if not self.days:
            return "no feature with feedback behind it was released yet"
        if self.median is None:
            return f"{counted(len(self.days), 'feature')} released, a median needs {NEEDED}"
        return f"{self.median:.0f} days from feedback to release, n {len(self.days)}"

    @property
    def usual_text(self) -> str:
        """What was usual there before, or that nothing was yet."""
        if self.usual is None:
            return f"no usual yet: {counted(self.before, 'feature')} released in the year before, {NEEDED} needed"
        return f"usual there in the year before: {self.usual[0]:.0f} to {self.usual[1]:.0f} days, n {self.before}"

    @property
    def picture(self) -> StripPicture | None:
        """One dot for each feature, against the middle half of the year before where there is one."""
        if self.median is None:
            return None
        label = f"{counted(len(self.days), 'feature')}, median {self.median:.0f} days; {self.usual_text}"
        return StripPicture(self.days, self.usual, label)


def paces_of(duties: Sequence[Duty], *, now: datetime) -> tuple[DutyPace, ...]:
    """The pace in each duty. One statement, none without duties."""
    if not duties:
        return ()
    begins = [datetime.combine(one.first, time.min, tzinfo=UTC) for one in duties]
    ends = [min(datetime.combine(one.last, time.min, tzinfo=UTC), now) for one in duties]
    given = {
        "numbers": list(range(2 * len(duties))),
        "products": [one.product for one in duties] * 2,
        "since": [*begins, *[at - YEAR for at in begins]],
        "until": [*ends, *begins],
    }
    found: dict[int, Sequence[float]] = {number: days or () for number, days in rows_of(PACES, given)}
    return tuple(_pace(one, found[at], found[at + len(duties)]) for at, one in enumerate(duties))


def _pace(duty: Duty, days: Sequence[float], before: Sequence[float]) -> DutyPace:
    mine, usual = pace_of(days), pace_of(before)
    band = (usual.low, usual.high) if usual.low is not None and usual.high is not None else None
    return DutyPace(duty.name, duty.type, mine.days, mine.median, band, usual.n)
