"""Cells of reach: people and teams that used a product in a week, on its Monday."""

from metrics.catalog.measures import REACH_PEOPLE, REACH_TEAMS

CELLS = f"""
SELECT wanted.product_id, cell.measure, wanted.day, fact.teams, cell.total, 0::numeric, cell.numerator,
    cell.denominator, FALSE, NULL::date
FROM wanted
CROSS JOIN LATERAL (
    SELECT count(*) AS teams, sum(actions)::numeric AS actions, sum(active_users)::numeric AS active,
        sum(eligible_users)::numeric AS eligible,
        count(*) FILTER (WHERE active_users > 0)::numeric AS active_teams,
        count(*) FILTER (WHERE eligible_users > 0)::numeric AS eligible_teams
    FROM metrics_usage AS usage WHERE usage.product_id = wanted.product_id AND usage.week = wanted.day
) AS fact
CROSS JOIN LATERAL (VALUES
    ('{REACH_PEOPLE}', fact.actions, fact.active, fact.eligible),
    ('{REACH_TEAMS}', 0::numeric, fact.active_teams, fact.eligible_teams)
) AS cell (measure, total, numerator, denominator)
WHERE fact.teams > 0
"""

DAYS = "SELECT DISTINCT week FROM metrics_usage WHERE product_id = %(product)s"
