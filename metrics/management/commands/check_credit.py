"""``manage.py check_credit``: compare all credit with a recompute from the facts as they are now."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrics.services.credit_check import check_credit, rebuild_credit

SHOWN = 20


class Command(BaseCommand):
    """Exit 1 and a list where credit differs from what its facts say."""

    help = "Split and settle every effect again from the facts and report any difference to what is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command."""
        parser.add_argument("--rebuild", action="store_true", help="make all of it anew first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say what was found."""
        now = datetime.now(UTC)
        if options["rebuild"]:
            rebuild_credit(now=now)
        differences = check_credit(now=now)
        for one in differences[:SHOWN]:
            self.stdout.write(f"only {one.side}: {one.words}")
        if differences:
            raise CommandError(f"{len(differences)} rows of credit differ from their facts. Mend them with --rebuild.")
        self.stdout.write("All credit equals its facts.")
