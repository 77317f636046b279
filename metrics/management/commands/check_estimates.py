"""``manage.py check_estimates``: compare every estimate with a reading of the facts as they are now."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrics.services.effect_check import check_effects, rebuild_effects

SHOWN = 20


class Command(BaseCommand):
    """Exit 1 and a list where an estimate differs from what its facts say."""

    help = "Read every release and KPI again from the facts and report any difference to what is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command."""
        parser.add_argument("--rebuild", action="store_true", help="make all of them anew first")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say what was found."""
        now = datetime.now(UTC)
        if options["rebuild"]:
            done = rebuild_effects(now=now)
            if done.failed:
                raise CommandError("Some could not be made anew; `manage.py check_rollups` says why.")
        differences = check_effects(now=now)
        for one in differences[:SHOWN]:
            self.stdout.write(f"R-{one.release} and KPI {one.kpi} ({one.basis})")
            self.stdout.write(f"  stored:     {one.stored or 'nothing'}")
            self.stdout.write(f"  recomputed: {one.recomputed or 'nothing'}")
        if differences:
            raise CommandError(f"{len(differences)} estimates differ from their facts. Mend them with --rebuild.")
        self.stdout.write("Every estimate equals its facts.")
