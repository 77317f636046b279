"""Asks the database what it may never answer, frozen or behind a dead network, and waits only so long."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import DatabaseError, InterfaceError, connection

PATIENCE_SECONDS = 2.0
# Questions that hang at the same time; while so many do, the next is not even asked.
MOST_HANGING = 2

Found = TypeVar("Found")
_free = threading.BoundedSemaphore(MOST_HANGING)


class NoAnswer(Exception):
    """The database is away, refuses, or has not answered in time."""


class _Question(threading.Thread, Generic[Found]):
    """One question on a connection of its own, which nobody else waits for."""

    def __init__(self, ask: Callable[[], Found]) -> None:
        super().__init__(daemon=True)
        self.ask = ask
        self.found: list[Found] = []
        self.failed: list[BaseException] = []

    def run(self) -> None:
        """Keep the answer, or what went wrong, for whoever still waits."""
        try:
            self.found.append(self.ask())
        except BaseException as error:
            self.failed.append(error)
        finally:
            connection.close()
            _free.release()


def ask_database(ask: Callable[[], Found]) -> Found:
    """What ``ask`` gives, within two seconds. Raises ``NoAnswer``, and whatever else goes wrong."""
    if not _free.acquire(blocking=False):
        raise NoAnswer
    question = _Question(ask)
    question.start()
    question.join(PATIENCE_SECONDS)
    if question.failed:
        if isinstance(question.failed[0], DatabaseError | InterfaceError):
            raise NoAnswer from question.failed[0]
        raise question.failed[0]
    if not question.found:
        raise NoAnswer
    return question.found[0]
