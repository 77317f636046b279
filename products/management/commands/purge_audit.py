"""Deletes what is past its time from the audit; run it by hand, with the login that owns the tables."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError

from products.services.audit import TooYoung, purge_audit

NOT_THE_OWNER = "42501"


class Command(BaseCommand):
    """The only way out of the audit."""

    help = "Delete audit entries from before a day, at least a year ago; the purge itself is written down."

    def add_arguments(self, parser: CommandParser) -> None:
        """The day."""
        parser.add_argument("--before", required=True, metavar="YYYY-MM-DD", help="the first day that stays, in UTC")

    def handle(self, *args: Any, before: str, **options: Any) -> None:
        """Delete, or say why not."""
        try:
            day = datetime.strptime(before, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise CommandError(f"'{before}' is no day. Write it like 2026-06-15.") from None
        try:
            purged = purge_audit(before=day, now=datetime.now(UTC))
        except TooYoung as problem:
            raise CommandError(f"Nothing was deleted. {problem}") from None
        except ProgrammingError as problem:
            if getattr(problem.__cause__, "pgcode", None) != NOT_THE_OWNER:
                raise
            raise CommandError(
                "Nothing was deleted: only the login that owns the tables may. Set PMTRACK_OWNER_DATABASE_URL beside "
                "DATABASE_URL, and leave PMTRACK_ROLE unset."
            ) from None
        self.stdout.write(f"{purged} entries from before {before} are gone; the audit says so.")
