"""The statements of the impact pages, which are asked on every view: written out, as the ORM takes longer to say them.

Each takes the ids of products that ``products.access`` has let through; what it reads hangs on these products alone.
"""

from feedback.queries.usual import MEDIANS, TWICE
from metrics.catalog.measures import CYCLE_PREFIX, FEEDBACK, KPI_PREFIX, STAGES, WAITS, cycle_measure
from products.queries.versions import VERSION

# Every team with the reader's role in it, of his own teams the first products for the rail, and what stands open about
# the products of those that he leads or is PM of. That is counted up to a number only, so that it costs the same however
# much is heard. A draft of a diagnosis leaves its entries open, as in the inbox.
TEAMS = """
SELECT team.id, team.slug, team.name, coalesce(member.role, ''), coalesce(rail.products, '[]'), coalesce(heard.open, 0),
    (SELECT count(*) FROM (
        SELECT FROM products_signoff WHERE approver_id = %(reader)s AND decision = '' LIMIT %(most_open)s
    ) AS waiting) AS asked
FROM products_team AS team
LEFT JOIN products_membership AS member
    ON member.team_id = team.id AND member.user_id = %(reader)s AND member.period @> %(today)s::date
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_array(slug, name, type)) AS products FROM (
        SELECT slug, name, type FROM products_product
        WHERE id = ANY(ARRAY(
            SELECT product_id FROM products_productteam WHERE team_id = team.id AND period @> %(today)s::date
        ))
        ORDER BY type, name LIMIT %(most)s
    ) AS first
) AS rail ON member.id IS NOT NULL
LEFT JOIN LATERAL (
    SELECT count(*) AS open FROM (
        SELECT FROM products_productteam AS held JOIN feedback_feedback AS entry ON entry.product_id = held.product_id
            AND entry.merged_into_id IS NULL AND entry.withdrawn_at IS NULL AND entry.diagnosis_id IS NULL
        WHERE held.team_id = team.id AND held.period @> %(today)s::date
        UNION ALL
        SELECT FROM products_productteam AS held
        JOIN feedback_diagnosis AS draft ON draft.product_id = held.product_id AND draft.diagnosed_at IS NULL
        JOIN feedback_feedback AS entry ON entry.diagnosis_id = draft.id
            AND entry.merged_into_id IS NULL AND entry.withdrawn_at IS NULL
        WHERE held.team_id = team.id AND held.period @> %(today)s::date
        LIMIT %(most_open)s
    ) AS first
) AS heard ON member.role IN ('lead', 'pm')
ORDER BY team.name, team.id
"""

# The same with the version of what the page is made of: one row at least, so that there is a version without any team.
TEAMS_AND_VERSION = f"""
SELECT version.text, team.* FROM ({VERSION}) AS version (text) LEFT JOIN ({TEAMS}) AS team ON TRUE
ORDER BY team.name, team.id
"""

# When the first feedback behind the feature in the outer row was received, merged entries with it.
FIRST_HEARD = """    SELECT min(entry.received_at) AS first FROM feedback_diagnosisfeature AS link
    JOIN feedback_feedback AS root ON root.diagnosis_id = link.diagnosis_id AND root.withdrawn_at IS NULL
    JOIN LATERAL (
        SELECT root.received_at UNION ALL
        SELECT merged.received_at FROM feedback_feedback AS merged
        WHERE merged.merged_into_id = root.id AND merged.withdrawn_at IS NULL
    ) AS entry ON TRUE
    WHERE link.feature_id = feature.id
"""

# Days from the first feedback behind a feature to its first release, the newest last, of the product in the outer row.
PACE = f"""
SELECT array_agg(extract(epoch FROM change.at - heard.first)::float8 / 86400 ORDER BY change.at, feature.id)
FROM products_feature AS feature
CROSS JOIN LATERAL (
    SELECT min(at) AS at FROM products_stagechange WHERE feature_id = feature.id AND to_stage = 'released'
) AS change
CROSS JOIN LATERAL (
{FIRST_HEARD}) AS heard
WHERE feature.product_id = product.id AND change.at > %(since)s AND change.at <= %(now)s AND heard.first <= change.at
"""
PACES = f"SELECT ({PACE}) FROM products_product AS product WHERE product.id = ANY(%(ids)s)"

