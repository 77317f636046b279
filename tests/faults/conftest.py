"""A stack to harm, the campaign's seed, and a place for its report."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pmtrack.bench.faults.stack import Stack
from tests.reports import REPORT

Told = Callable[[str], None]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of its own for each campaign."""
    with Stack(tmp_path) as stack:
        yield stack


@pytest.fixture
def seed() -> int:
    """What the campaign's choices start from. ``PMTRACK_SEED=n`` runs another one; a failure prints it."""
    return int(os.environ.get("PMTRACK_SEED", "1"))


@pytest.fixture
def told(record_property: Callable[[str, object], None]) -> Told:
    """Adds a paragraph to the report at the end of the run."""
    return lambda text: record_property(REPORT, text)
