#!/usr/bin/env python3
"""Push a CSV of days to a KPI: columns ``date`` and ``value``, or ``date``, ``num`` and ``den`` with --ratio.

    PMTRACK_TOKEN=… python3 docs/examples/push_csv.py visits.csv checkout-visits

Needs nothing but Python. Sending the same file again changes nothing; a changed day corrects that day.
"""

import argparse
import csv
import json
import os
import sys
import urllib.error
import urllib.request
from datetime import date, timedelta

BATCH = 5_000


def readings(path: str, *, ratio: bool, newest: date | None) -> list[dict[str, str]]:
    """The file's days; with ``newest`` they are moved so that the last one falls on it."""
    with open(path, newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["den" if ratio else "value"]]
    shift = newest - date.fromisoformat(rows[-1]["date"]) if newest else timedelta(0)
    found = []
    for row in rows:
        day = {"day": str(date.fromisoformat(row["date"]) + shift)}
        found.append(
            {**day, "numerator": row["num"], "denominator": row["den"]} if ratio else {**day, "value": row["value"]}
        )
    return found


def push(base: str, kpi: str, source: str, days: list[dict[str, str]]) -> None:
    """Send the days in batches and print what became of each batch."""
    for start in range(0, len(days), BATCH):
        body = json.dumps({"source": source, "readings": days[start : start + BATCH]}).encode()
        request = urllib.request.Request(
            f"{base}/api/v1/kpis/{kpi}/readings:batch",
            body,
            {"Content-Type": "application/json", "Authorization": f"Bearer {os.environ['PMTRACK_TOKEN']}"},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                print(answer.read().decode())
        except urllib.error.HTTPError as error:
            sys.exit(f"{error.code}: {error.read().decode()}")


def main() -> None:
    """Read the arguments and push."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file")
    parser.add_argument("kpi")
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--source", default="csv")
    parser.add_argument("--ratio", action="store_true")
    parser.add_argument(
        "--until-yesterday", action="store_true", help="move the days so that the last one is yesterday"
    )
    given = parser.parse_args()
    newest = date.today() - timedelta(days=1) if given.until_yesterday else None
    push(given.url, given.kpi, given.source, readings(given.file, ratio=given.ratio, newest=newest))


if __name__ == "__main__":
    main()
