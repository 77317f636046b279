"""Takes a backup: everything in the schema, as it stood at one instant, while others go on writing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from pmtrack.backups import archive
from pmtrack.backups.archive import Manifest
from pmtrack.backups.programs import running

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
EXTENSIONS = """SELECT extname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
    WHERE nspname = 'public' ORDER BY extname"""
# Owners and privileges belong to the server that a backup comes to; `prepare` gives them there.
CONTENT = ("--schema=public", "--no-owner", "--no-privileges", "--no-comments")


@transaction.atomic
def take_backup(path: Path, *, now: datetime) -> Manifest:
    """Write a backup to ``path``, which must not exist yet (``FileExistsError``). Holds no lock that a writer waits for.

    Raises ``ProgramFailed`` when pg_dump does, and leaves no file then.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists already. A backup never overwrites one: give another name.")
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        manifest = _described(cursor, now=now)
        archive.write(path, _dump(snapshot), manifest)
    return manifest


def _described(cursor: CursorWrapper, *, now: datetime) -> Manifest:
    cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    migrations = [name for (name,) in cursor.fetchall()]
    cursor.execute(EXTENSIONS)
    extensions = [name for (name,) in cursor.fetchall()]
    version = connection.pg_version
    found = Manifest(archive.FORMAT, now.isoformat(timespec="seconds"), version, migrations, extensions, {})
    return replace(found, rows=count_rows(cursor))


def count_rows(cursor: CursorWrapper) -> dict[str, int]:
    """How many rows each table holds."""
    cursor.execute(TABLES)
    rows = {}
    for (table,) in cursor.fetchall():
        cursor.execute(f"SELECT count(*) FROM public.{connection.ops.quote_name(table)}")
        rows[table] = cursor.fetchone()[0]
    return rows


def _dump(snapshot: str) -> Iterator[bytes]:
    with running("pg_dump", "--format=custom", f"--snapshot={snapshot}", *CONTENT) as process:
        while chunk := process.stdout.read(archive.CHUNK):
            yield chunk
