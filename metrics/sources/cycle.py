"""Cells of the cycle: how many things stand in a stage now, on the day since when they stand there.

Ages and what is stuck follow from the days when they are read; nothing here grows old by itself. An entry stands since the
first of its group was heard, a diagnosis since it was done, a feature since it came into its stage.
"""

from metrics.catalog.measures import CYCLE_PREFIX

CELLS = f"""
SELECT wanted.product_id, '{CYCLE_PREFIX}' || item.stage, wanted.day, count(*), 0::numeric, 0::numeric, 0::numeric,
    0::numeric, FALSE, NULL::date
FROM wanted
JOIN products_product AS product ON product.id = wanted.product_id
CROSS JOIN LATERAL (
    SELECT wanted.day::timestamp AT TIME ZONE product.time_zone AS start,
        (wanted.day + 1)::timestamp AT TIME ZONE product.time_zone AS until
) AS span
CROSS JOIN LATERAL (
    SELECT 'heard' AS stage
    FROM (
        SELECT id FROM feedback_feedback
        WHERE product_id = wanted.product_id AND received_at >= span.start AND received_at < span.until
        UNION
        SELECT merged_into_id FROM feedback_feedback
        WHERE merged_into_id IS NOT NULL AND received_at >= span.start AND received_at < span.until
    ) AS heard
    JOIN feedback_feedback AS root ON root.id = heard.id AND root.product_id = wanted.product_id
        AND root.merged_into_id IS NULL AND root.withdrawn_at IS NULL
    LEFT JOIN feedback_diagnosis AS diagnosis ON diagnosis.id = root.diagnosis_id
    CROSS JOIN LATERAL (
        SELECT least(root.received_at, min(merged.received_at)) AS since FROM feedback_feedback AS merged
        WHERE merged.merged_into_id = root.id AND merged.withdrawn_at IS NULL
    ) AS first
    WHERE diagnosis.diagnosed_at IS NULL AND first.since >= span.start AND first.since < span.until
    UNION ALL
    SELECT 'diagnosed' FROM feedback_diagnosis AS diagnosis
    WHERE diagnosis.product_id = wanted.product_id
        AND diagnosis.diagnosed_at >= span.start AND diagnosis.diagnosed_at < span.until
        AND diagnosis.decision IN ('', 'build')
        AND NOT EXISTS (SELECT FROM feedback_diagnosisfeature AS link WHERE link.diagnosis_id = diagnosis.id)
    UNION ALL
    SELECT feature.stage FROM products_feature AS feature
    WHERE feature.product_id = wanted.product_id
        AND feature.stage IN ('diagnosed', 'building', 'released', 'measured')
        AND feature.stage_since >= span.start AND feature.stage_since < span.until
) AS item
GROUP BY wanted.product_id, item.stage, wanted.day
"""

DAYS = """
SELECT DISTINCT (touched.at AT TIME ZONE product.time_zone)::date
FROM products_product AS product
CROSS JOIN LATERAL (
    SELECT received_at AS at FROM feedback_feedback WHERE product_id = product.id
    UNION ALL
    SELECT merged.received_at FROM feedback_feedback AS root
    JOIN feedback_feedback AS merged ON merged.merged_into_id = root.id WHERE root.product_id = product.id
    UNION ALL
    SELECT diagnosed_at FROM feedback_diagnosis WHERE product_id = product.id AND diagnosed_at IS NOT NULL
    UNION ALL
    SELECT stage_since FROM products_feature WHERE product_id = product.id
) AS touched
WHERE product.id = %(product)s
"""
