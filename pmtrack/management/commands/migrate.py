"""Django's `migrate`, with little patience for each lock and several tries: nobody waits long behind a migration."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

LOCK_TIMEOUT = "2s"
# Between two tries; a request that holds a table is done in a few seconds, a long report in half a minute.
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
LOCK_NOT_AVAILABLE = "55P03"
# CREATE INDEX CONCURRENTLY that was broken off leaves an index that nobody uses and everybody maintains.
HALF_MADE = """
SELECT format('%I.%I', nspname, index.relname) FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE NOT indisvalid AND nspname = 'public' AND NOT EXISTS
    (SELECT FROM pg_stat_progress_create_index AS progress WHERE progress.index_relid = indexrelid)
"""


class TableInUse(Exception):
    """A lock was not to be had within the time of all tries; what the last try began is rolled back."""


class Command(DjangoMigrate):
    """The same options; waits two seconds at most for a lock, then lets others pass and tries again."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, and say in words when somebody holds a table."""
        connection = connections[options.get("database") or DEFAULT_DB_ALIAS]
        if options.get("plan") or options.get("check_unapplied"):
            super().handle(*args, **options)
            return
        try:
            with_patience(connection, lambda: DjangoMigrate.handle(self, *args, **options), say=self.stderr.write)
        except TableInUse as problem:
            raise CommandError(str(problem)) from problem.__cause__


def with_patience(
    connection: BaseDatabaseWrapper,
    work: Callable[[], None],
    *,
    say: Callable[[str], object],
    pauses: Sequence[float] = PAUSES,
) -> None:
    """Do ``work`` under the short lock timeout, once more after each of ``pauses`` (seconds). Raises ``TableInUse``."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (before,) = cursor.fetchone()
    try:
        for number, pause in enumerate((*pauses, None), start=1):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [LOCK_TIMEOUT])
            try:
                _drop_half_made(connection)
                return work()
            except OperationalError as problem:
                if getattr(problem.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
                    raise
                if pause is None:
                    raise TableInUse(
                        f"A table stayed in use through {number} tries. What ran before is done and kept, the migration that "
                        "waited is rolled back. See who holds it in pg_stat_activity, then run the same command again."
                    ) from problem
            say(f"A table is in use; trying again in {pause:g} s ({number} of {len(pauses) + 1} tries).")
            time.sleep(pause)
    finally:
        if connection.connection is not None and not connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])


def _drop_half_made(connection: BaseDatabaseWrapper) -> None:
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute(HALF_MADE)
        for (index,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
