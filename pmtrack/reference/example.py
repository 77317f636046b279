"""What an example of a call is, and the refusals that many calls share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY_REUSED = (
    422,
    "key-reused",
    "The key belongs to another content already. Both fingerprints are told; send a new key.",
)
OUT_OF_REACH = (
    403,
    "out-of-reach",
    "The token is for another product or team, or its maker may not write there today.",
)
UNKNOWN = (404, "not-found", "There is no such thing, or not for this caller.")
BAD_PARAMETER = (400, "bad-parameter", "A parameter is unknown, given twice, or not of its kind.")


@dataclass(frozen=True, slots=True)
class Example:
    """How one call is made: its path below ``/api/v1`` with its query, its body, and the status that it answers.

    ``refusals`` are the errors that are this call's own: status, code, and what to do.
    """

    title: str
    path: str
    status: int = 200
    body: Mapping[str, Any] | None = None
    refusals: tuple[tuple[int, str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """Calls that belong together, in the order of the page."""

    slug: str
    title: str
    words: str
    calls: Mapping[str, Example]
