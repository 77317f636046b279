"""Which released features are measured by now: an effect of their release was read in full, or its help was confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

MOST_AT_ONCE = 2_000
# An effect is known on the day after its window, on the clock of the KPI's product; an answer when it is given.
KNOWN = """
SELECT feature.id, min(known.at), (array_agg(known.words ORDER BY known.at))[1]
FROM products_feature AS feature
JOIN products_release AS release ON release.product_id = feature.product_id AND release.state = 'live'
    AND ('W-' || feature.id) = ANY(release.feature_keys)
CROSS JOIN LATERAL (
    SELECT (held.live_on + (held.roll_out + held.horizon) * CASE kpi.cadence WHEN 'week' THEN 7 ELSE 1 END)::timestamp
            AT TIME ZONE measured.time_zone AS at,
        'The effect of R-' || release.id || ' on ' || kpi.name || ' was read in full' AS words
    FROM metrics_estimate AS held
    JOIN metrics_kpi AS kpi ON kpi.id = held.kpi_id
    JOIN products_product AS measured ON measured.id = kpi.product_id
    WHERE held.release_id = release.id AND held.is_preferred
        AND held.word NOT IN ('withdrawn', 'not_enough_data', 'too_early')
    UNION ALL
    SELECT said.answered_at, 'What R-' || release.id || ' helped was confirmed, E-' || said.id
    FROM metrics_enablement AS said
    WHERE said.upstream_release_id = release.id AND said.state IN ('confirmed', 'adjusted', 'measured')
) AS known
WHERE feature.stage = 'released' AND known.at <= %(now)s
GROUP BY feature.id ORDER BY feature.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class KnownFeature:
    """A released feature of which something is known since ``at``; ``words`` say what."""

    feature: int
    at: datetime
    words: str


def known_features(*, now: datetime) -> Sequence[KnownFeature]:
    """Released features of which something is known, at most ``MOST_AT_ONCE``. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, {"now": now, "most": MOST_AT_ONCE})
        return [KnownFeature(*row) for row in cursor.fetchall()]
