"""So many requests a minute for each token, counted in the process: no request ever waits for Redis."""

import threading
import time
from collections import OrderedDict

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

WINDOW_SECONDS = 60.0
REMEMBERED = 10_000


class TokenThrottle(BaseThrottle):
    """A fixed window for each token. With several web processes each counts for itself."""

    _lock = threading.Lock()
    _windows: OrderedDict[int, tuple[float, int]] = OrderedDict()

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: object) -> bool:
        """Count this request; False past the limit."""
        token_id = getattr(request.auth, "pk", None)
        if token_id is None:
            return True
        now = time.monotonic()
        with self._lock:
            started, count = self._windows.pop(token_id, (now, 0))
            if now - started >= WINDOW_SECONDS:
                started, count = now, 0
            self._windows[token_id] = (started, count + 1)
            while len(self._windows) > REMEMBERED:
                self._windows.popitem(last=False)
        self._wait = WINDOW_SECONDS - (now - started)
        return count < settings.API_RATE_PER_MINUTE

    def wait(self) -> float:
        """Seconds until the window ends."""
        return self._wait
