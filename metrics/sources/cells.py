"""All sources together: the SQL that turns facts into cells for the relation ``wanted (product_id, day)``.

A source gives product_id, measure, day, n, total, squares, numerator, denominator, is_partial, restated_on. It never
reads a clock, so that a recompute gives the same cells at any time.
"""

from metrics.sources import cycle, feedback, readings, releases, usage

SOURCES = (readings, usage, feedback, releases, cycle)

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
SELECT weeks.product_id, merged.measure, weeks.week, merged.n, merged.total, merged.squares, merged.numerator,
    merged.denominator, merged.is_partial, merged.restated_on
FROM weeks
CROSS JOIN LATERAL (
    SELECT measure, sum(n)::bigint AS n, sum(total) AS total, sum(squares) AS squares, sum(numerator) AS numerator,
        sum(denominator) AS denominator, bool_or(is_partial) AS is_partial, max(restated_on) AS restated_on
    FROM metrics_rollup
    WHERE product_id = weeks.product_id AND day >= weeks.week AND day < weeks.week + 7
    GROUP BY measure
    OFFSET 0  -- a fence: the planner never reads all cells instead; in the order of the index nothing is sorted
) AS merged
"""
