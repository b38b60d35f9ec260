"""Celery beat that fires once however many beats run, and outlives its Postgres and its broker.

The beat that holds an advisory lock fires; the others wait and take over when its connection ends.
"""

import time
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django_celery_beat.schedulers import DatabaseScheduler
from kombu.exceptions import OperationalError
from redis import RedisError

from customerops import beat_tick

LOCK = 0x6F707362  # "opsb"; other locks of the product are pairs of numbers or transaction locks
STANDBY_SECONDS = 2.0
RETRY_SECONDS = 2.0
REMINDER_SECONDS = 60.0

log = structlog.get_logger(__name__)


class Leadership:
    """An advisory lock of Postgres on a connection of its own: it ends when the process does."""

    def __init__(self) -> None:
        self._connection: BaseDatabaseWrapper | None = None

    def held(self) -> bool:
        """Whether we hold the lock now, after trying to take it. Raises DatabaseError."""
        try:
            if self._connection is None:
                self._connection = connections.create_connection("default")
                return self._ask("SELECT pg_try_advisory_lock(%s)", LOCK) or self._close()
            return self._ask("SELECT %s > 0", LOCK)  # the lock is ours as long as this session answers
        except (DatabaseError, InterfaceError):
            self._close()
            raise

    def release(self) -> None:
        """Let another beat lead."""
        self._close()

    def _ask(self, question: str, value: int) -> bool:
        assert self._connection is not None  # noqa: S101 - for the type checker
        with self._connection.cursor() as cursor:
            cursor.execute(question, [value])
            row = cursor.fetchone()
        return bool(row and row[0])

    def _close(self) -> bool:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()
        return False


class SingleBeatScheduler(DatabaseScheduler):  # type: ignore[misc] # untyped
    """django-celery-beat's scheduler behind a lock."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._leadership = Leadership()
        self._leads = False
        self._silent_until = 0.0
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Read nothing yet: the rows are read when we come to lead, and may have changed by then."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Fire what is due if we lead. An error of a data service costs a moment, never the process."""
        try:
            if not self._is_leading():
                return STANDBY_SECONDS
            seconds = float(super().tick(*args, **kwargs))
            beat_tick.record()
        except (DatabaseError, InterfaceError, RedisError, OperationalError, OSError) as error:
            self._wait(str(error).strip())
            return RETRY_SECONDS
        self._silent_until = 0.0
        return seconds

    def _wait(self, error: str) -> None:
        """Said at once, then once a minute for as long as it lasts."""
        if time.monotonic() >= self._silent_until:
            log.warning("beat_waits", error=error)
            self._silent_until = time.monotonic() + REMINDER_SECONDS
        connections.close_all()

    def sync(self) -> None:
        """Write when entries ran. What cannot be written now is kept: the library would forget it."""
        try:
            while self._dirty:
                name = next(iter(self._dirty))
                self._save(name)
                self._dirty.discard(name)
        except (DatabaseError, InterfaceError) as error:
            log.warning("schedule_not_written", error=str(error).strip())
            connections.close_all()

    def close(self) -> None:
        """Write, then let another beat lead."""
        super().close()
        self._leadership.release()

    def _save(self, name: str) -> None:
        try:
            self._schedule[name].save()
        except (KeyError, ObjectDoesNotExist):
            log.info("schedule_row_gone", name=name)

    def _is_leading(self) -> bool:
        was_leading, self._leads = self._leads, False
        self._leads = self._leadership.held()
        if self._leads and not was_leading:
            log.info("beat_leads")
            self._read_again()
        elif was_leading and not self._leads:
            log.warning("beat_stands_by")
        return self._leads

    def _read_again(self) -> None:
        # Another beat may have fired since we last looked; its runs are in the rows.
        self._dirty.clear()
        self._initial_read = True
        self._heap = None
        self.old_schedulers = None
