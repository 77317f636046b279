"""What an API call came to, noted on its response: counts and the first problems, without a value that was sent.

Logs and counters read it there instead of parsing the answer again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse

from pmtrack.web.errors import NOTED, Problem
from pmtrack.web.schema import known_names

SHOWN_PROBLEMS = 3
NOTE = "pmtrack_outcome"
NAMED = re.compile(r"(['`])([a-z0-9_: |]+)\1")
# From the first quote that opens to the last that closes, or to the end where the text was cut off.
QUOTED = re.compile(r"(?<!\w)['\"“`](?:.*['\"”`](?!\w)|.*)", re.DOTALL)
MAIL = re.compile(r"\S+@\S+")
LONG_NUMBER = re.compile(r"\+?\d[\d\s().-]{5,}\d")
# What the decoder calls the types of values.
TYPES = frozenset({"int", "float", "str", "bool", "array", "object", "null", "date", "datetime", "decimal"})
HIDDEN = "…"
KEPT = "\x00"
RESTORE = re.compile(f"{KEPT}(\\d+){KEPT}")
CREATED = 201
ITEM_REFUSED = frozenset({409, 422})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many items became what, what was wrong, and the first bad fields as (pointer, words)."""

    stored: int = 0
    replayed: int = 0
    corrected: int = 0
    refused: int = 0
    problem: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def note_items(
    response: HttpResponse,
    *,
    stored: int = 0,
    replayed: int = 0,
    corrected: int = 0,
    problems: Sequence[Problem] = (),
) -> HttpResponse:
    """Note what became of a call's items; ``problems`` are those of the refused ones. Gives the response back."""
    fields = tuple(found for problem in problems[:SHOWN_PROBLEMS] for found in _fields(problem))[:SHOWN_PROBLEMS]
    said = _said(problems[0]) if problems else ""
    setattr(response, NOTE, Outcome(stored, replayed, corrected, len(problems), said, fields))
    return response


def outcome_of(response: HttpResponse) -> Outcome:
    """What became of the call: as noted, as the problem says, or, for one item, as its status tells."""
    noted: Outcome | None = getattr(response, NOTE, None)
    if noted is not None:
        return noted
    problem: Problem | None = getattr(response, NOTED, None)
    if problem is not None:
        refused = int(response.status_code in ITEM_REFUSED)
        return Outcome(refused=refused, problem=_said(problem), fields=_fields(problem))
    if response.headers.get("Idempotent-Replayed") == "true":
        return Outcome(replayed=1)
    return Outcome(stored=int(response.status_code == CREATED))


def without_values(words: str) -> str:
    """A sentence of ours with everything taken out that a client may have sent; names of our own fields stay."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        if found[2] not in known_names() and not TYPES.issuperset(found[2].split(" | ")):
            return found[0]
        kept.append(found[0])
        return f"{KEPT}{len(kept) - 1}{KEPT}"

    text = NAMED.sub(keep, words.replace(KEPT, ""))
    text = LONG_NUMBER.sub(_unless_a_day, MAIL.sub(HIDDEN, QUOTED.sub(f"'{HIDDEN}'", text)))
    return RESTORE.sub(lambda found: kept[int(found[1])], text)


def known_place(pointer: str) -> str:
    """A pointer whose steps are our own fields and places in a list; whatever else a client named is left open."""
    mark = "?" if pointer.startswith("?") else "/"
    steps = pointer.lstrip(mark).split(mark)
    shown = [step if step.isdecimal() or step in known_names() else HIDDEN for step in steps]
    return mark + mark.join(shown) if pointer else ""


def _said(problem: Problem) -> str:
    """The title, with its words where no field says them."""
    return problem.title if problem.errors else f"{problem.title}: {without_values(problem.detail)}"


def _fields(problem: Problem) -> tuple[tuple[str, str], ...]:
    shown = problem.errors[:SHOWN_PROBLEMS]
    return tuple((known_place(found.pointer), without_values(found.detail)) for found in shown)


def _unless_a_day(found: re.Match[str]) -> str:
    return found[0] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", found[0]) else HIDDEN
