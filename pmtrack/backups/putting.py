"""Puts a backup back: all of it in one transaction, or nothing."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from pmtrack.backups import archive
from pmtrack.backups.archive import Manifest
from pmtrack.backups.programs import running
from pmtrack.backups.taking import count_rows

# Rows of these come with an empty database that was just migrated.
OF_MIGRATIONS = {"django_migrations", "django_content_type", "auth_permission", "django_site"}
PATIENCE = "10s"
# Older servers do not know it, and it is off unless somebody switched it on.
UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
HEAD_LINES = 60

# Whatever belongs to no extension; the backup brings its own.
EMPTY = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN
        SELECT CASE WHEN relkind = 'v' THEN 'VIEW' WHEN relkind = 'm' THEN 'MATERIALIZED VIEW'
            WHEN relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, pg_class.oid::regclass::text AS name
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('e', 'i', 'a'))
        UNION ALL
        SELECT 'ROUTINE', pg_proc.oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
        UNION ALL
        SELECT 'TYPE', pg_type.oid::regtype::text FROM pg_type WHERE typnamespace = 'public'::regnamespace
            AND typtype IN ('e', 'd') AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_type.oid AND deptype = 'e')
    LOOP
        EXECUTE format('DROP %s IF EXISTS %s CASCADE', found.kind, found.name);
    END LOOP;
END $$;
"""


class NotRestored(Exception):
    """Nothing was changed; the message says why and what to do."""


def restore_backup(path: Path, *, replace: bool) -> Manifest:
    """Bring the database to what the backup holds, in one transaction. ``replace`` allows it to hold something now.

    The backup's own schema comes with it: what this version's migrations add is for ``prepare`` to add afterwards.
    Raises ``BadArchive``, ``NotRestored`` or ``ProgramFailed``, all with nothing changed.
    """
    manifest = archive.verified(path)
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise NotRestored(
            f"The backup comes from a newer version: this one does not know the migrations {', '.join(newer)}. "
            "Install the version that made it (or a later one), then restore. Nothing was changed."
        )
    if not replace:
        _refuse_data()
    connection.close()  # our own session must not hold what is about to be replaced
    _load(path, manifest)
    return manifest


def _refuse_data() -> None:
    with connection.cursor() as cursor:
        held = {table: count for table, count in count_rows(cursor).items() if count and table not in OF_MIGRATIONS}
    if held:
        shown = ", ".join(f"{count} rows in {table}" for table, count in sorted(held.items())[:5])
        raise NotRestored(
            f"This database holds data ({shown}). Restore into an empty one, or say --replace to lose what is here "
            "(take a backup of it first). Nothing was changed."
        )


def _load(path: Path, manifest: Manifest) -> None:
    """pg_restore writes the backup as SQL, psql runs it; without the last line, COMMIT, the server forgets it all."""
    # Triggers come after the rows, as PostgreSQL dumps them: loading marks nothing and needs no superuser.
    with (
        running(
            "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as psql,
        running(
            "pg_restore", "--schema=public", "--no-owner", "--no-privileges", "--no-comments", "--file=-",
            stdin=subprocess.PIPE, connects=False,
        ) as reader,
        archive.opened_dump(path) as dump,
    ):  # fmt: skip
        into, out = psql.stdin, reader.stdout
        if into is None or out is None or reader.stdin is None:
            raise RuntimeError("the programs were started without pipes")
        feeder = threading.Thread(target=_feed, args=(dump, reader.stdin), daemon=True)
        feeder.start()
        _write(into, _before(manifest))
        for chunk in _script(out):
            _write(into, chunk)
        feeder.join()
        if reader.wait() == 0:
            _write(into, _after(manifest))


def _feed(dump: IO[bytes], into: IO[bytes]) -> None:
    with suppress(OSError, ValueError), into:  # it ended early: its exit code is read by the other thread
        shutil.copyfileobj(dump, into, archive.CHUNK)


def _write(into: IO[bytes], content: bytes) -> None:
    into.write(content)
    into.flush()


def _before(manifest: Manifest) -> bytes:
    wanted = "".join(f"CREATE EXTENSION IF NOT EXISTS {_quoted(name)} SCHEMA public;\n" for name in manifest.extensions)
    # The script sets its own time limits, but for whatever stands in the way first we wait only so long.
    limits = (
        f"SET statement_timeout = 0;\nSET idle_in_transaction_session_timeout = 0;\nSET lock_timeout = '{PATIENCE}';\n"
    )
    return f"BEGIN;\n{limits}SET client_min_messages = warning;\n{EMPTY}{wanted}".encode()


def _script(out: IO[bytes]) -> Iterator[bytes]:
    for _ in range(HEAD_LINES):
        if (line := out.readline()) != UNKNOWN_BEFORE_17:
            yield line
    while chunk := out.read(archive.CHUNK):
        yield chunk


def _after(manifest: Manifest) -> bytes:
    """Count every table before the end: a backup that lost rows on its way is not let in."""
    checks = "".join(
        f"IF (SELECT count(*) FROM public.{_quoted(table)}) <> {rows} THEN\n"
        f"RAISE EXCEPTION 'the backup holds other than {rows} rows of {table}'; END IF;\n"
        for table, rows in manifest.rows.items()
        if table.isidentifier()
    )
    return f"DO $$ BEGIN\n{checks}END $$;\nCOMMIT;\n".encode()


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
