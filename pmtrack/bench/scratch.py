"""Throw-away databases beside the configured one, and Django pointed at them."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import psycopg2
from django.core.management import call_command
from django.db import connection
from psycopg2 import extensions

from pmtrack.bench.measuring import PROC, CannotMeasure

Raw = extensions.connection
NO_LIMITS = "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0"


@dataclass(frozen=True, slots=True)
class Scratch:
    """One throw-away database."""

    name: str

    @property
    def url(self) -> str:
        """Its address, for child processes."""
        given = connection.settings_dict
        user, password = quote(given["USER"], safe=""), quote(given["PASSWORD"], safe="")
        return f"postgresql://{user}:{password}@{given['HOST']}:{given['PORT'] or 5432}/{self.name}"

    def connect(self) -> Raw:
        """A bare connection that commits each statement."""
        return connect(self.name)

    @contextmanager
    def in_django(self) -> Iterator[None]:
        """Point Django's connection here, without time limits, and back."""
        settings = connection.settings_dict
        before = settings["NAME"], settings["OPTIONS"].get("options", "")
        connection.close()
        settings["NAME"], settings["OPTIONS"]["options"] = self.name, NO_LIMITS
        try:
            yield
        finally:
            connection.close()
            settings["NAME"], settings["OPTIONS"]["options"] = before

    def backends(self) -> list[int]:
        """The database's processes that serve clients of this database now; its own cleaning comes and goes."""
        with connect("postgres") as asking, asking.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'", [self.name]
            )
            return [row[0] for row in cursor.fetchall()]


def connect(name: str) -> Raw:
    """A bare connection to any database of the configured server."""
    given = connection.settings_dict
    raw = psycopg2.connect(
        host=given["HOST"],
        port=given["PORT"] or 5432,
        user=given["USER"],
        password=given["PASSWORD"],
        dbname=name,
        connect_timeout=3,
    )
    raw.autocommit = True
    return raw


@contextmanager
def migrated_database() -> Iterator[str]:
    """One migrated database to copy from: its name; dropped at the end, whatever happened."""
    with _administrator() as admin:
        refuse_far_servers(admin)
    template = Scratch(_new_name())
    with _made([template], 'CREATE DATABASE "{}"'):
        with template.in_django():
            call_command("migrate", verbosity=0, interactive=False)
        yield template.name


@contextmanager
def scratch_databases(count: int, *, template: str) -> Iterator[Sequence[Scratch]]:
    """Copy ``count`` databases from ``template``; drop them at the end, whatever happened."""
    made = [Scratch(_new_name()) for _ in range(count)]
    with _made(made, f'CREATE DATABASE "{{}}" TEMPLATE "{template}"'):
        yield made


def _new_name() -> str:
    return f"pmtrack_bench_{os.getpid()}_{secrets.token_hex(3)}"


@contextmanager
def _administrator() -> Iterator[Raw]:
    """A connection that makes and drops databases."""
    try:
        admin = connect("postgres")
    except psycopg2.OperationalError as problem:
        raise CannotMeasure(
            f"No PostgreSQL answers ({problem}). Run `manage.py up` in another terminal first."
        ) from None
    try:
        yield admin
    finally:
        admin.close()


@contextmanager
def _made(databases: Sequence[Scratch], statement: str) -> Iterator[None]:
    """Make each with ``statement``, and drop them all."""
    with _administrator() as admin:
        try:
            for scratch in databases:
                execute(admin, statement.format(scratch.name))
            yield
        finally:
            for scratch in databases:
                execute(admin, f'DROP DATABASE IF EXISTS "{scratch.name}" WITH (FORCE)')


def refuse_far_servers(admin: Raw) -> None:
    """CPU comes from /proc, so PostgreSQL has to run on this machine, in our view of its processes."""
    with admin.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), current_setting('is_superuser')")
        pid, is_superuser = cursor.fetchone()
    name = PROC / str(pid) / "comm"
    if not name.exists() or not name.read_text().startswith("postgres"):
        raise CannotMeasure("The bench reads CPU time from /proc: run it on the machine on which PostgreSQL runs.")
    if is_superuser != "on":
        raise CannotMeasure("The bench fills tables past their triggers: give it a database user who is a superuser.")


def execute(raw: Raw, statement: str, parameters: Sequence[object] = ()) -> None:
    """One statement whose rows nobody wants."""
    with raw.cursor() as cursor:
        cursor.execute(statement, parameters or None)


@contextmanager
def past_triggers(raw: Raw) -> Iterator[None]:
    """Without triggers and foreign keys, for filling and for the floor."""
    execute(raw, "SET session_replication_role = replica")
    try:
        yield
    finally:
        execute(raw, "RESET session_replication_role")


def pages_read() -> int:
    """Pages that Django's database has read so far, from memory or not, own statistics flushed first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()")
        pages: int = cursor.fetchone()[0]
    return pages
