"""``manage.py restore FILE``: bring the database to what a backup holds."""

from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from pmtrack.backups.archive import BadArchive
from pmtrack.backups.programs import ProgramFailed
from pmtrack.backups.putting import NotRestored, restore_backup
from pmtrack.stack.binaries import NoServerProgram


class Command(BaseCommand):
    """All of a backup or nothing, then the migrations that are newer than it."""

    help = "Restore a backup into an empty database, or with --replace into any."
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from, and whether anything may be lost."""
        parser.add_argument("file", type=Path, help="what `manage.py backup` wrote")
        parser.add_argument("--replace", action="store_true", help="lose what the database holds now")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        """Restore, migrate, and say what to check."""
        started = perf_counter()
        try:
            manifest = restore_backup(file, replace=replace)
        except (BadArchive, NotRestored, NoServerProgram) as problem:
            raise CommandError(str(problem)) from None
        except ProgramFailed as problem:
            raise CommandError(
                "Nothing was changed. If a table was in use, stop web, worker, beat and sweep first. "
                f"PostgreSQL's program said: {problem}"
            ) from None
        self.stdout.write(
            f"Restored {sum(manifest.rows.values()):,} rows of {len(manifest.rows)} tables as of {manifest.made_at}, "
            f"in {perf_counter() - started:.1f} s."
        )
        call_command("prepare", "--no-demo", stdout=self.stdout)
        self.stdout.write("Now prove the figures: manage.py check_rollups")
