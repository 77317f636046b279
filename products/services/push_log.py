"""The push log: append one call, and keep the newest of each token."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

KEPT_CALLS = 200
LONGEST_PROBLEM = 400

# Written out, and outside of any transaction: it is paid by every call.
APPEND = """
INSERT INTO products_apicall
    (token_id, called_at, method, route, status, stored, replayed, corrected, refused, duration_ms, request_id,
    problem, fields)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid, %s, %s::jsonb)
"""
TRIM = """
DELETE FROM products_apicall AS call USING products_apitoken AS token
WHERE call.token_id = token.id AND call.id <= (
    SELECT id FROM products_apicall WHERE token_id = token.id ORDER BY id DESC OFFSET %s LIMIT 1
)
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API: counts of items, what was wrong, and the first bad fields as (pointer, words)."""

    token_id: int
    called_at: datetime
    method: str
    route: str
    status: int
    stored: int
    replayed: int
    corrected: int
    refused: int
    duration_ms: int
    request_id: UUID
    problem: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def log_call(*, call: Call) -> None:
    """Append one line, by one statement."""
    given: list[int | str | datetime] = [
        call.token_id,
        call.called_at,
        call.method[:8],
        call.route[:120],
        call.status,
        call.stored,
        call.replayed,
        call.corrected,
        call.refused,
        call.duration_ms,
        str(call.request_id),
        call.problem[:LONGEST_PROBLEM],
        msgspec.json.encode(call.fields).decode(),
    ]
    with connection.cursor() as cursor:
        cursor.execute(APPEND, given)


def trim_push_log(*, keep: int = KEPT_CALLS) -> int:
    """Take away all but the ``keep`` newest lines of each token; how many went."""
    with connection.cursor() as cursor:
        cursor.execute(TRIM, [keep])
        return int(cursor.rowcount)
