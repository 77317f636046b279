"""All sources together: the SQL that turns facts into cells for the relation ``wanted (product_id, day)``.

A source gives product_id, measure, day, n, total, squares, numerator, denominator, is_partial, restated_on. It never
reads a clock, so that a recompute gives the same cells at any time.
"""

from metrics.sources import feedback, readings, releases, usage

SOURCES = (readings, usage, feedback, releases)

CELL_COLUMNS = "product_id, measure, day, n, total, squares, numerator, denominator, is_partial, restated_on"
SUM_COLUMNS = "n, total, squares, numerator, denominator, is_partial, restated_on"

# The cells that the facts of the wanted days amount to.
CELLS = "\nUNION ALL\n".join(source.CELLS.strip() for source in SOURCES)

# Every day of one product that has a fact or a cell; parameter: product.
DAYS = "\nUNION\n".join(
    [
        *(source.DAYS.strip() for source in SOURCES),
        "SELECT DISTINCT day FROM metrics_rollup WHERE product_id = %(product)s",
        "SELECT DISTINCT week FROM metrics_weeklyrollup WHERE product_id = %(product)s",
    ]
)

# The weekly cells that the daily ones of the relation ``weeks (product_id, week)`` merge to.
WEEKLY_CELLS = """
SELECT weeks.product_id, daily.measure, weeks.week, sum(daily.n)::bigint, sum(daily.total), sum(daily.squares),
    sum(daily.numerator), sum(daily.denominator), bool_or(daily.is_partial), max(daily.restated_on)
FROM weeks
CROSS JOIN LATERAL (
    SELECT * FROM metrics_rollup AS cell
    WHERE cell.product_id = weeks.product_id AND cell.day >= weeks.week AND cell.day < weeks.week + 7
    OFFSET 0  -- a fence: the planner never reads all cells instead
) AS daily
GROUP BY weeks.product_id, daily.measure, weeks.week
"""
