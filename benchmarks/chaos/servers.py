"""The embedded Postgres and Valkey, brought back as `manage.py up` does it, unless one is to stay away."""

import os
import signal
import time
from pathlib import Path

import redis
from django.conf import settings

from benchmarks.chaos.killing import POSTGRES, Kill
from customerops import embedded
from customerops.embedded import postgres


class Servers:
    """What happens to the data services in a run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.redis_may_run = True

    def keep(self) -> None:
        """Start again what is gone."""
        if self.redis_may_run:
            embedded.revive_servers()
        elif not postgres.is_running():
            postgres.ensure(dies_with_us=True)

    def crash_postgres(self) -> Kill:
        """kill -9 of the postmaster; its other processes notice and go."""
        pid = int((self._folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        return Kill(time.time(), POSTGRES, pid)

    def flush_redis(self) -> None:
        """Queues, caches, memories: all of it."""
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushall()

    def take_redis_away(self) -> None:
        """kill -9, and no return for now."""
        self.redis_may_run = False
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            os.kill(client.info("server")["process_id"], signal.SIGKILL)

    def give_redis_back(self) -> None:
        """The next look starts it."""
        self.redis_may_run = True
