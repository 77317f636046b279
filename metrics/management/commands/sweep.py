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
        """Sweep until SIGTERM or SIGINT; a lost database is tried again at the next round."""
        over = threading.Event()
        if not options["once"]:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: over.set())
        while not over.is_set():
            close_old_connections()
            try:
                refresh(now=datetime.now(UTC))
            except (DatabaseError, InterfaceError) as error:
                log.warning("the database does not answer, trying again: %s", error)
            if options["once"]:
                return
            over.wait(options["every"])
