"""Advisory locks of Postgres: one writer at a time, released with the transaction."""

import enum

from django.db import connection


class Lock(enum.IntEnum):
    """What may be written by one transaction at a time."""

    REGISTRY = 7_301
    RUNS = 7_302
    DECISIONS = 7_303
    MEASUREMENTS = 7_304


def hold(lock: Lock) -> None:
    """Wait for `lock` and keep it until the surrounding transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(lock)])
