"""Long statements, parsed and planned once for each connection instead of for each view.

PostgreSQL plans a prepared statement anew for the first five times, then keeps one plan where that is no dearer; it makes
a new one when a table that the plan reads is changed or analyzed.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

# From an open connection to the names that are prepared on it. A connection's names end with it.
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
TYPES = {bool: "boolean", str: "text", date: "date", datetime: "timestamptz", timedelta: "interval", float: "float8"}
PARAMETER = re.compile(r"%\((\w+)\)s")
INTEGER = 1 << 31


def rows_of(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Every row that ``statement`` gives for ``values``, its parameters by name. One statement.

    Where connections are shared between transactions (``DISABLE_SERVER_SIDE_CURSORS``) nothing is kept on them.
    """
    with connection.cursor() as cursor:
        if connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
            cursor.execute(statement, values)
        else:
            used = [values[name] for name in _parameters(statement)]
            name, prepare, execute = _words(statement, tuple([_type(value) for value in used]))
            _prepare(name, prepare)
            cursor.execute(execute, [_given(value) for value in used])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _prepare(name: str, prepare: str) -> None:
    """Once for each connection, in a step of its own: a name that exists stays, even where what follows is rolled back."""
    known = _prepared.setdefault(connection.connection, set())
    if name not in known:
        with connection.wrap_database_errors, connection.connection.cursor() as raw:
            raw.execute(prepare)
        known.add(name)


@lru_cache(maxsize=256)
def _parameters(statement: str) -> tuple[str, ...]:
    """The names of the parameters in the order of their first use."""
    return tuple(dict.fromkeys(PARAMETER.findall(statement)))


@lru_cache(maxsize=256)
def _words(statement: str, types: tuple[str, ...]) -> tuple[str, str, str]:
    """Name, PREPARE and EXECUTE of ``statement`` for parameters of these types."""
    numbered = statement % {name: f"${number}" for number, name in enumerate(_parameters(statement), 1)}
    wanted, places = (f" ({', '.join(of)})" if of else "" for of in (types, ["%s"] * len(types)))
    name = "pmtrack_" + sha256(f"{statement}{wanted}".encode()).hexdigest()[:24]
    return name, f"PREPARE {name}{wanted} AS {numbered}", f"EXECUTE {name}{places}"


def _type(value: Any) -> str:
    """The type of a parameter; what cannot be seen from the value follows from its place in the statement."""
    if isinstance(value, list | tuple):
        if not value or value[0] is None:
            return "unknown"
        return "bigint[]" if type(value[0]) is int else f"{_type(value[0])}[]"
    if type(value) is int:
        return "integer" if -INTEGER <= value < INTEGER else "bigint"
    return TYPES.get(type(value), "unknown")


def _given(value: Any) -> Any:
    """Numbers as one text instead of an expression of hundreds of constants."""
    if isinstance(value, list | tuple) and value and all(type(one) is int for one in value):
        return "{" + ",".join(map(str, value)) + "}"
    return list(value) if isinstance(value, tuple) else value
