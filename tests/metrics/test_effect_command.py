"""`manage.py effect`: a file in, a sentence or JSON out, with nothing running."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from metrics.stats.one_off import effect_of
from pmtrack.stack.places import ROOT
from tests.stats.made import counts, siblings

FIRST = date(2025, 1, 1)
START = 300
LIVE = str(FIRST + timedelta(days=START))


def write(path: Path, **columns: Any) -> Path:
    """A file of these columns, one row a day; NaN is left empty."""
    steps = len(next(iter(columns.values())))
    rows = [
        ",".join(
            [
                str(FIRST + timedelta(days=step)),
                *("" if np.isnan(one[step]) else str(one[step]) for one in columns.values()),
            ]
        )
        for step in range(steps)
    ]
    path.write_text("\n".join([",".join(["date", *columns]), *rows]) + "\n")
    return path


def effect(file: Path, *arguments: str, release: str = LIVE) -> str:
    out = StringIO()
    call_command("effect", str(file), "--release", release, *arguments, stdout=out)
    return out.getvalue()


def plain(file: Path, *arguments: str) -> dict[str, Any]:
    found = json.loads(effect(file, "--json", *arguments))
    assert set(found) == {"est", "lo", "hi", "p", "df", "verdict", "reason"}
    return dict(found)


@pytest.fixture
def values() -> np.ndarray:
    found = counts(1, START + 20)
    found[START:] = np.rint(found[START:] * 1.5)
    found[40] = np.nan
    return found


def test_a_clear_effect_is_said_in_figures_and_in_words(tmp_path: Path, values: np.ndarray) -> None:
    file = write(tmp_path / "kpi.csv", value=values)
    found = plain(file)
    assert found == effect_of(values, START, 14)
    assert found["lo"] > 0
    assert (found["verdict"], found["reason"]) == ("Clearly higher", None)
    words = effect(file)
    assert words.startswith("In the 14 days after 28 October 2025, the KPI was ")
    assert "clearly higher." in words
    assert "degrees of freedom" in words


def test_horizon_holidays_controls_and_other_releases_are_used(tmp_path: Path, values: np.ndarray) -> None:
    own, *others = siblings(2, 3, START + 20)
    holiday, released = np.zeros(len(own)), np.zeros(len(own))
    holiday[[50, 60]] = 1
    released[[100, START - 2]] = 1
    columns = {"ctrl1": others[0], "ctrl2": others[1], "holiday": holiday, "other_release": released}
    file = write(tmp_path / "kpi.csv", value=own, **columns)
    expected = effect_of(own, START, 7, controls=others, mask=holiday.astype(bool), others=[100, START - 2])
    assert plain(file, "--horizon", "7") == expected
    assert "joint effect of 2 releases" in str(expected["verdict"])
    assert "joint effect of 2 releases less than a week apart" in effect(file, "--horizon", "7")


def test_rates_are_read_on_log_odds(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    den = random.integers(200, 400, START + 14).astype(float)
    num = random.binomial(den.astype(int), 0.2).astype(float)
    file = write(tmp_path / "kpi.csv", num=num, den=den)
    assert plain(file) == effect_of(None, START, 14, kind="logit", num=num, den=den)
    assert "percentage points" in effect(file)


def test_without_enough_data_there_is_a_reason_and_no_zero(tmp_path: Path, values: np.ndarray) -> None:
    file = write(tmp_path / "kpi.csv", value=values[START - 90 :])
    live = str(FIRST + timedelta(days=90))
    found = json.loads(effect(file, "--json", release=live))
    assert (found["est"], found["p"], found["reason"]) == (None, None, "needs 168 days before; has 90")
    assert effect(file, release=live) == "Not enough data: needs 168 days before; has 90\n"


@pytest.mark.parametrize(
    ("release", "words"),
    [
        ("tomorrow", "“tomorrow” is no date. Write the release's day"),
        ("2025-02-30", "is no date"),
        ("2031-01-01", "lies outside the file"),
    ],
)
def test_a_wrong_release_date_is_refused_in_words(tmp_path: Path, values: np.ndarray, release: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        effect(write(tmp_path / "kpi.csv", value=values), release=release)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"date,value\n2026-01-01,\x81\n", "neither UTF-8, UTF-16 nor Windows-1252"),
        (b"PK\x03\x04", "not a CSV file"),
        (b"", "is empty"),
        (b"date,value\n2026-01-01,5\n2026-01-01,6\n", "stands in row 2 already"),
    ],
)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "kpi.csv"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=words) as refused:
        effect(file)
    assert str(refused.value).startswith(str(file))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"none\.csv cannot be opened: No such file"):
        effect(tmp_path / "none.csv")


def test_it_needs_no_server_no_secret_and_shows_no_traceback(tmp_path: Path, values: np.ndarray) -> None:
    file = write(tmp_path / "kpi.csv", value=values)
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("PMTRACK_", "DATABASE", "REDIS"))}
    nowhere = {
        **keep,
        "PMTRACK_HOME": str(tmp_path),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "PMTRACK_NO_BOOTSTRAP": "1",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), "effect", str(file), *arguments]
        return subprocess.run(command, cwd=tmp_path, env=nowhere, capture_output=True, text=True, timeout=120)

    done = run("--release", LIVE, "--json")
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "Clearly higher"), done.stderr
    refused = run("--release", "2031-01-01")
    assert refused.returncode == 1
    assert "lies outside the file" in refused.stderr
    assert "Traceback" not in refused.stderr
