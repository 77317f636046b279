"""Speed to impact by type: from the first feedback to what is known of the release, against the type's own year before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from feedback.queries.usual import NEEDED
from metrics.queries.periods import Period
from metrics.queries.prepared import rows_of
from metrics.queries.sql import FIRST_HEARD
from metrics.queries.words import short_day
from metrics.stats.figures import quartiles
from products.catalog.words import counted

YEAR = timedelta(days=365)
SHOWN = 20
# A feature is measured on the day on which something is known of its release (services/measuring). An ally is in its path where a
# function was asked to sign its release off, or a customer was asked through somebody; how long is the longest wait that ended.
SPEED = f"""
WITH told AS MATERIALIZED (
    SELECT product.type, feature.id, feature.title, product.slug, product.name, feature.stage_since AS at,
        feature.stage_since >= %(start)s AS is_inside,
        extract(epoch FROM feature.stage_since - heard.first)::float8 / 86400 AS days, allies.n, allies.days AS waited
    FROM products_feature AS feature
    CROSS JOIN LATERAL (
        SELECT type, slug, name FROM products_product WHERE id = feature.product_id OFFSET 0  -- never all of the company's
    ) AS product
    CROSS JOIN LATERAL (
{FIRST_HEARD}    ) AS heard
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, max(extract(epoch FROM waited.until - waited.since))::float8 / 86400 AS days FROM (
            SELECT asked.requested_at AS since,
                CASE WHEN asked.decision IN ('approved', 'conditions', 'rejected') THEN asked.decided_at END AS until
            FROM products_release AS release JOIN products_signoff AS asked ON asked.release_id = release.id
            WHERE release.product_id = feature.product_id AND ('W-' || feature.id) = ANY(release.feature_keys)
            UNION ALL
            SELECT talk.asked_at, talk.held_at FROM feedback_diagnosisfeature AS link
            JOIN feedback_outreach AS talk ON talk.diagnosis_id = link.diagnosis_id AND talk.account_id IS NOT NULL
            WHERE link.feature_id = feature.id AND talk.called_off_at IS NULL
        ) AS waited
    ) AS allies
    WHERE feature.product_id = ANY(%(ids)s) AND feature.stage = 'measured'
        AND feature.stage_since >= %(before)s AND feature.stage_since < %(end)s AND heard.first <= feature.stage_since
)
SELECT type, coalesce(array_agg(days) FILTER (WHERE is_inside), '{{}}'), coalesce(array_agg(days) FILTER (WHERE NOT is_inside), '{{}}'),
    count(*) FILTER (WHERE is_inside AND n > 0), coalesce(array_agg(waited) FILTER (WHERE is_inside AND waited IS NOT NULL), '{{}}'),
    coalesce((array_agg(json_build_array(id, title, slug, name, at::date, days, n) ORDER BY at DESC, id) FILTER (WHERE is_inside))[:%(shown)s], '{{}}')
FROM told GROUP BY type
"""


@dataclass(frozen=True, slots=True)
class SpeedItem:
    """A feature whose way ended in the period: ``days`` from the first feedback, with so many allies in it."""

    key: str
    title: str
    slug: str
    product: str
    known_on: date
    days: float
    allies: int

    @property
    def known_text(self) -> str:
        """The day on which something was known."""
        return short_day(self.known_on)


@dataclass(frozen=True, slots=True)
class Speed:
    """Days from first feedback to impact of one type: median and middle half from five on, else None; ``usual`` is the year before.

    ``with_allies`` of ``n`` had an ally in their path; ``ally_days`` is the median of the longest wait for one, of ``ally_n`` known.
    """

    type: str
    n: int
    median: float | None
    low: float | None
    high: float | None
    usual: float | None
    usual_n: int
    with_allies: int
    ally_days: float | None
    ally_n: int
    items: tuple[SpeedItem, ...]

    @property
    def text(self) -> str:
        """``62 d (45 to 80), n 9``, or why there is no median."""
        if not self.n:
            return "no feature was measured"
        if self.median is None or self.low is None or self.high is None:
            return f"{counted(self.n, 'feature')} measured, {NEEDED} needed"
        return f"{self.median:.0f} d ({self.low:.0f} to {self.high:.0f}), n {self.n}"

    @property
    def usual_text(self) -> str:
        """The type's own median of the year before the period."""
        if self.usual is None:
            return f"no usual yet, n {self.usual_n} of {NEEDED}"
        return f"{self.usual:.0f} d, n {self.usual_n}"

    @property
    def allies_text(self) -> str:
        """``in 5 of 9, the longest wait 12 d, n 4``."""
        if not self.n:
            return "nothing to tell"
        waited = "" if self.ally_days is None else f", their longest wait {self.ally_days:.0f} d, n {self.ally_n}"
        return f"in {self.with_allies} of {self.n}{waited}"

    @property
    def more(self) -> int:
        """How many items are not listed."""
        return self.n - len(self.items)


def speed_of(products: Sequence[int], *, types: Sequence[str], period: Period) -> tuple[Speed, ...]:
    """One row for each of ``types``, over the products (ids). One statement."""
    start, end = period.instants
    given = {"ids": list(products), "start": start, "end": end, "before": start - YEAR, "shown": SHOWN}
    found = {type: rest for type, *rest in rows_of(SPEED, given)}
    return tuple(_speed(type, *found.get(type, [(), (), 0, (), ()])) for type in types)


def _speed(
    type: str,
    days: Sequence[float],
    before: Sequence[float],
    with_allies: int,
    waited: Sequence[float],
    items: Sequence[Sequence[object]],
) -> Speed:
    low, middle, high = quartiles(days) if len(days) >= NEEDED else (None, None, None)
    return Speed(
        type=type,
        n=len(days),
        median=middle,
        low=low,
        high=high,
        usual=median(before) if len(before) >= NEEDED else None,
        usual_n=len(before),
        with_allies=with_allies,
        ally_days=median(waited) if waited else None,
        ally_n=len(waited),
        items=tuple(_item(*one) for one in items),
    )


def _item(pk: object, title: object, slug: object, name: object, at: object, days: object, allies: object) -> SpeedItem:
    known = datetime.fromisoformat(str(at)).date()
    return SpeedItem(f"W-{pk}", str(title), str(slug), str(name), known, float(str(days)), int(str(allies)))
