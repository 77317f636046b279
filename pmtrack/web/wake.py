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

REFRESH = "metrics.refresh"
EXPIRES_SECONDS = 60
PAUSE_AFTER_FAILURE = 10.0
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Sender:
    """Sends coalesced wake-ups from one daemon thread, started at the first write of this process."""

    def __init__(self, *, pause: float = PAUSE_AFTER_FAILURE) -> None:
        self.pause = pause
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._owner: int | None = None

    def wake(self) -> None:
        """Ask for a refresh; returns at once. A fork starts its own thread at its own first write."""
        if self._owner != os.getpid():
            with self._lock:
                if self._owner != os.getpid():
                    self._wanted = threading.Event()
                    threading.Thread(target=self._run, name="wake", daemon=True).start()
                    self._owner = os.getpid()
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
            if not self._send(app):
                time.sleep(self.pause)  # the breaker: a dead broker is asked every ten seconds

    @staticmethod
    def _send(app: Celery) -> bool:
        """Whether the broker took the message. Any failure is the broker's; the sweep does without it."""
        with contextlib.suppress(Exception):
            app.send_task(REFRESH, expires=EXPIRES_SECONDS, retry=False, ignore_result=True)
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
