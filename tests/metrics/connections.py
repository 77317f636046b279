"""A second connection for interleavings: a thread of its own, and a way to see that it waits."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.setup.processes import wait_until

GATE = 4_242

# A statement that reaches the trigger has its snapshot already: it has seen the facts, and has not written yet.
GATED_CELLS = f"""
CREATE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('application_name') = 'gated' THEN
        PERFORM pg_advisory_xact_lock({GATE});
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER test_gate BEFORE INSERT ON metrics_rollup FOR EACH STATEMENT EXECUTE FUNCTION test_gate();
"""
UNGATED_CELLS = "DROP FUNCTION test_gate CASCADE"


class Elsewhere:
    """Runs one function on a connection of its own; ``name`` is that connection's application name."""

    def __init__(self, name: str, work: Callable[[], Any]) -> None:
        self.name, self.work = name, work
        self.result: Any = None
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('application_name', %s, FALSE)", [self.name])
            self.result = self.work()
        except BaseException as error:  # given back by `done`
            self.error = error
        finally:
            connection.close()

    def waits(self) -> "Elsewhere":
        """Return once it waits for a lock; fails if it went through instead."""
        wait_until(lambda: self._is_waiting() or not self.thread.is_alive(), within=10, what=f"{self.name} waits")
        assert self.thread.is_alive(), f"{self.name} did not wait"
        return self

    def _is_waiting(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it saw first
            cursor.execute(
                """SELECT FROM pg_stat_activity
                WHERE application_name = %s AND datname = current_database() AND wait_event_type = 'Lock'""",
                [self.name],
            )
            return cursor.fetchone() is not None

    def done(self) -> Any:
        """What the function gave back, or its error."""
        self.thread.join(timeout=20)
        assert not self.thread.is_alive(), f"{self.name} hangs"
        if self.error is not None:
            raise self.error
        return self.result


@contextmanager
def gate() -> Iterator[Callable[[], None]]:
    """Hold connections named ``gated`` between seeing the facts and writing the cells; call the value to open."""
    opened = False

    def open_gate() -> None:
        nonlocal opened
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])
        opened = True

    with connection.cursor() as cursor:
        cursor.execute(GATED_CELLS)
        cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
    try:
        yield open_gate
    finally:
        if not opened:
            open_gate()
        with connection.cursor() as cursor:
            cursor.execute(UNGATED_CELLS)
