"""Counters of the web processes. With several of them the counts are shared through files (pmtrack/web/shared_counts.py)."""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from pmtrack.web.outcomes import Outcome

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_own = CollectorRegistry()
REQUESTS = Counter(
    "pmtrack_requests", "Requests answered, by route and class of status.", ["route", "method", "status"], registry=_own
)
SECONDS = Histogram(
    "pmtrack_request_seconds", "Time to the answer, by route.", ["route"], buckets=BUCKETS, registry=_own
)
ITEMS = Counter(
    "pmtrack_api_items", "Items that clients sent, by what became of them.", ["route", "result"], registry=_own
)


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """One more answer."""
    REQUESTS.labels(route, method, f"{status // 100}xx").inc()
    SECONDS.labels(route).observe(seconds)


def count_items(route: str, outcome: Outcome) -> None:
    """What became of the items of one API call."""
    for result in ("stored", "replayed", "corrected", "refused"):
        if number := getattr(outcome, result):
            ITEMS.labels(route, result).inc(number)


def registry() -> CollectorRegistry:
    """A registry with the counts of all web processes of this server, to which more may be added."""
    if FOLDER not in os.environ:
        found = CollectorRegistry()
        for counter in (REQUESTS, SECONDS, ITEMS):
            found.register(counter)
        return found
    found = CollectorRegistry()
    MultiProcessCollector(found, path=os.environ[FOLDER])
    return found
