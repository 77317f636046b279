"""``manage.py sweep``: drain what waits every two seconds, without a broker."""

import logging
import signal
import threading
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError, close_old_connections

from metrics.services.rollups import refresh

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """A plain loop beside the workers, so that figures stay fresh with the broker dead."""

    help = "Refresh rollups in a loop; needs PostgreSQL and nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options of the command."""
        parser.add_argument("--every", type=float, default=2.0, help="seconds between two rounds")
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep until SIGTERM or SIGINT; whatever goes wrong is tried again at the next round."""
        if options["once"]:
            refresh(now=datetime.now(UTC))
            return
        over = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: over.set())
        while not over.is_set():
            self.sweep()
            over.wait(options["every"])

    def sweep(self) -> None:
        """One round that never raises: this loop is the last to keep figures fresh."""
        close_old_connections()
        try:
            refresh(now=datetime.now(UTC))
        except (DatabaseError, InterfaceError) as error:
            log.warning("the database does not answer, trying again: %s", error)
        except Exception:
            log.exception("a round failed, trying again")
