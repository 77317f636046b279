"""``manage.py check_rollups``: compare every cell with its facts."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrics.services.rebuild import check, rebuild

SHOWN = 20


class Command(BaseCommand):
    """Exit 1 and a list where a rollup differs from a recompute."""

    help = "Recompute every rollup from the facts and report any difference."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command."""
        parser.add_argument("--rebuild", action="store_true", help="make all of them anew first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say what was found."""
        if options["rebuild"]:
            rebuild(now=datetime.now(UTC))
        differences = check()
        for difference in differences[:SHOWN]:
            self.stdout.write(
                f"{difference.side:10} {difference.grain} product {difference.product_id} {difference.measure} "
                f"{difference.day}: {', '.join(map(str, difference.sums))}"
            )
        if differences:
            raise CommandError(f"{len(differences)} rows differ from their facts. Mend them with --rebuild.")
        self.stdout.write("Every rollup equals its facts.")