# Of the product in the outer row, how many pieces of evidence are full, half and thin. Internal: help that was measured, confirmed
# or only claimed. External: live releases of which an effect was read, a KPI was only named, or not even that.
EVIDENCE = """
SELECT ARRAY[count(*) FILTER (WHERE said.state = 'measured'), count(*) FILTER (WHERE said.state IN ('confirmed', 'adjusted')),
    count(*) FILTER (WHERE said.state = 'claimed')]
FROM metrics_enablement AS said LEFT JOIN products_release AS helping ON helping.id = said.upstream_release_id
WHERE product.type = 'I' AND said.upstream_product_id = product.id AND CASE WHEN helping.id IS NULL
    THEN said.made_at >= %(start)s AND said.made_at < %(end)s
    ELSE helping.state = 'live' AND helping.live_at >= %(start)s AND helping.live_at < %(end)s END
HAVING product.type = 'I'
UNION ALL
SELECT ARRAY[count(*) FILTER (WHERE held.is_read), count(*) FILTER (WHERE NOT held.is_read), count(*) FILTER (WHERE held.is_read IS NULL)]
FROM products_release AS release
CROSS JOIN LATERAL (
    SELECT bool_or(word NOT IN ('withdrawn', 'not_enough_data', 'too_early')) AS is_read FROM metrics_estimate
    WHERE release_id = release.id AND is_preferred
) AS held
WHERE product.type = 'E' AND release.product_id = product.id AND release.environment = product.production_environment
    AND release.state = 'live' AND release.live_at >= %(start)s AND release.live_at < %(end)s
HAVING product.type = 'E'
"""

# One page of products: the team that owns each, its PMs, how many releases went live, its pace, its evidence and the main KPI.
PRODUCTS = f"""
SELECT product.id,
    coalesce((SELECT team.name FROM products_productteam AS held JOIN products_team AS team ON team.id = held.team_id
        WHERE held.product_id = product.id AND held.period @> %(today)s::date), ''),
    ARRAY(SELECT person.name FROM products_assignment AS held JOIN products_user AS person ON person.id = held.user_id
        WHERE held.product_id = product.id AND held.period @> %(today)s::date ORDER BY held.role DESC, person.name),
    (SELECT count(*) FROM products_release AS release
        WHERE release.product_id = product.id AND release.environment = product.production_environment
            AND release.state = 'live' AND release.live_at >= %(start)s AND release.live_at < %(end)s),
    ({PACE}), ({EVIDENCE}),
    kpi.id, kpi.slug, kpi.name, kpi.form, kpi.unit, kpi.currency, kpi.direction
FROM products_product AS product
LEFT JOIN metrics_kpi AS kpi ON kpi.product_id = product.id AND kpi.is_main AND product.type = 'E'
WHERE product.id = ANY(%(ids)s)
"""

