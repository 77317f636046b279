"""Cells of releases: exposures in production that started on a day, and those that ended on it."""

from metrics.catalog.measures import ROLLED_BACK, WENT_LIVE

CELLS = f"""
SELECT wanted.product_id, cell.measure, wanted.day, cell.n, 0::numeric, 0::numeric, 0::numeric, 0::numeric, FALSE,
    NULL::date
FROM wanted
JOIN products_product AS product ON product.id = wanted.product_id
CROSS JOIN LATERAL (
    SELECT wanted.day::timestamp AT TIME ZONE product.time_zone AS start,
        (wanted.day + 1)::timestamp AT TIME ZONE product.time_zone AS until
) AS span
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE exposure.exposed_at >= span.start AND exposure.exposed_at < span.until) AS live,
        count(*) FILTER (WHERE exposure.rolled_back_at >= span.start AND exposure.rolled_back_at < span.until) AS back
    FROM products_release AS release JOIN products_exposure AS exposure ON exposure.release_id = release.id
    WHERE release.product_id = wanted.product_id AND release.environment = product.production_environment
) AS fact
CROSS JOIN LATERAL (VALUES ('{WENT_LIVE}', fact.live), ('{ROLLED_BACK}', fact.back)) AS cell (measure, n)
WHERE cell.n > 0
"""

DAYS = """
SELECT DISTINCT (touched.at AT TIME ZONE product.time_zone)::date
FROM products_release AS release
JOIN products_product AS product ON product.id = release.product_id
JOIN products_exposure AS exposure ON exposure.release_id = release.id
CROSS JOIN LATERAL (VALUES (exposure.exposed_at), (exposure.rolled_back_at)) AS touched (at)
WHERE release.product_id = %(product)s AND touched.at IS NOT NULL
"""
