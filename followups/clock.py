"""What time it is: as Postgres tells, counted on between two looks. No clock of this machine can jump in."""

from datetime import datetime, timedelta
from time import monotonic

from django.db import connection

LOOK_SECONDS = 1.0


def postgres_now() -> datetime:
    """The time of the one clock that all dispatchers share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    return moment  # type: ignore[no-any-return]


class Clock:
    """The thread that owns a connection calls `look` now and then; any thread reads `now`."""

    def __init__(self) -> None:
        self._told: tuple[datetime, float] | None = None

    def look(self) -> None:
        """Ask Postgres, once a second."""
        if self._told is None or monotonic() - self._told[1] > LOOK_SECONDS:
            self._told = postgres_now(), monotonic()

    def now(self) -> datetime:
        """By the last look."""
        if self._told is None:
            self.look()
        assert self._told is not None  # noqa: S101 - for the type checker
        moment, looked_at = self._told
        return moment + timedelta(seconds=monotonic() - looked_at)
