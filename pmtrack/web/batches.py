"""Batches with an answer for every item: one typed pass when all is well, one item at a time when it is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from django.http import HttpResponse

from pmtrack.web.answers import answer
from pmtrack.web.errors import FieldProblem, Problem
from pmtrack.web.outcomes import note_items
from pmtrack.web.parsing import decode, field_problem

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the item at ``index``: a status and either a value or a problem."""

    index: int
    status: int
    value: dict[str, Any] | None = None
    problem: Problem | None = None

    def body(self) -> dict[str, Any]:
        """The result as a JSON object."""
        if self.problem is not None:
            return {"index": self.index, "status": self.status, "problem": self.problem.body()}
        return {"index": self.index, "status": self.status, **(self.value or {})}


@dataclass(frozen=True, slots=True)
class Decoded(Generic[Item]):
    """The good items with their places, and a result for each bad one."""

    good: tuple[tuple[int, Item], ...]
    bad: tuple[Result, ...]


def decode_items(raws: Sequence[msgspec.Raw], kind: type[Item], *, pointer: str) -> Decoded[Item]:
    """Decode each item by itself, so that each bad one gets its own problem with a pointer into the whole body."""
    good: list[tuple[int, Item]] = []
    bad: list[Result] = []
    for index, raw in enumerate(raws):
        try:
            good.append((index, msgspec.json.decode(raw, type=kind)))
        except (msgspec.DecodeError, ValueError) as error:  # also half a surrogate pair: the frame's pass skips items
            found = field_problem(str(error), kind, f"{pointer}/{index}")
            bad.append(refused(index, 400, "bad-field", f"{found.pointer}: {found.detail}", found))
    return Decoded(tuple(good), tuple(bad))


def refused(index: int, status: int, code: str, detail: str, *errors: FieldProblem) -> Result:
    """A result for an item that was not stored."""
    return Result(index, status, problem=Problem(status, code, detail, errors=errors))


def overall_status(results: Sequence[Result]) -> int:
    """200 all stored or replayed, 422 none, 207 mixed."""
    failed = sum(result.problem is not None for result in results)
    if not failed:
        return 200
    return 422 if failed == len(results) else 207


def decode_batch(body: bytes, kind: type[Item], *, limit: int) -> Item:
    """Decode a batch's frame (its items may be ``msgspec.Raw``). Raises a 400 ``Problem``."""
    return decode(body, kind, limit=limit)


def held_back(index: int) -> Result:
    """An item that was fine but belongs to an atomic batch that was not."""
    return refused(index, 424, "held-back", "Nothing of this atomic batch was stored, because another item is refused.")


def batch_answer(results: Sequence[Result]) -> HttpResponse:
    """The answer to a batch: counts and every item's result, in the order of the items."""
    ordered = sorted(results, key=lambda result: result.index)
    body: dict[str, Any] = {
        "stored": sum(result.status == 201 for result in ordered),
        "replayed": sum(result.status == 200 for result in ordered),
        "refused": sum(result.problem is not None for result in ordered),
        "results": [result.body() for result in ordered],
    }
    return note_items(
        answer(body, status=overall_status(ordered)),
        stored=body["stored"],
        replayed=body["replayed"],
        problems=[result.problem for result in ordered if result.problem is not None],
    )
