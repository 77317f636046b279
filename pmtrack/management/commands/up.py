"""`manage.py up` as Django's help shows it. manage.py runs it before Django is loaded; the work is in pmtrack/stack/up.py."""

import sys
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser

from pmtrack.stack import up


class Command(BaseCommand):
    """Run everything on this machine until Ctrl-C."""

    help = "Run pmtrack on this machine: servers, database, demo company, web, worker, schedule, sweep."
    requires_system_checks: ClassVar[list[str]] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The same options that pmtrack.stack.up reads."""
        up.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until somebody stops it."""
        names = up.Options.__dataclass_fields__
        sys.exit(up.run(up.Options(**{name: options[name] for name in names})))
