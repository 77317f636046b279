"""Brings the database to this version, and fills an empty one with the demo company. `up` and a deployment call it before the programs start."""

from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from pmtrack.stack import discovery, grants

ONE_AT_A_TIME = 7_341_201  # the advisory lock of this command: two hosts that deploy at once take turns


class Command(BaseCommand):
    """Migrate, let the programs in, and make the demo company if nobody is there yet."""

    help = "Migrate the database and fill an empty one with the demo company."
    requires_system_checks: ClassVar[list[str]] = []  # they import every page; `check` and the tests run them

    def add_arguments(self, parser: CommandParser) -> None:
        """Only one choice."""
        parser.add_argument("--no-demo", dest="demo", action="store_false", help="leave an empty database empty")

    def handle(self, *args: Any, demo: bool, **options: Any) -> None:
        """Take turns with other hosts, migrate, grant, fill."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0"
            )
            cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        if migrations_wait():
            call_command("migrate", interactive=False, stdout=self.stdout, stderr=self.stderr)  # ours: migrate.py
        self.let_the_programs_in()
        if demo and not get_user_model()._default_manager.exists():
            call_command("demo", stdout=self.stdout)
        connection.close()  # lets the lock go, and the changed settings

    def let_the_programs_in(self) -> None:
        """Make the login of the programs where it is not the owner's, and give it what this version needs."""
        login, password = grants.login_of(discovery.database_url() or "")
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                grants.let_in(cursor, login=login, password=password)
        except grants.CannotMakeLogin as problem:
            raise CommandError(str(problem)) from None


def migrations_wait() -> bool:
    """Whether a migration has not run. Asking costs a tenth of running `migrate` in vain, which each warm start would."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
