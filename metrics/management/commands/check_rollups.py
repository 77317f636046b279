"""``manage.py check_rollups``: compare every cell with its facts, and name the buckets that wait in quarantine."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from metrics.queries.troubles import quarantined_buckets
from metrics.services.buckets import bucket_words
from metrics.services.rebuild import check, rebuild
from metrics.services.rollups import refresh
from metrics.services.troubles import allow_retry

SHOWN = 20
NO_WORDS = "its process ended without a word"


class Command(BaseCommand):
    """Exit 1 and a list where a rollup differs from a recompute, or cannot be computed."""

    help = "Recompute every rollup from the facts and report any difference."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command."""
        parser.add_argument("--rebuild", action="store_true", help="make all of them anew first")
        parser.add_argument(
            "--retry", action="store_true", help="first try those in quarantine again, without their pause"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say what was found."""
        if options["rebuild"]:
            rebuild(now=datetime.now(UTC))
        if options["retry"]:
            now = datetime.now(UTC)
            allow_retry(now=now)
            refresh(now=now)
        complaints = [*self.name_quarantined(), *self.name_differences()]
        if complaints:
            raise CommandError(" ".join(complaints))
        self.stdout.write("Every rollup equals its facts.")

    def name_differences(self) -> Iterator[str]:
        """Print the cells that are wrong; a sentence if there are any."""
        differences = check()
        for difference in differences[:SHOWN]:
            self.stdout.write(
                f"{difference.side:10} {difference.grain} product {difference.product_id} {difference.measure} "
                f"{difference.day}: {', '.join(map(str, difference.sums))}"
            )
        if differences:
            yield f"{len(differences)} rows differ from their facts. Mend them with --rebuild."

    def name_quarantined(self) -> Iterator[str]:
        """Print the buckets whose figures are stale because they cannot be computed; a sentence if there are any."""
        stale = quarantined_buckets()
        for bucket in stale[:SHOWN]:
            self.stdout.write(
                f"{bucket.product}, {bucket_words(bucket.week)}: stale since {bucket.stale_since:%Y-%m-%d %H:%M} UTC after "
                f"{bucket.attempts} attempts, tried again at {bucket.next_try_at:%H:%M}: {bucket.error or NO_WORDS}"
            )
        if stale:
            yield f"In quarantine: {len(stale)}. Mend what is said above, then run with --retry."
