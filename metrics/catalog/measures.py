"""What is rolled up, as data: the names of measures and what their sums mean."""

# n entries, total distinct voices.
FEEDBACK = "feedback"
# n exposures in production that started on the day; n exposures that ended on it.
WENT_LIVE = "went_live"
ROLLED_BACK = "rolled_back"
# numerator active, denominator eligible, total actions; the day is the week's Monday.
REACH_PEOPLE = "reach.people"
# numerator teams with an active user, denominator teams with an eligible one.
REACH_TEAMS = "reach.teams"
# n things that stand in a stage of the cycle since the day: "cycle:heard", "cycle:building".
CYCLE_PREFIX = "cycle:"
STAGES = ("heard", "diagnosed", "building", "released", "measured")
# The stages in which something can be stuck.
WAITS = ("heard", "diagnosed", "building")
# numerator, denominator, n, squares as the reading says.
KPI_PREFIX = "kpi:"


def kpi_measure(kpi_id: int) -> str:
    """The measure of one KPI."""
    return f"{KPI_PREFIX}{kpi_id}"


def cycle_measure(stage: str) -> str:
    """The measure of one stage of the cycle."""
    return f"{CYCLE_PREFIX}{stage}"
