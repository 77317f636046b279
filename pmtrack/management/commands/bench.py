"""Measures what pmtrack costs as ratios to floors in the same run, in throw-away databases; exit 1 past a bound."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pmtrack.bench import (
    credit,
    daily,
    drain,
    effects,
    exactness,
    finding,
    freshness,
    ingest,
    naive,
    page,
    page_slope,
    replay,
    slope,
    unchanged,
)
from pmtrack.bench.measuring import CannotMeasure, Figure, NothingToMeasure, Plan, table
from pmtrack.bench.scratch import migrated_database
from pmtrack.stack.processes import ProcessEnded

MEASUREMENTS = {
    "B1": ingest.measure,
    "B2": naive.measure,
    "B3": replay.measure,
    "B4": slope.measure,
    "B5": drain.measure,
    "B6": page.measure,
    "B7": page_slope.measure,
    "B8": unchanged.measure,
    "B9": effects.measure,
    "B10": exactness.measure,
    "B11": freshness.measure,
    "B12": finding.measure,
    "B13": daily.measure_similar,
    "B14": daily.measure_inbox,
    "B15": daily.measure_board,
    "B16": credit.measure,
}
FACTS, FACTS_QUICK = 10_000_000, 1_000_000
ROUNDS, ROUNDS_QUICK = 7, 3


class Command(BaseCommand):
    """Run the chosen measurements one after the other."""

    help = "Measure CPU a unit against floors and rivals; docs/performance.md says what each measurement is."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, how thoroughly, and where to."""
        parser.add_argument("ids", nargs="*", choices=[*MEASUREMENTS, []], default=[], help="which (default: all)")
        parser.add_argument("--quick", action="store_true", help="3 rounds instead of 7, and 10⁶ facts instead of 10⁷")
        parser.add_argument("--rounds", type=int, help="how often ours and the floor take turns")
        parser.add_argument(
            "--facts", type=int, help="the larger number of facts of B4 and B7; the smaller is a hundredth"
        )
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")

    def handle(self, *args: Any, ids: list[str], quick: bool, **options: Any) -> None:
        """Measure, print, say no with exit code 1."""
        rounds = options["rounds"] or (ROUNDS_QUICK if quick else ROUNDS)
        facts = options["facts"] or (FACTS_QUICK if quick else FACTS)
        try:
            with migrated_database() as template:
                figures, left_out = self.measure(ids or MEASUREMENTS, Plan(rounds, facts, quick, template))
        except (CannotMeasure, ProcessEnded) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(table(figures))
        for one, reason in left_out.items():
            self.stdout.write(f"{one}  left out: {reason}.")
        if options["json"]:
            lines = [*map(_plain, figures), *({"id": one, "left_out": reason} for one, reason in left_out.items())]
            options["json"].write_text(json.dumps(lines, indent=1) + "\n")
        if not all(figure.passed for figure in figures):
            sys.exit(1)

    def measure(self, ids: Iterable[str], plan: Plan) -> tuple[list[Figure], dict[str, str]]:
        """The figures, and why some are missing."""
        figures: list[Figure] = []
        left_out: dict[str, str] = {}
        for one in ids:
            started = perf_counter()
            try:
                figures += MEASUREMENTS[one](plan)
            except NothingToMeasure as reason:
                left_out[one] = str(reason)
            self.stderr.write(f"{one} measured in {perf_counter() - started:.0f} s of wall time (never gated).")
        return figures, left_out


def _plain(figure: Figure) -> dict[str, object]:
    return {
        "id": figure.id,
        "what": figure.what,
        "value": figure.value,
        "range": [min(figure.values), max(figure.values)],
        "rounds": list(figure.values),
        "bound": figure.bound,
        "bound_is": "at least" if figure.at_least else "at most",
        "passed": figure.passed,
        "detail": figure.detail,
    }
