"""The base of every job: it works under the id of the request that woke it, and says what it did in one line."""

import logging
from time import perf_counter
from typing import Any

from celery import Task

from pmtrack.web.request_ids import WELL_FORMED, current

log = logging.getLogger("pmtrack.jobs")

# The message's header; wake.py sets it.
HEADER = "pmtrack_request_id"


class TracedTask(Task):
    """Celery calls the task through this."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the job; jobs of the schedule, which no request woke, are worth a line only to those who debug."""
        held = self.request.get(HEADER) or (self.request.headers or {}).get(HEADER)
        sent = str(held or "")
        reset = current.set(sent if WELL_FORMED.fullmatch(sent) else "")
        began, status = perf_counter(), "failed"
        try:
            result = super().__call__(*args, **kwargs)
            status = "done"
            return result
        finally:
            fields = {"task": self.name, "task_id": self.request.id, "status": status}
            fields["ms"] = round((perf_counter() - began) * 1000, 1)
            level = logging.INFO if current.get() or status == "failed" else logging.DEBUG
            log.log(level, "job", extra={"fields": fields})
            current.reset(reset)
