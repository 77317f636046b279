"""Cursor pages: at most 200 rows, by a strictly ordered key, with cursors that survive tampering."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from pmtrack.web.errors import Problem
from pmtrack.web.parsing import bad_parameter

Row = TypeVar("Row", bound=Model)
LARGEST_PAGE = 200
USUAL_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page of ``items``; ``next`` is the cursor of the page after it, or None at the end."""

    items: tuple[Any, ...]
    next: str | None

    def body(self) -> dict[str, Any]:
        """The page as a JSON object."""
        return {"items": list(self.items), "next": self.next}


def page_size(given: dict[str, str]) -> int:
    """The parameter ``limit``: 1 to 200."""
    text = given.get("limit", str(USUAL_PAGE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE):
        raise bad_parameter("limit", f"'limit' must be a whole number from 1 to {LARGEST_PAGE}.")
    return int(text)


def cut_page(
    rows: QuerySet[Row],
    given: dict[str, str],
    *,
    after: Callable[[QuerySet[Row], Any], QuerySet[Row]],
    key: Callable[[Row], Any],
    show: Callable[[Row], Any],
) -> Page:
    """One page of ``rows``, which come ordered by ``key``; ``after`` keeps the rows behind a cursor's key."""
    size = page_size(given)
    if "cursor" in given:
        rows = after(rows, read_cursor(given["cursor"]))
    found = list(rows[: size + 1])
    shown = found[:size]
    following = write_cursor(key(shown[-1])) if len(found) > size else None
    return Page(tuple(show(row) for row in shown), following)


def bad_cursor() -> Problem:
    """400 for a cursor that we never gave."""
    return bad_parameter("cursor", "'cursor' is not one that an earlier page gave. Start without it.")


def write_cursor(key: Any) -> str:
    """A key as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Any:
    """The key in a cursor: a whole number or a text. Raises a 400 ``Problem`` for anything else."""
    try:
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        key = None
    fits = isinstance(key, str) or (isinstance(key, int) and not isinstance(key, bool) and 0 <= key < 2**63)
    if not fits or (isinstance(key, str) and ("\x00" in key or not key.isprintable())):
        raise bad_cursor()
    return key


def by_id(rows: QuerySet[Row], cursor: Any) -> QuerySet[Row]:
    """Newest first by id: the rows behind ``cursor``."""
    if not isinstance(cursor, int):
        raise bad_cursor()
    return rows.filter(pk__lt=cursor)


def by_slug(rows: QuerySet[Row], cursor: Any) -> QuerySet[Row]:
    """In the order of slugs: the rows behind ``cursor``."""
    if not isinstance(cursor, str):
        raise bad_cursor()
    return rows.filter(slug__gt=cursor)
