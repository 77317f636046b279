"""What is usual for a product: the median days that its own items spent in each stage over the last twelve months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import floor
from zoneinfo import ZoneInfo

from django.db import connection

LAST = timedelta(days=365)
NEEDED = 5
# A stage is never called stuck before so many days, however fast the product usually is (domain.md §3).
PATIENCE = {"I": 3, "E": 10}
TWICE = 2


@dataclass(frozen=True, slots=True)
class Usual:
    """The median of ``n`` finished stays in a stage, in days."""

    median: float
    n: int


# One row for each stay that ended: heard until its diagnosis was done (from the earliest entry of the group), diagnosed
# until building began, building until released, released until measured. A stay without both ends is unknown.
STAYS = """
SELECT diagnosis.product_id, 'heard' AS stage, min(least(root.received_at, merged.heard_at)) AS began,
    diagnosis.diagnosed_at AS ended
FROM feedback_diagnosis AS diagnosis
JOIN feedback_feedback AS root ON root.diagnosis_id = diagnosis.id AND root.withdrawn_at IS NULL
LEFT JOIN (
    SELECT merged_into_id AS id, min(received_at) AS heard_at FROM feedback_feedback
    WHERE merged_into_id IS NOT NULL AND withdrawn_at IS NULL GROUP BY merged_into_id
) AS merged ON merged.id = root.id
WHERE diagnosis.product_id = ANY (%(products)s) AND diagnosis.diagnosed_at > %(since)s AND diagnosis.diagnosed_at <= %(now)s
GROUP BY diagnosis.id
UNION ALL
SELECT feature.product_id, 'diagnosed',
    coalesce(
        (SELECT min(diagnosis.diagnosed_at) FROM feedback_diagnosisfeature AS link
         JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = link.diagnosis_id
         WHERE link.feature_id = feature.id AND diagnosis.diagnosed_at <= change.at),
        feature.created_at
    ), change.at
FROM products_feature AS feature
JOIN LATERAL (
    SELECT min(at) AS at FROM products_stagechange WHERE feature_id = feature.id AND to_stage = 'building'
) AS change ON change.at > %(since)s AND change.at <= %(now)s
WHERE feature.product_id = ANY (%(products)s)
UNION ALL
SELECT feature.product_id, began.to_stage, began.at, ended.at
FROM products_feature AS feature
JOIN products_stagechange AS ended ON ended.feature_id = feature.id
    AND (ended.from_stage, ended.to_stage) IN (('building', 'released'), ('released', 'measured'))
    AND ended.at > %(since)s AND ended.at <= %(now)s
JOIN LATERAL (
    SELECT to_stage, at FROM products_stagechange
    WHERE feature_id = feature.id AND to_stage = ended.from_stage AND at <= ended.at ORDER BY at DESC LIMIT 1
) AS began ON TRUE
WHERE feature.product_id = ANY (%(products)s)
"""

MEDIANS = f"""
SELECT product_id, stage, count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY greatest(extract(epoch FROM ended - began), 0) / 86400)
FROM ({STAYS}) AS stay GROUP BY product_id, stage HAVING count(*) >= {NEEDED}
"""


def usual_days(product_ids: Sequence[int], *, now: datetime) -> dict[tuple[int, str], Usual]:
    """For (product, stage) the usual; absent with fewer than five finished stays: no usual yet. One statement.

    The stages are heard, diagnosed, building and released.
    """
    with connection.cursor() as cursor:
        cursor.execute(MEDIANS, {"products": list(product_ids), "since": now - LAST, "now": now})
        return {(product, stage): Usual(float(median), n) for product, stage, n, median in cursor.fetchall()}


def age_days(since: datetime, now: datetime, time_zone: str) -> int:
    """Whole days by the product's calendar: what was heard yesterday evening is one day old this morning."""
    zone = ZoneInfo(time_zone)
    return max(0, (now.astimezone(zone).date() - since.astimezone(zone).date()).days)


def is_stuck(age_days: int, usual: float | None, product_type: str) -> bool:
    """Longer than twice the usual, and at least 3 days (I) or 10 days (E). Without a usual nobody can tell, so it is not."""
    return usual is not None and age_days > TWICE * usual and age_days >= PATIENCE[product_type]


def stuck_before(usual: float, product_type: str, now: datetime, time_zone: str) -> datetime:
    """The midnight before which things are stuck: the same as ``is_stuck``, for statements."""
    zone = ZoneInfo(time_zone)
    days = max(floor(TWICE * usual) + 1, PATIENCE[product_type])
    return datetime.combine(now.astimezone(zone).date() - timedelta(days=days - 1), time.min, tzinfo=zone)
