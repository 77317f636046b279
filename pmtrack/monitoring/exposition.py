"""The text that Prometheus scrapes. What cannot be asked right now is left out; nothing here fails or waits long."""

import platform
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime

import django
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from metrics.queries.waiting import what_waits
from pmtrack.stack.places import ROOT
from pmtrack.web.bounded import NoAnswer, ask_database
from pmtrack.web.broker import queue_length
from pmtrack.web.meters import registry

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


class State(Collector):
    """Gauges asked at the moment of the scrape; the same whichever web process answers."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What waits, and whether database and broker answer."""
        build = GaugeMetricFamily(
            "pmtrack_build_info", "What runs here; always 1.", labels=["version", "python", "django"]
        )
        build.add_metric([VERSION, platform.python_version(), django.get_version()], 1)
        yield build
        yield from _database()
        length = queue_length()
        yield _gauge("pmtrack_broker_up", "1 while the broker answers.", int(length is not None))
        if length is not None:
            yield _gauge("pmtrack_broker_queue_length", "Messages that wait for a worker.", length)


def _database() -> Iterator[GaugeMetricFamily]:
    try:
        waiting = ask_database(lambda: what_waits(now=datetime.now(UTC)))
    except NoAnswer:
        yield _gauge("pmtrack_database_up", "1 while the database answers.", 0)
        return
    yield _gauge("pmtrack_database_up", "1 while the database answers.", 1)
    yield _gauge("pmtrack_marks_waiting", "Changes of facts that the figures do not hold yet.", waiting.marks)
    yield _gauge("pmtrack_oldest_mark_seconds", "Age of the oldest of them; 0 when none waits.", waiting.oldest_seconds)
    yield _gauge("pmtrack_buckets_quarantined", "Weeks of a product that failed three times.", waiting.quarantined)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def exposition() -> bytes:
    """Counts of all web processes and the state of what they work with."""
    found: CollectorRegistry = registry()
    found.register(State())
    return generate_latest(found)
