"""``manage.py effect FILE.csv --release DATE``: what one release did to one KPI, from a file and without a database."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrics.sheets.daily import DailySheet, read_daily
from metrics.stats.cadence import DAILY
from metrics.stats.effects import Estimate
from metrics.stats.one_off import Days, answer, read_once
from metrics.stats.reasons import NoEstimate
from metrics.stats.sentences import sentence, span
from metrics.stats.verdicts import verdict
from pmtrack.web.tables.files import Unreadable, decode


class Command(BaseCommand):
    """Read the file, estimate, and print a sentence or JSON."""

    help = (
        "Estimate what a release did to a KPI. The file has the columns date and value (or num and den for a rate), and may have "
        "ctrl1 to ctrl3 (KPIs that the release cannot touch), holiday and other_release (1 or 0). One row a day, none left out."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, the release, and how long after it."""
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--release", required=True, metavar="DATE", help="the day it went live, as in 2026-01-31")
        parser.add_argument("--horizon", type=int, choices=DAILY.horizons, default=14, help="days after (default: 14)")
        parser.add_argument(
            "--json", action="store_true", help="print est, lo, hi (log scale), p, df, verdict and reason"
        )

    def handle(self, *args: Any, file: Path, release: str, horizon: int, **options: Any) -> None:
        """Estimate; exit 1 with what is wrong where the file or the date cannot be read."""
        day = _day(release)
        try:
            with file.open("rb") as opened:
                sheet = read_daily(decode(opened))
            place = sheet.place(day)
        except Unreadable as problem:
            raise CommandError(f"{file}: {problem}") from None
        except OSError as problem:
            raise CommandError(f"{file} cannot be opened: {problem.strerror or problem}.") from None
        reading = read_once(_days(sheet), place, horizon, _others(sheet))
        if options["json"]:
            self.stdout.write(json.dumps(answer(reading)))
        else:
            self.stdout.write(_words(reading, day))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is no date. Write the release's day year-month-day, as in 2026-01-31.") from None


def _days(sheet: DailySheet) -> Days:
    mask = sheet.holiday if any(sheet.holiday) else None
    return Days(sheet.value or None, sheet.num or None, sheet.den or None, sheet.controls, mask)


def _others(sheet: DailySheet) -> list[int]:
    return [place for place, marked in enumerate(sheet.other_release) if marked]


def _words(reading: Estimate | NoEstimate, day: date) -> str:
    found = verdict(reading)
    if isinstance(reading, NoEstimate):
        return found.words
    written = f"{day.day} {day:%B %Y}"
    joint = (
        f"One joint effect of {reading.window.members} releases less than a week apart.\n"
        if reading.window.is_joint
        else ""
    )
    return (
        f"{sentence(reading, found, release=written, kpi='the KPI')}\n{joint}"
        f"{answer(reading)['verdict']}. The 95 % interval is {span(reading, 0.95)} (p = {reading.p:.3f}, "
        f"{reading.error.df:.1f} degrees of freedom)."
    )
