"""Prints what the campaigns did and measured at the end of the run, pass or fail. Loaded by `-p tests.reports`.

A test adds its part with ``record_property("report", text)``; `--report FILE` writes all parts into a file as well.
"""

from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

REPORT = "report"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--report FILE` keeps the report."""
    parser.addoption("--report", metavar="FILE", help="write the campaigns' report into this file as well")


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """One paragraph a campaign."""
    parts = []
    for outcome in ("passed", "failed"):
        for found in terminalreporter.getreports(outcome):
            if found.when == "call":
                parts += [
                    f"{found.nodeid}: {outcome}\n{text}" for name, text in found.user_properties if name == REPORT
                ]
    if not parts:
        return
    terminalreporter.section("campaigns")
    for part in parts:
        terminalreporter.write_line(str(part))
    if target := config.getoption("--report"):
        Path(target).write_text("\n\n".join(map(str, parts)) + "\n", encoding="utf-8")