# The newest live releases of each type with the number there are, and the main KPI of their products. External ones for which a
# KPI was named are listed by what they did to it, internal ones that helped others by whom they helped.
RELEASES = """
WITH live AS MATERIALIZED (
    SELECT release.id, release.live_at, product.type, product.id AS product_id
    FROM (
        SELECT id, type, production_environment FROM products_product WHERE id = ANY(%(ids)s) OFFSET 0
    ) AS product
    CROSS JOIN LATERAL (
        SELECT id, live_at FROM products_release
        WHERE product_id = product.id AND environment = product.production_environment AND state = 'live'
            AND live_at >= %(start)s AND live_at < %(end)s
        OFFSET 0  -- one look into the index for each product, not one for each release
    ) AS release
    WHERE CASE product.type
        WHEN 'I' THEN NOT EXISTS (SELECT FROM metrics_enablement AS said WHERE said.upstream_release_id = release.id
            AND said.state IN ('measured', 'confirmed', 'adjusted', 'claimed'))
        ELSE NOT EXISTS (SELECT FROM metrics_estimate AS read WHERE read.release_id = release.id) END
)
SELECT newest.id, coalesce(nullif(named.name, ''), named.version), newest.live_at, wanted.total, newest.product_id,
    kpi.id, kpi.slug, kpi.name, kpi.form, kpi.unit, kpi.currency, kpi.direction
FROM (
    SELECT type, count(*) AS total, CASE type WHEN 'E' THEN %(external)s ELSE %(internal)s END AS most
    FROM live GROUP BY type
) AS wanted
CROSS JOIN LATERAL (
    SELECT * FROM live WHERE live.type = wanted.type ORDER BY live.live_at DESC, live.id DESC LIMIT wanted.most
) AS newest
JOIN products_release AS named ON named.id = newest.id
LEFT JOIN LATERAL (
    SELECT * FROM metrics_kpi WHERE product_id = newest.product_id AND is_main OFFSET 0
) AS kpi ON newest.type = 'E'
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
    SELECT coalesce(max(holds_from), '-infinity') AS since FROM metrics_kpidefinition
    WHERE kpi_id = wanted.kpi_id AND holds_from <= wanted.today
) AS definition
CROSS JOIN LATERAL (
    SELECT max(newest) AS newest, array_agg((week - '1970-01-05'::date) / 7 ORDER BY week) FILTER (WHERE is_shown) AS weeks,
        array_agg(numerator::float8 ORDER BY week) FILTER (WHERE is_shown) AS tops,
        array_agg(denominator::float8 ORDER BY week) FILTER (WHERE is_shown) AS bottoms
    FROM (
        SELECT latest.*, week >= definition.since
            AND week >= CASE WHEN newest < %(since)s THEN newest - %(line_days)s ELSE %(since)s END AS is_shown
        FROM (
            -- One look into the index: the end of the line and, newest first, all weeks that can be in it.
            SELECT week, numerator, denominator, max(week) OVER () AS newest FROM (
                SELECT week, numerator, denominator FROM metrics_weeklyrollup
                WHERE product_id = wanted.product_id AND measure = wanted.measure
                ORDER BY week DESC LIMIT greatest(%(line_days)s, wanted.today + 14 - %(since)s) / 7 + 1
            ) AS weekly
        ) AS latest
    ) AS line
) AS line
CROSS JOIN LATERAL (
    SELECT count(*) AS days, coalesce(sum(n), 0)::bigint AS n, sum(numerator)::float8 AS top,
        sum(denominator)::float8 AS bottom, max(day) AS last
    FROM metrics_rollup
    WHERE product_id = wanted.product_id AND measure = wanted.measure AND NOT is_partial
        AND day >= wanted.today - %(window_days)s AND day < wanted.today AND day >= definition.since
) AS recent
WHERE line.newest IS NOT NULL
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

# What was heard of each product since ``start``, and how much of it before ``middle``.
HEARD = f"""
SELECT product_id, '{FEEDBACK}'::text, sum(n)::bigint, coalesce(sum(n) FILTER (WHERE day < %(middle)s), 0)::bigint, NULL::date
FROM metrics_rollup
WHERE product_id = ANY(%(products)s) AND measure = '{FEEDBACK}' AND NOT measure LIKE '{KPI_PREFIX}%%'
    AND day >= %(start)s AND day <= %(end)s
GROUP BY product_id
"""


def _standing(stage: str) -> str:
    """What stands in a stage of each product, and since when the oldest. Of what is finished only the newest, as on the board."""
    newest = "" if stage in WAITS else "AND day >= %(start)s"
    return f"""
    SELECT product_id, '{cycle_measure(stage)}', sum(n)::bigint, 0, min(day) FROM metrics_rollup
    WHERE product_id = ANY(%(products)s) AND measure = '{cycle_measure(stage)}' AND NOT measure LIKE '{KPI_PREFIX}%%'
        AND day <= %(end)s {newest}
    GROUP BY product_id
    """


# For each product and measure: n, of them those before ``middle`` (heard) or stuck (stages), the oldest one's days, the
# usual with its n. A stage's things wait where one can be stuck: what is older than ``apart`` is looked up where there is any.
# One pass over the cells of each measure, in the order of their index: a big team has tens of thousands.
CYCLE = f"""
WITH usual (product_id, stage, n, median) AS ({MEDIANS}),
here AS MATERIALIZED (
    SELECT id, type, (%(now)s AT TIME ZONE time_zone)::date AS today FROM products_product WHERE id = ANY(%(products)s)
),
held (product_id, measure, n, apart, oldest) AS MATERIALIZED ({" UNION ALL ".join([HEARD, *map(_standing, STAGES)])})
SELECT held.product_id, held.measure, held.n,
    CASE WHEN held.oldest < stuck.since THEN (
        SELECT sum(old.n)::bigint FROM metrics_rollup AS old
        WHERE old.product_id = held.product_id AND old.measure = held.measure AND NOT old.measure LIKE '{KPI_PREFIX}%%'
            AND old.day < stuck.since
    ) ELSE held.apart END,
    greatest(here.today - held.oldest, 0), usual.median, coalesce(usual.n, 0)
FROM held
JOIN here ON here.id = held.product_id
LEFT JOIN usual ON usual.product_id = held.product_id AND '{CYCLE_PREFIX}' || usual.stage = held.measure
CROSS JOIN LATERAL (
    SELECT CASE WHEN held.measure = ANY(%(waits)s) AND usual.n IS NOT NULL THEN 1 + here.today - greatest(
        floor({TWICE} * usual.median)::integer + 1,
        CASE here.type WHEN 'I' THEN %(patience_i)s ELSE %(patience_e)s END
    ) END AS since
) AS stuck
"""
