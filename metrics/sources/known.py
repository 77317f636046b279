"""Which released features are measured by now: an effect of their release was read in full, or its help was confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

MOST_AT_ONCE = 2_000
# An effect is known on the day after its window, on the clock of the KPI's product; an answer when it is given. It starts from what is known,
# which is less than what was ever released; ``products`` are those whose KPIs' effects were looked at, None for all and for answers too.
KNOWN = """
SELECT feature.id, min(known.at), (array_agg(known.words ORDER BY known.at))[1]
FROM (
    SELECT held.release_id,
        (held.live_on + (held.roll_out + held.horizon) * CASE kpi.cadence WHEN 'week' THEN 7 ELSE 1 END)::timestamp
            AT TIME ZONE measured.time_zone AS at,
        'The effect of R-' || held.release_id || ' on ' || kpi.name || ' was read in full' AS words
    FROM metrics_estimate AS held
    JOIN metrics_kpi AS kpi ON kpi.id = held.kpi_id
    JOIN products_product AS measured ON measured.id = kpi.product_id
    WHERE held.is_preferred AND held.word NOT IN ('withdrawn', 'not_enough_data', 'too_early')
        AND (%(products)s::bigint[] IS NULL OR held.product_id = ANY(%(products)s::bigint[]))
    UNION ALL
    SELECT said.upstream_release_id, said.answered_at, 'What R-' || said.upstream_release_id || ' helped was confirmed, E-' || said.id
    FROM metrics_enablement AS said
    WHERE %(products)s::bigint[] IS NULL AND said.upstream_release_id IS NOT NULL AND said.state IN ('confirmed', 'adjusted', 'measured')
) AS known
JOIN products_release AS release ON release.id = known.release_id AND release.state = 'live'
CROSS JOIN LATERAL unnest(release.feature_keys) AS named (key)
JOIN products_feature AS feature ON feature.id = substring(named.key FROM '^W-([0-9]{1,18})$')::bigint
    AND feature.product_id = release.product_id AND feature.stage = 'released'
WHERE known.at <= %(now)s
GROUP BY feature.id ORDER BY feature.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class KnownFeature:
    """A released feature of which something is known since ``at``; ``words`` say what."""

    feature: int
    at: datetime
    words: str


def known_features(*, now: datetime, products: Sequence[int] | None = None) -> Sequence[KnownFeature]:
    """Released features of which something is known, at most ``MOST_AT_ONCE``. One statement.

    With ``products`` only by effects on their KPIs.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            KNOWN, {"now": now, "most": MOST_AT_ONCE, "products": None if products is None else list(products)}
        )
        return [KnownFeature(*row) for row in cursor.fetchall()]
