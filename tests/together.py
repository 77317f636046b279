"""The same work on many connections, all starting at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Given = TypeVar("Given")
Result = TypeVar("Result")


def at_once(work: Callable[[Given], Result], given: Sequence[Given]) -> list[Result]:
    """What ``work`` gave back for each of ``given``, in their order; its errors are raised."""
    gate = Barrier(len(given))

    def run(one: Given) -> Result:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return work(one)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(run, given))
