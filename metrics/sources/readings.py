"""Cells of KPIs: each reading of the accepted source, as it is."""

from metrics.catalog.measures import KPI_PREFIX

CELLS = f"""
SELECT wanted.product_id, '{KPI_PREFIX}' || fact.kpi_id, wanted.day, fact.n, 0::numeric, fact.squares, fact.numerator,
    fact.denominator, fact.status = 'partial',
    (SELECT max(old.replaced_at AT TIME ZONE 'UTC')::date FROM metrics_readingcorrection AS old
     WHERE old.product_id = wanted.product_id AND old.kpi_id = fact.kpi_id AND old.day = wanted.day
         AND old.source = fact.source)
FROM wanted
JOIN metrics_kpi AS kpi ON kpi.product_id = wanted.product_id
CROSS JOIN LATERAL (
    SELECT * FROM metrics_reading AS reading
    WHERE reading.product_id = wanted.product_id AND reading.kpi_id = kpi.id AND reading.day = wanted.day
        AND reading.source = kpi.source
    OFFSET 0  -- a fence: few days are looked up in the index, and the planner never reads all readings instead
) AS fact
"""

DAYS = "SELECT DISTINCT day FROM metrics_reading WHERE product_id = %(product)s"
