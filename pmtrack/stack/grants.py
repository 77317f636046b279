"""The application's own login to PostgreSQL: it works with every table, owns none, and can only add to the audit."""

from typing import Protocol
from urllib.parse import unquote, urlsplit

from psycopg2 import sql

# What the programs only ever read or add to. Everything else they read, add to, change and delete.
ADDED_TO = "products_auditentry"
READ_ONLY = "django_migrations"


class CannotMakeLogin(Exception):
    """The owner may not make logins; the message says what to ask the administrator of the database for."""


class Cursor(Protocol):
    """What a cursor of the owner's connection can do."""

    def execute(self, query: object, parameters: object = None, /) -> object:
        """Run a statement."""

    def fetchone(self) -> tuple[object, ...] | None:
        """The next row."""


def login_of(url: str) -> tuple[str, str]:
    """User and password of a ``postgresql://`` address."""
    parts = urlsplit(url)
    return unquote(parts.username or ""), unquote(parts.password or "")


def let_in(cursor: Cursor, *, login: str, password: str) -> None:
    """Make ``login`` if the server lacks it, and give it what the programs need and no more. Run it after every migration.

    Nothing happens if ``login`` is the owner itself. An existing login keeps its password. Raises ``CannotMakeLogin``.
    """
    cursor.execute("SELECT current_user = %s, to_regrole(quote_ident(%s)) IS NOT NULL", [login, login])
    is_owner, exists = cursor.fetchone() or (False, False)
    if is_owner:
        return
    if not exists:
        _make(cursor, login, password)
    for statement in STATEMENTS:
        cursor.execute(sql.SQL(statement).format(login=sql.Identifier(login), **NAMES))


def _make(cursor: Cursor, login: str, password: str) -> None:
    cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone() != (True,):
        raise CannotMakeLogin(
            f"There is no login '{login}' in the database, and its owner may not make one. Have the database's "
            f"administrator run: CREATE ROLE \"{login}\" LOGIN PASSWORD '…' (the password of DATABASE_URL), then run this again."
        )
    make = sql.SQL("CREATE ROLE {login} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %s")
    cursor.execute(make.format(login=sql.Identifier(login)), [password])


NAMES = {"added_to": sql.Identifier(ADDED_TO), "read_only": sql.Identifier(READ_ONLY)}
STATEMENTS = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {login}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {login}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {login}",
    # Tables that a plain `manage.py migrate` makes before this runs again.
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {login}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {login}",
    "REVOKE UPDATE, DELETE, TRUNCATE ON {added_to} FROM {login}",
    "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {read_only} FROM {login}",
)
