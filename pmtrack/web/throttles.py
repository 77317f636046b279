"""So many requests a minute for each token, over all web processes; each counts alone while Valkey is away."""

import threading
import time
from collections import OrderedDict

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from pmtrack.web.shared_cache import shared

WINDOW_SECONDS = 60.0
REMEMBERED = 10_000
# One more in the window that the first one opened: how many it holds, and milliseconds until it closes.
HIT = """
local held = redis.call('INCR', KEYS[1])
if held == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {held, redis.call('PTTL', KEYS[1])}
"""


class TokenThrottle(BaseThrottle):
    """A fixed window for each token. One question to Valkey, about a tenth of a millisecond (docs/decisions/0010)."""

    _lock = threading.Lock()
    _windows: OrderedDict[int, tuple[float, int]] = OrderedDict()

    def __init__(self) -> None:
        self._wait = 0.0

    def allow_request(self, request: Request, view: object) -> bool:
        """Count this request; False past the limit."""
        token_id = getattr(request.auth, "pk", None)
        if token_id is None:
            return True
        held = shared(settings.CELERY_BROKER_URL)

        def together() -> tuple[int, float]:
            window = round(WINDOW_SECONDS * 1000)
            count, left = held.client.eval(HIT, 1, f"pmtrack:rate:{token_id}", window)
            return int(count), int(left) / 1000

        count, self._wait = held.ask(together, lambda: self._alone(token_id))
        return count <= settings.API_RATE_PER_MINUTE

    def wait(self) -> float:
        """Seconds until the window ends."""
        return self._wait

    def _alone(self, token_id: int) -> tuple[int, float]:
        """The same, counted in this process."""
        now = time.monotonic()
        with self._lock:
            started, count = self._windows.pop(token_id, (now, 0))
            if now - started >= WINDOW_SECONDS:
                started, count = now, 0
            self._windows[token_id] = (started, count + 1)
            while len(self._windows) > REMEMBERED:
                self._windows.popitem(last=False)
        return count + 1, WINDOW_SECONDS - (now - started)
