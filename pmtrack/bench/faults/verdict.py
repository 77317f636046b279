"""Afterwards: is every acknowledged fact there once, and does every figure equal its facts?"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from metrics.models import Trouble
from pmtrack.bench.faults.ledger import Ledger
from pmtrack.bench.faults.stack import Stack
from pmtrack.bench.faults.waiting import wait_until

SETTLED_SECONDS = 180.0
COUNT_WRONG = "from metrics.services.rebuild import check; print(len(check()))"


def settle(stack: Stack) -> None:
    """Wait until every mark is drained. Raises ``NotInTime``."""
    wait_until(stack.has_nothing_waiting, within=SETTLED_SECONDS, what="every mark is drained")


def wrong_cells(stack: Stack) -> int:
    """How many rows of the rollups differ from a recompute of everything."""
    return int(stack.manage("shell", "--no-imports", "-c", COUNT_WRONG))


def quarantined(stack: Stack) -> int:
    """How many buckets are in quarantine."""
    return int(stack.rows("SELECT count(*) FROM metrics_trouble WHERE attempts >= %s", Trouble.QUARANTINED_AFTER)[0][0])


def missing_facts(ledger: Ledger, stack: Stack) -> list[str]:
    """In words what was acknowledged and is not there as it was acknowledged, and what is there too much."""
    events = Counter(key for (key,) in stack.rows("SELECT event_id FROM products_releaseevent"))
    entries = Counter(key for (key,) in stack.rows("SELECT source_id FROM feedback_feedback"))
    readings = stack.rows(
        "SELECT product.slug, day, numerator::int FROM metrics_reading JOIN products_product AS product"
        " ON product.id = product_id"
    )
    usage = stack.rows(
        "SELECT product.slug, team.slug, week, active_users FROM metrics_usage"
        " JOIN products_product AS product ON product.id = product_id JOIN products_team AS team ON team.id = team_id"
    )
    return [
        *_compare("release event", dict.fromkeys(ledger.events, 1), events),
        *_compare("feedback", dict.fromkeys(ledger.entries, 1), entries),
        *_compare("reading", ledger.readings, {(slug, day): value for slug, day, value in readings}),
        *_compare("usage", ledger.usage, {(slug, team, week): active for slug, team, week, active in usage}),
    ]


def wrong_figures(ledger: Ledger, stack: Stack) -> list[str]:
    """In words which cells differ from the ledger where it is easily counted: feedback by week, and each reading."""
    heard = stack.rows(
        "SELECT product.slug, week, n FROM metrics_weeklyrollup JOIN products_product AS product"
        " ON product.id = product_id WHERE measure = 'feedback'"
    )
    # Noon in UTC is the same day in UTC and in Tokyo.
    said = Counter((product, day - timedelta(days=day.weekday())) for product, day in ledger.entries.values())
    shown = stack.rows(
        "SELECT product.slug, day, numerator::int FROM metrics_rollup JOIN products_product AS product"
        " ON product.id = product_id WHERE measure LIKE 'kpi:%%'"
    )
    return [
        *_compare("feedback of a week", said, {(slug, week): n for slug, week, n in heard}),
        *_compare("shown reading", ledger.readings, {(slug, day): value for slug, day, value in shown}),
    ]


def _compare(what: str, acknowledged: Mapping[object, int], stored: Mapping[object, int]) -> list[str]:
    """What differs, one line a key."""
    return [
        f"{what} {key}: acknowledged {acknowledged.get(key, 'nothing')}, stored {stored.get(key, 'nothing')}"
        for key in {**acknowledged, **stored}
        if acknowledged.get(key) != stored.get(key)
    ]
