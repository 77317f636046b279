"""Asks the broker how much waits, with little patience: whoever asks has something better to do than wait."""

import threading
import time

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

QUEUE = "celery"
PATIENCE_SECONDS = 0.25
PAUSE_AFTER_FAILURE = 5.0

_lock = threading.Lock()
_quiet_until = 0.0


def queue_length() -> int | None:
    """Messages that wait for a worker; None where the broker does not answer, which is remembered for five seconds."""
    global _quiet_until
    with _lock:
        if time.monotonic() < _quiet_until:
            return None
        client = redis.Redis.from_url(
            settings.CELERY_BROKER_URL,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            return int(client.llen(QUEUE))
        except (redis.RedisError, OSError):
            _quiet_until = time.monotonic() + PAUSE_AFTER_FAILURE
            return None
        finally:
            client.close()
