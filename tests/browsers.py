"""Chromium for the tests marked `browser`: they skip with that reason where there is none, and fail where it is required. Loaded by `-p`."""

import os
import shutil
from collections.abc import Generator

import pytest

# The shell is the same engine without the parts of a desktop: a window costs a third.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REQUIRED = os.environ.get("PMTRACK_REQUIRE_BROWSER") == "1"
MISSING = "there is no Chromium on this machine: install it (apt-get install chromium-headless-shell, or chromium) or set PMTRACK_CHROMIUM"


def chromium() -> str | None:
    """The program that Playwright shall run: PMTRACK_CHROMIUM, else the machine's own, else None."""
    return os.environ.get("PMTRACK_CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """For Playwright's `executable_path`."""
    path = chromium()
    if path is None:
        pytest.skip(MISSING)
    return path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With PMTRACK_REQUIRE_BROWSER=1 a browser test that skips has failed."""
    report = yield
    if REQUIRED and report.skipped and item.get_closest_marker("browser") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped though PMTRACK_REQUIRE_BROWSER=1: {report.longrepr}"
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say at once why a browser test cannot run."""
    if item.get_closest_marker("browser") and chromium() is None:
        pytest.skip(MISSING)
