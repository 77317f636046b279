"""One wake-up after each successful write, sent from a thread: no request ever waits for the broker.

The message is a hint; PostgreSQL holds the truth and the sweep follows within seconds, so a lost one costs nothing.
"""

import contextlib
import os
import threading
import time
from collections.abc import Callable

from celery import Celery
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from pmtrack.web.jobs import HEADER
from pmtrack.web.request_ids import current

REFRESH = "metrics.refresh"
EXPIRES_SECONDS = 60
PAUSE_AFTER_FAILURE = 10.0
# A message costs as much as storing a hundred rows, so a client that sends batch after batch shares a few.
PAUSE_BETWEEN = 0.1
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Sender:
    """Sends coalesced wake-ups from one daemon thread, started at the first write of this process."""

    def __init__(self, *, pause: float = PAUSE_AFTER_FAILURE) -> None:
        self.pause = pause
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._owner: int | None = None
        self._asked_by = ""

    def wake(self) -> None:
        """Ask for a refresh; returns at once. A fork starts its own thread at its own first write."""
        if self._owner != os.getpid():
            with self._lock:
                if self._owner != os.getpid():
                    self._wanted = threading.Event()
                    threading.Thread(target=self._run, name="wake", daemon=True).start()
                    self._owner = os.getpid()
        self._asked_by = current.get()  # several may share a message; the last one lends its id
        self._wanted.set()

    @property
    def awake(self) -> bool:
        """Whether anything was ever asked of it in this process."""
        return self._owner == os.getpid()

    def _run(self) -> None:
        wanted = self._wanted
        app = Celery("pmtrack-wake", set_as_current=False)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        while True:
            wanted.wait()
            wanted.clear()
            sent = self._send(app, self._asked_by)
            time.sleep(PAUSE_BETWEEN if sent else self.pause)  # the breaker: a dead broker is asked every ten seconds

    @staticmethod
    def _send(app: Celery, asked_by: str = "") -> bool:
        """Whether the broker took the message. Any failure is the broker's; the sweep does without it."""
        with contextlib.suppress(Exception):
            headers = {HEADER: asked_by} if asked_by else {}
            app.send_task(REFRESH, expires=EXPIRES_SECONDS, retry=False, ignore_result=True, headers=headers)
            return True
        return False


sender = Sender()


class WakeMiddleware:
    """Wakes the workers after the response of a successful write is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; wake afterwards."""
        response = self.get_response(request)
        if request.method in UNSAFE and response.status_code < 400 and settings.WAKE_AFTER_WRITES:
            sender.wake()
        return response
