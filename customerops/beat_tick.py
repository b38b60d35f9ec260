"""When the leading beat last ticked.

A key in Redis, not a row: it says that beat lives, not what happened. It is written every few seconds, which
in Postgres would leave as many dead rows behind, and a beat that cannot reach Redis cannot send tasks either.
"""

import contextlib
import time

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

KEY = "beat:tick"
KEPT_SECONDS = 24 * 3600


def client() -> redis.Redis:
    """A connection that answers or fails within a second."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )


def record() -> None:
    """Beat ticked now."""
    with contextlib.closing(client()) as connection:
        connection.set(KEY, repr(time.time()), ex=KEPT_SECONDS)


def seconds_ago() -> float | None:
    """How long ago beat ticked; None when it never did. Raises redis.RedisError."""
    with contextlib.closing(client()) as connection:
        found = connection.get(KEY)
    return None if found is None else max(0.0, time.time() - float(found))
