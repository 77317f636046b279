"""Cells of feedback: entries received on a day and the distinct voices behind them. Merged entries count as their root, withdrawn ones not at all."""

from metrics.catalog.measures import FEEDBACK

CELLS = f"""
SELECT wanted.product_id, '{FEEDBACK}', wanted.day, fact.entries, fact.voices, 0::numeric, 0::numeric, 0::numeric,
    FALSE, NULL::date
FROM wanted
JOIN products_product AS product ON product.id = wanted.product_id
CROSS JOIN LATERAL (
    SELECT count(DISTINCT root.id) AS entries,
        (count(DISTINCT voice.colleague_id) + count(DISTINCT voice.account_id))::numeric AS voices
    FROM feedback_feedback AS root
    LEFT JOIN LATERAL (
        SELECT root.id UNION ALL SELECT merged.id FROM feedback_feedback AS merged
        WHERE merged.merged_into_id = root.id AND merged.withdrawn_at IS NULL
    ) AS entry ON TRUE
    LEFT JOIN feedback_voice AS voice ON voice.feedback_id = entry.id
    WHERE root.product_id = wanted.product_id AND root.merged_into_id IS NULL AND root.withdrawn_at IS NULL
        AND root.received_at >= wanted.day::timestamp AT TIME ZONE product.time_zone
        AND root.received_at < (wanted.day + 1)::timestamp AT TIME ZONE product.time_zone
) AS fact
WHERE fact.entries > 0
"""

DAYS = """
SELECT DISTINCT (entry.received_at AT TIME ZONE product.time_zone)::date
FROM feedback_feedback AS entry JOIN products_product AS product ON product.id = entry.product_id
WHERE entry.product_id = %(product)s
"""
