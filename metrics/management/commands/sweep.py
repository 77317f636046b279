"""``manage.py sweep``: drain what waits every two seconds, and tidy up every hour, without a broker."""

import logging
import signal
import threading
import time
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections

from metrics.services.rollups import refresh
from metrics.services.uploads import drop_expired_uploads
from metrics.services.waiting_questions import tend_questions
from products.services.push_log import trim_push_log

HOUR_SECONDS = 3600.0
log = logging.getLogger(__name__)


class Command(BaseCommand):
    """A plain loop beside the workers, so that figures stay fresh with the broker dead."""

    help = "Refresh rollups in a loop and tidy up every hour; needs PostgreSQL and nothing else."
    tidied_at = float("-inf")

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command."""
        parser.add_argument("--every", type=float, default=2.0, help="seconds between two rounds")
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep until SIGTERM or SIGINT; whatever goes wrong is tried again at the next round."""
        if options["once"]:
            refresh(now=datetime.now(UTC))
            tidy(now=datetime.now(UTC))
            return
        over = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: over.set())
        while not over.is_set():
            self.sweep(at=time.monotonic())
            over.wait(options["every"])

    def sweep(self, *, at: float) -> None:
        """One round that never raises: this loop is the last to keep figures fresh. ``at``: seconds of any steady clock."""
        close_old_connections()
        try:
            refresh(now=datetime.now(UTC))
            if at - self.tidied_at >= HOUR_SECONDS:
                tidy(now=datetime.now(UTC))
                self.tidied_at = at
        except (DatabaseError, InterfaceError) as error:
            log.warning("the database does not answer, trying again: %s", error)
        except Exception:
            log.exception("a round failed, trying again")


def tidy(*, now: datetime) -> None:
    """What the schedule of the workers does as well, where a broker wakes them: nothing that is kept for a while stays."""
    trim_push_log()
    drop_expired_uploads(now=now)
    tend_questions(now=now)
