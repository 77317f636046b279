#!/usr/bin/env python3
"""The one command of pmtrack: `up` runs it all, `test` tests it all, anything else is Django's.

It makes its own environment first (pmtrack/stack/bootstrap.py), so that only Python 3.11 or newer is needed.
"""

import os
import secrets
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - before any import that an older Python could not read
    sys.exit(f"pmtrack needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: python3.11 manage.py")

from pmtrack.stack import bootstrap

# They read files and print; neither servers nor the secrets that `up` makes have to be there.
COMMANDS_ON_FILES_ALONE = {"effect"}


def main(argv: list[str]) -> None:
    """Run one command inside pmtrack's own environment."""
    bootstrap.enter(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmtrack.settings")
    command = argv[1] if len(argv) > 1 else "help"
    asks_for_help = bool({"-h", "--help"} & set(argv[2:]))
    if command == "test":
        from pmtrack.stack import testing

        testing.run(argv[2:])
    elif command == "up" and not asks_for_help:
        # Not through Django: `up` starts the servers that the settings point to, and stays small because it imports none of it.
        from pmtrack.stack import up

        sys.exit(up.main(argv[2:]))
    else:
        if command in COMMANDS_ON_FILES_ALONE:
            for name in ("PMTRACK_SECRET_KEY", "PMTRACK_TOKEN_PEPPER"):
                os.environ.setdefault(name, secrets.token_urlsafe(32))
        from django.core.management import execute_from_command_line

        execute_from_command_line(argv)


if __name__ == "__main__":
    main(sys.argv)
