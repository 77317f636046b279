"""The bench runs from end to end and reports ratios. What they are is for a quiet machine to say, not for a test."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from pmtrack.bench.measuring import Figure, cpu_seconds, family, table
from pmtrack.bench.slope import WEEKS, open_gaps
from pmtrack.stack.places import ROOT

# Each looks for what another left behind.
pytestmark = pytest.mark.xdist_group("bench")


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`manage.py bench` in a process of its own, as people run it."""
    command = [sys.executable, str(ROOT / "manage.py"), "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)


def leftovers() -> list[str]:
    """Bench databases that are still there."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'pmtrack_bench_%'")
        names = [row[0] for row in cursor.fetchall()]
    connection.close()
    return names


def assert_measured(report: Path, ids: list[str]) -> list[dict[str, Any]]:
    """Run these; every figure is printed and written, nothing is left behind. Gives back the figures."""
    done = bench("--quick", "--rounds", "1", "--facts", "100000", "--json", str(report), *ids)
    assert done.returncode in {0, 1}, done.stderr
    assert report.exists(), done.stdout + done.stderr
    lines = json.loads(report.read_text())
    assert {line["id"] for line in lines} == set(ids)
    figures = [line for line in lines if "value" in line]
    assert [line["id"] for line in lines if "left_out" in line] in ([], ["B8"])
    for figure in figures:
        assert figure["what"] in done.stdout
    assert done.returncode == (0 if all(figure["passed"] for figure in figures) else 1)
    assert leftovers() == []
    return figures


def test_a_quick_bench_prints_and_writes_every_ratio_and_leaves_nothing_behind(tmp_path: Path) -> None:
    figures = assert_measured(tmp_path / "bench.json", ["B1", "B4", "B6", "B9"])
    assert all(figure["value"] > 0 for figure in figures)
    statements = [figure for figure in figures if "SQL statements" in figure["what"]]
    assert [figure["passed"] for figure in statements] == [True, True]  # counts do not depend on a quiet machine


@pytest.mark.long
def test_the_rest_of_the_bench_does_so_too(tmp_path: Path) -> None:
    figures = assert_measured(
        tmp_path / "bench.json", ["B2", "B3", "B5", "B7", "B8", "B10", "B11", "B12", "B13", "B14", "B15", "B16"]
    )
    exact = [figure["value"] for figure in figures if figure["id"] == "B10"]
    assert exact == [0, 0]  # neither does exactness


def test_a_measurement_that_cannot_be_made_says_why() -> None:
    done = bench("--quick", "--facts", "100", "B4")
    assert done.returncode == 1
    assert "B4 needs at least 20,000 facts" in done.stderr
    assert leftovers() == []


def test_an_unknown_measurement_is_refused() -> None:
    assert "invalid choice: 'B99'" in bench("B99").stderr


@pytest.mark.parametrize(("at_least", "passed"), [(True, False), (False, True)])
def test_a_bound_holds_for_the_median_of_the_rounds(at_least: bool, passed: bool) -> None:
    figure = Figure("B0", "ours ÷ theirs", (0.9, 0.2, 0.1), 0.25, at_least=at_least)
    assert figure.value == 0.2
    assert figure.passed is passed
    assert ("PAST ITS BOUND" in table([figure])) is not passed


def test_the_cpu_time_of_a_child_is_seen() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", "sum(range(20_000_000)); print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.readline()
    assert child.pid in family(os.getpid())
    assert cpu_seconds([child.pid]) > 0
    child.communicate(b"\n")


def test_every_gap_is_filled_once() -> None:
    gaps = list(open_gaps(7))
    assert len(gaps) == len(set(gaps)) == 7 * WEEKS
