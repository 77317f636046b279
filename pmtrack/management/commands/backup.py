"""``manage.py backup FILE``: the whole database in one file, while everything runs."""

from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pmtrack.backups.programs import ProgramFailed
from pmtrack.backups.taking import take_backup
from pmtrack.stack.binaries import NoServerProgram


class Command(BaseCommand):
    """Write a backup that `restore` takes back."""

    help = "Write the whole database to one file, as it stands at this instant; others may go on writing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path, help="a file that does not exist yet")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Take it, and say what it holds."""
        started = perf_counter()
        try:
            manifest = take_backup(file, now=datetime.now(UTC))
        except (OSError, ProgramFailed, NoServerProgram) as problem:
            raise CommandError(f"There is no backup: {problem}") from None
        rows, megabytes = sum(manifest.rows.values()), file.stat().st_size / 1e6
        self.stdout.write(
            f"{file}: {rows:,} rows of {len(manifest.rows)} tables, {megabytes:.1f} MB, "
            f"in {perf_counter() - started:.1f} s. It holds personal data: keep it as safe as the database."
        )
