"""A bell between processes, rung on Redis when the champion changed. It saves waiting; nobody needs it."""

import contextlib
import time

import redis
import structlog
from django.conf import settings
from redis.client import PubSub

CHANNEL = "customerops:champion"
PATIENCE_SECONDS = 0.5

log = structlog.get_logger(__name__)


def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=None,
    )


def ring() -> None:
    """Wake every poller now. With Redis down they look by themselves a moment later."""
    try:
        with contextlib.closing(_client()) as client:
            client.publish(CHANNEL, b"")
    except (redis.RedisError, OSError) as error:
        log.warning("wakeup_not_sent", error=str(error))


class Bell:
    """One listener; not shared between threads."""

    def __init__(self) -> None:
        self._subscription: PubSub | None = None

    def wait(self, seconds: float) -> None:
        """Return when the bell rings or after `seconds`, whether Redis is there or not."""
        deadline = time.monotonic() + seconds
        try:
            self._hear(deadline)
        except (redis.RedisError, OSError):
            self.close()
            time.sleep(max(0.0, deadline - time.monotonic()))

    def _hear(self, deadline: float) -> None:
        if self._subscription is None:
            self._subscription = PubSub(_client().connection_pool, ignore_subscribe_messages=True)
            self._subscription.subscribe(CHANNEL)
        while (left := deadline - time.monotonic()) > 0:
            if self._subscription.get_message(timeout=left) is not None:
                return

    def close(self) -> None:
        """Give the connection back."""
        if self._subscription is not None:
            with contextlib.suppress(redis.RedisError, OSError):
                self._subscription.close()
            self._subscription = None
