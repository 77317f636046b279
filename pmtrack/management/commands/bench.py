"""Measures what pmtrack costs as ratios to floors in the same run, in throw-away databases; exit 1 past a bound."""

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pmtrack.bench import ingest, page, slope
from pmtrack.bench.measuring import CannotMeasure, Figure, table
from pmtrack.bench.scratch import scratch_databases
from pmtrack.stack.processes import ProcessEnded

IDS = ("B1", "B4", "B6")
FACTS, FACTS_QUICK = 10_000_000, 1_000_000
ROUNDS, ROUNDS_QUICK = 7, 3


class Command(BaseCommand):
    """Run the chosen measurements one after the other."""

    help = "Measure CPU a unit against floors: B1 intake, B4 slope of one visible fact, B6 team page."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, how thoroughly, and where to."""
        parser.add_argument("ids", nargs="*", choices=[*IDS, []], default=[], help="which (default: all)")
        parser.add_argument("--quick", action="store_true", help="3 rounds instead of 7, and 10⁶ facts instead of 10⁷")
        parser.add_argument("--facts", type=int, help="B4's larger number of facts; the smaller is a hundredth")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")

    def handle(self, *args: Any, ids: list[str], quick: bool, facts: int | None, **options: Any) -> None:
        """Measure, print, say no with exit code 1."""
        rounds = ROUNDS_QUICK if quick else ROUNDS
        facts = facts or (FACTS_QUICK if quick else FACTS)
        figures: list[Figure] = []
        try:
            for one in ids or IDS:
                started = perf_counter()
                figures += self.measure(one, rounds=rounds, facts=facts)
                self.stderr.write(f"{one} measured in {perf_counter() - started:.0f} s of wall time (never gated).")
        except (CannotMeasure, ProcessEnded) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(table(figures))
        if options["json"]:
            options["json"].write_text(json.dumps([_plain(figure) for figure in figures], indent=1) + "\n")
        if not all(figure.passed for figure in figures):
            sys.exit(1)

    @staticmethod
    def measure(one: str, *, rounds: int, facts: int) -> list[Figure]:
        """One measurement in databases of its own."""
        with scratch_databases(2 if one == "B4" else 1) as scratches:
            if one == "B1":
                return ingest.measure(scratches[0], rounds=rounds)
            if one == "B4":
                return slope.measure(scratches[0], scratches[1], rounds=rounds, facts=facts)
            return page.measure(scratches[0], rounds=rounds)


def _plain(figure: Figure) -> dict[str, object]:
    return {
        "id": figure.id,
        "what": figure.what,
        "ratio": figure.value,
        "range": [min(figure.values), max(figure.values)],
        "rounds": list(figure.values),
        "bound": figure.bound,
        "bound_is": "at least" if figure.at_least else "at most",
        "passed": figure.passed,
        "detail": figure.detail,
    }
