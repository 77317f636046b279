"""The statements of the impact pages, which are asked on every view: written out, as the ORM takes longer to say them.

Each takes the ids of products that ``products.access`` has let through; what it reads hangs on these products alone.
"""

from typing import Any

from django.db import connection

from metrics.catalog.measures import FEEDBACK
from products.queries.versions import VERSION

# Every team with the reader's role in it, and of his own teams the first products for the rail.
TEAMS = """
SELECT team.id, team.slug, team.name, coalesce(member.role, ''), coalesce(rail.products, '[]')
FROM products_team AS team
LEFT JOIN products_membership AS member
    ON member.team_id = team.id AND member.user_id = %(reader)s AND member.period @> %(today)s::date
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(slug, name, type)) AS products FROM (
        SELECT product.slug, product.name, product.type
        FROM products_productteam AS held JOIN products_product AS product ON product.id = held.product_id
        WHERE held.team_id = team.id AND held.period @> %(today)s::date
        ORDER BY product.type, product.name LIMIT %(most)s
    ) AS first
) AS rail ON member.id IS NOT NULL
ORDER BY team.name, team.id
"""

# The same with the version of what the page is made of: one row at least, so that there is a version without any team.
TEAMS_AND_VERSION = f"""
SELECT version.text, team.* FROM ({VERSION}) AS version (text) LEFT JOIN ({TEAMS}) AS team ON TRUE
ORDER BY team.name, team.id
"""

# One page of products: the team that owns each, its PMs, how many releases went live and the main KPI.
PRODUCTS = """
SELECT product.id,
    coalesce((SELECT team.name FROM products_productteam AS held JOIN products_team AS team ON team.id = held.team_id
        WHERE held.product_id = product.id AND held.period @> %(today)s::date), ''),
    ARRAY(SELECT person.name FROM products_assignment AS held JOIN products_user AS person ON person.id = held.user_id
        WHERE held.product_id = product.id AND held.period @> %(today)s::date ORDER BY held.role DESC, person.name),
    (SELECT count(*) FROM products_release AS release
        WHERE release.product_id = product.id AND release.environment = product.production_environment
            AND release.state = 'live' AND release.live_at >= %(start)s AND release.live_at < %(end)s),
    kpi.id, kpi.slug, kpi.name, kpi.form, kpi.unit, kpi.currency, kpi.direction
FROM products_product AS product
LEFT JOIN metrics_kpi AS kpi ON kpi.product_id = product.id AND kpi.is_main AND product.type = 'E'
WHERE product.id = ANY(%(ids)s)
"""

# The newest live releases of each type with the number there are, and the main KPI that they will be read by.
RELEASES = """
WITH live AS MATERIALIZED (
    SELECT release.id, coalesce(nullif(release.name, ''), release.version) AS title, release.live_at, product.type,
        release.product_id
    FROM products_release AS release
    JOIN products_product AS product ON product.id = release.product_id
        AND product.production_environment = release.environment
    WHERE release.product_id = ANY(%(ids)s) AND release.state = 'live'
        AND release.live_at >= %(start)s AND release.live_at < %(end)s
)
SELECT newest.id, newest.title, newest.live_at, wanted.total, newest.product_id,
    kpi.id, kpi.slug, kpi.name, kpi.form, kpi.unit, kpi.currency, kpi.direction
FROM (
    SELECT 'E' AS type, %(external)s AS most, (SELECT count(*) FROM live WHERE type = 'E') AS total
    UNION ALL SELECT 'I', %(internal)s, (SELECT count(*) FROM live WHERE type = 'I')
) AS wanted
CROSS JOIN LATERAL (
    SELECT * FROM live WHERE live.type = wanted.type ORDER BY live.live_at DESC, live.id DESC LIMIT wanted.most
) AS newest
LEFT JOIN metrics_kpi AS kpi ON kpi.product_id = newest.product_id AND kpi.is_main AND newest.type = 'E'
ORDER BY newest.live_at DESC, newest.id DESC
"""

# Each wanted measure's weeks, numbered from the first Monday of 1970, up to its end where it ended before the period,
# and its sums of the last four weeks. Nothing is read across a change of a KPI's definition: weeks count from the first
# whole one that the present definition held for, days from the first.
LEVELS = """
SELECT wanted.product_id, wanted.measure, coalesce(line.weeks, '{}'), coalesce(line.tops, '{}'),
    coalesce(line.bottoms, '{}'), recent.days, recent.n, recent.top, recent.bottom, recent.last
FROM unnest(%(products)s::bigint[], %(kpis)s::bigint[], %(measures)s::text[], %(todays)s::date[])
    AS wanted (product_id, kpi_id, measure, today)
CROSS JOIN LATERAL (
    SELECT max(week) AS week FROM metrics_weeklyrollup
    WHERE product_id = wanted.product_id AND measure = wanted.measure
) AS newest
CROSS JOIN LATERAL (
    SELECT coalesce(max(holds_from), '-infinity') AS since FROM metrics_kpidefinition
    WHERE kpi_id = wanted.kpi_id AND holds_from <= wanted.today
) AS definition
CROSS JOIN LATERAL (
    SELECT array_agg((week - '1970-01-05'::date) / 7 ORDER BY week) AS weeks,
        array_agg(numerator::float8 ORDER BY week) AS tops,
        array_agg(denominator::float8 ORDER BY week) AS bottoms
    FROM metrics_weeklyrollup
    WHERE product_id = wanted.product_id AND measure = wanted.measure AND week >= CASE
        WHEN newest.week < %(since)s THEN newest.week - %(line_days)s ELSE %(since)s END
        AND week >= definition.since
) AS line
CROSS JOIN LATERAL (
    SELECT count(*) AS days, coalesce(sum(n), 0)::bigint AS n, sum(numerator)::float8 AS top,
        sum(denominator)::float8 AS bottom, max(day) AS last
    FROM metrics_rollup
    WHERE product_id = wanted.product_id AND measure = wanted.measure AND NOT is_partial
        AND day >= wanted.today - %(window_days)s AND day < wanted.today AND day >= definition.since
) AS recent
WHERE newest.week IS NOT NULL
"""

# Each wanted measure's sums over its own window [start, end), the last day in it, and the last day that is held at all.
RECENT = """
SELECT wanted.measure, recent.days, recent.n, recent.top, recent.bottom, recent.last, newest.day
FROM unnest(%(products)s::bigint[], %(measures)s::text[], %(starts)s::date[], %(ends)s::date[])
    AS wanted (product_id, measure, start, "end")
CROSS JOIN LATERAL (
    SELECT max(day) AS day FROM metrics_rollup WHERE product_id = wanted.product_id AND measure = wanted.measure
) AS newest
CROSS JOIN LATERAL (
    SELECT count(*) AS days, coalesce(sum(n), 0)::bigint AS n, sum(numerator)::float8 AS top,
        sum(denominator)::float8 AS bottom, max(day) AS last
    FROM metrics_rollup
    WHERE product_id = wanted.product_id AND measure = wanted.measure AND NOT is_partial
        AND day >= wanted.start AND day < wanted."end"
) AS recent
"""

# What was heard about each product in two spans of days that meet at ``middle``.
HEARD = f"""
SELECT product_id, coalesce(sum(n) FILTER (WHERE day >= %(middle)s), 0)::bigint,
    coalesce(sum(n) FILTER (WHERE day < %(middle)s), 0)::bigint
FROM metrics_rollup
WHERE product_id = ANY(%(ids)s) AND measure = '{FEEDBACK}' AND day >= %(start)s AND day <= %(end)s
GROUP BY product_id
"""


def rows_of(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Every row that a statement of this page gives."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
