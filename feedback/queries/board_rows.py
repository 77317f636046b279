"""The rows behind the cycle board, each question one statement over all lanes of a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from feedback.models import Outreach
from products.models import DesignQuestion


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One item of a column; ``total`` is how many its product has there, ``linked`` whether what comes before it exists.

    For an entry that is a draft of a diagnosis, for a diagnosis the decision to build, for a feature its diagnosis or waiver.
    """

    product: int
    column: str
    kind: str
    number: int
    title: str
    since: datetime
    revision: int
    linked: bool
    total: int


# Entries that stand open, diagnoses that wait for a decision or a feature, and features by stage. What waits is shown
# oldest first, what is out newest first.
PLACED = """
WITH items AS (
    SELECT entry.product_id, 'heard' AS place, 'FB' AS kind, entry.id, entry.text AS title,
        least(entry.received_at, (
            SELECT min(merged.received_at) FROM feedback_feedback AS merged
            WHERE merged.merged_into_id = entry.id AND merged.withdrawn_at IS NULL
        )) AS since, entry.revision, entry.diagnosis_id IS NOT NULL AS linked
    FROM feedback_feedback AS entry
    LEFT JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = entry.diagnosis_id
    WHERE entry.product_id = ANY (%(products)s) AND entry.merged_into_id IS NULL AND entry.withdrawn_at IS NULL
        AND diagnosis.diagnosed_at IS NULL
    UNION ALL
    SELECT diagnosis.product_id, 'diagnosed', 'D', diagnosis.id, diagnosis.in_the_way, diagnosis.diagnosed_at,
        diagnosis.revision, diagnosis.decision = 'build'
    FROM feedback_diagnosis AS diagnosis
    WHERE diagnosis.product_id = ANY (%(products)s) AND diagnosis.diagnosed_at IS NOT NULL
        AND diagnosis.decision IN ('', 'build')
        AND NOT EXISTS (SELECT FROM feedback_diagnosisfeature AS link WHERE link.diagnosis_id = diagnosis.id)
    UNION ALL
    SELECT feature.product_id, feature.stage, 'W', feature.id, feature.title, feature.stage_since, feature.revision,
        feature.waived_at IS NOT NULL OR EXISTS (
            SELECT FROM feedback_diagnosisfeature AS link
            JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = link.diagnosis_id
            WHERE link.feature_id = feature.id AND diagnosis.diagnosed_at IS NOT NULL
        )
    FROM products_feature AS feature
    WHERE feature.product_id = ANY (%(products)s) AND (
        feature.stage IN ('diagnosed', 'building')
        OR (feature.stage IN ('released', 'measured') AND feature.stage_since > %(since)s)
    )
), ranked AS (
    SELECT items.*, count(*) OVER (PARTITION BY product_id, place) AS total,
        row_number() OVER (
            PARTITION BY product_id, place
            ORDER BY CASE WHEN place IN ('released', 'measured') THEN extract(epoch FROM %(now)s - since)
                ELSE extract(epoch FROM since) END, kind, id
        ) AS place_in_cell
    FROM items
)
SELECT product_id, place, kind, id, left(title, 300), since, revision, linked, total
FROM ranked WHERE place_in_cell <= %(most)s ORDER BY product_id, place, place_in_cell
"""

# Distinct people and accounts behind entries, diagnoses and features, over everything that was merged.
VOICES = """
WITH wanted AS (SELECT * FROM unnest(%(kinds)s::text[], %(numbers)s::bigint[]) AS given (kind, number)),
entries AS (
    SELECT wanted.kind, wanted.number, entry.id FROM wanted
    JOIN feedback_feedback AS entry ON entry.id = wanted.number WHERE wanted.kind = 'FB'
    UNION ALL
    SELECT wanted.kind, wanted.number, entry.id FROM wanted
    JOIN feedback_feedback AS entry ON entry.diagnosis_id = wanted.number WHERE wanted.kind = 'D'
    UNION ALL
    SELECT wanted.kind, wanted.number, entry.id FROM wanted
    JOIN feedback_diagnosisfeature AS link ON link.feature_id = wanted.number
    JOIN feedback_feedback AS entry ON entry.diagnosis_id = link.diagnosis_id WHERE wanted.kind = 'W'
), groups AS (
    SELECT kind, number, id FROM entries
    UNION
    SELECT entries.kind, entries.number, merged.id FROM entries
    JOIN feedback_feedback AS merged ON merged.merged_into_id = entries.id
)
SELECT groups.kind, groups.number, count(DISTINCT voice.colleague_id) + count(DISTINCT voice.account_id)
FROM groups
JOIN feedback_feedback AS entry ON entry.id = groups.id AND entry.withdrawn_at IS NULL
JOIN feedback_voice AS voice ON voice.feedback_id = groups.id
GROUP BY groups.kind, groups.number
"""


def placed_rows(products: Sequence[int], *, since: datetime, now: datetime, most: int) -> tuple[BoardRow, ...]:
    """At most ``most`` items of each product and column; what was released or measured before ``since`` is left out."""
    with connection.cursor() as cursor:
        cursor.execute(PLACED, {"products": list(products), "since": since, "now": now, "most": most})
        return tuple(BoardRow(*row) for row in cursor.fetchall())


def voices_behind(rows: Sequence[BoardRow]) -> dict[tuple[str, int], int]:
    """How many people and accounts are behind each item, by (kind, number); those without are absent."""
    kinds, numbers = [row.kind for row in rows], [row.number for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(VOICES, {"kinds": kinds, "numbers": numbers})
        return {(kind, number): count for kind, number, count in cursor.fetchall()}


def open_questions(rows: Sequence[BoardRow]) -> dict[int, str]:
    """For each feature with an unanswered design question the colleague who was asked first."""
    features = [row.number for row in rows if row.kind == "W"]
    waiting = DesignQuestion.objects.filter(feature__in=features, answered_at__isnull=True).select_related("asked")
    found: dict[int, str] = {}
    for question in waiting.order_by("asked_at", "pk"):
        found.setdefault(question.feature_id, question.asked.name)
    return found


def talks(rows: Sequence[BoardRow]) -> dict[tuple[str, int], str]:
    """For each entry and diagnosis with a talk that is asked for or booked the words for it; no customer is named."""
    entries = [row.number for row in rows if row.kind == "FB"]
    diagnoses = [row.number for row in rows if row.kind == "D"]
    waiting = Outreach.objects.filter(held_at__isnull=True, called_off_at__isnull=True).select_related(
        "colleague", "via"
    )
    found: dict[tuple[str, int], str] = {}
    ours = waiting.filter(feedback__in=entries) | waiting.filter(diagnosis__in=diagnoses)
    for one in ours.order_by("asked_at", "pk"):
        person = one.colleague or one.via
        name = person.name if person else "somebody"
        words = f"a talk on {one.booked_for:%-d %b}, through {name}" if one.booked_for else f"an answer from {name}"
        if one.feedback_id in entries:
            found.setdefault(("FB", one.feedback_id or 0), words)
        if one.diagnosis_id in diagnoses:
            found.setdefault(("D", one.diagnosis_id or 0), words)
    return found
