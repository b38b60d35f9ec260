"""How long a web request waits for a lock in Postgres, so that one that hangs does not take every thread."""

from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


def bound() -> None:
    """From now on, for each connection of this process; not at all when DATABASE_LOCK_SECONDS is 0."""
    if settings.DATABASE_LOCK_SECONDS:
        connection_created.connect(_bound)


def _bound(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    # Said to the session: many poolers refuse it as a start-up option.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{settings.DATABASE_LOCK_SECONDS}s"])
