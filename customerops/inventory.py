"""What a database holds and which keys read it, in numbers: to see after a restore that nothing is missing.

Kept beside each backup. A fingerprint names a key without telling anything of it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

KEYS = ("CONTACT_ENCRYPTION_KEYS", "SUBJECT_KEYS")
FINGERPRINT_LENGTH = 16


class NoInventoryError(Exception):
    """The text is none of ours."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Rows by table, the newest migration by app, and fingerprints by setting."""

    rows: Mapping[str, int]
    migrations: Mapping[str, str]
    keys: Mapping[str, list[str]]

    def text(self) -> str:
        """As it is kept."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()


def read(text: str | bytes) -> Inventory:
    """One that was kept. Raises NoInventoryError."""
    try:
        told: dict[str, Any] = orjson.loads(text)
        return Inventory(rows=told["rows"], migrations=told["migrations"], keys=told["keys"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise NoInventoryError("this is no inventory") from error


def take() -> Inventory:
    """Count now. A busy system goes on while it counts."""
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)})
    with connection.cursor() as cursor:
        rows = {table: _count(cursor, table) for table in tables}
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return Inventory(rows=rows, migrations=dict(applied), keys=fingerprints())


def fingerprints() -> dict[str, list[str]]:
    """Of the keys in the settings."""
    return {name: [fingerprint(key) for key in getattr(settings, name)] for name in KEYS}


def fingerprint(key: str) -> str:
    """Short, and nobody gets from it to a key of 32 random bytes."""
    return hashlib.sha256(f"customerops fingerprint:{key}".encode()).hexdigest()[:FINGERPRINT_LENGTH]


def missing_keys(then: Inventory, now: Mapping[str, Iterable[str]]) -> list[str]:
    """For each setting that lacks keys of that time, a sentence."""
    found = []
    for name, known in then.keys.items():
        if gone := [one for one in known if one not in now.get(name, ())]:
            found.append(
                f"{name} lacks {len(gone)} of the {len(known)} keys of that time: {', '.join(gone)}."
            )
    return found


def differences(then: Inventory, now: Inventory) -> list[str]:
    """For each table whose rows are not as many as they were, a line."""
    return [
        f"{table}: {then.rows.get(table, 0):,} then, {now.rows.get(table, 0):,} now"
        for table in sorted(then.rows.keys() | now.rows.keys())
        if then.rows.get(table, 0) != now.rows.get(table, 0)
    ]


def _count(cursor: Any, table: str) -> int:
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
    return int(cursor.fetchone()[0])
