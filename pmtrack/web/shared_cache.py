"""What all web processes count together, in Valkey; each counts alone while Valkey is away, and nobody waits for it long."""

import functools
import json
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from redis.backoff import NoBackoff
from redis.retry import Retry

PATIENCE_SECONDS = 0.05
PAUSE_SECONDS = 5.0
Answer = TypeVar("Answer")


class Shared:
    """Valkey, asked with little patience; after a failure it is left alone for a while, and then one thread tries."""

    def __init__(self, url: str) -> None:
        self.client = redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._lock = threading.Lock()
        self._failed = False
        self._quiet_until = 0.0

    def ask(self, far: Callable[[], Answer], near: Callable[[], Answer]) -> Answer:
        """What ``far`` gives, which asks Valkey; what ``near`` gives where Valkey does not answer."""
        with self._lock:
            now = time.monotonic()
            if self._failed and now < self._quiet_until:
                return near()
            self._quiet_until = now + PAUSE_SECONDS
        try:
            answer = far()
        except (redis.RedisError, OSError):
            with self._lock:
                self._failed, self._quiet_until = True, time.monotonic() + PAUSE_SECONDS
            return near()
        self._failed = False
        return answer


@functools.cache
def shared(url: str) -> Shared:
    """The one of this process for a server."""
    return Shared(url)


class SharedCache(BaseCache):
    """Django's cache for a few small values: the counts of the sign-in's limits. JSON only, so that nothing read is run."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._url = location
        self._near = LocMemCache(location, params)

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Store what is not there yet; whether it was not."""
        name, kept, life = self.make_and_validate_key(key, version), json.dumps(value), self._life(timeout)
        held = shared(self._url)
        return held.ask(
            lambda: bool(held.client.set(name, kept, ex=life, nx=True)),
            lambda: self._near.add(key, value, timeout, version),
        )

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The value, or ``default``."""
        name, held = self.make_and_validate_key(key, version), shared(self._url)

        def far() -> Any:
            found = held.client.get(name)
            return default if found is None else json.loads(found)

        return held.ask(far, lambda: self._near.get(key, default, version))

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Store the value."""
        name, kept, life = self.make_and_validate_key(key, version), json.dumps(value), self._life(timeout)
        held = shared(self._url)
        held.ask(
            lambda: bool(held.client.set(name, kept, ex=life)),
            lambda: bool(self._near.set(key, value, timeout, version)),
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget the value; whether it was there."""
        name, held = self.make_and_validate_key(key, version), shared(self._url)
        return held.ask(lambda: bool(held.client.delete(name)), lambda: self._near.delete(key, version))

    def clear(self) -> None:
        """Forget every value of ours; the broker's messages in the same server stay."""
        held = shared(self._url)
        self._near.clear()
        names = f"{self.key_prefix}:*"
        held.ask(lambda: [held.client.delete(name) for name in held.client.scan_iter(names)], list)

    def _life(self, timeout: Any) -> int | None:
        """Whole seconds; None for ever."""
        given = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return None if given is None else max(1, int(given))
