"""Statements that go to Postgres in one message: one round trip and, without a BEGIN, one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.backends.utils import CursorWrapper

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """SQL that Postgres plans once for each connection: planning is half of the time of a small write.

    A pooler between us and Postgres has to pool sessions, not transactions.
    """

    name: str
    sql: str  # its parameters read $1::type, $2::type


@dataclass(frozen=True, slots=True)
class Statement:
    """Prepared SQL with its parameters."""

    prepared: Prepared
    params: Sequence[Any]


# The names each open connection knows. Connections go with their threads, and their entries with them.
_known: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def run(*statements: Statement) -> list[Rows]:
    """Run them in order, all or none; answers the rows of each. Inside a transaction they are part of it."""
    with connection.cursor() as cursor:
        known = _known.setdefault(connection.connection, set())
        for one in statements:
            if one.prepared.name not in known:
                cursor.execute(f"PREPARE {one.prepared.name} AS {one.prepared.sql}")
                known.add(one.prepared.name)
        # Parameters are put in on our side, so the message is plain SQL, and Postgres makes one transaction
        # of a message with several statements.
        cursor.execute(
            ";".join(_execution(one) for one in statements),
            [value for one in statements for value in one.params],
        )
        found = [_rows(cursor)]
        while cursor.nextset():
            found.append(_rows(cursor))
    return found


def _execution(statement: Statement) -> str:
    parameters = f" ({', '.join(['%s'] * len(statement.params))})" if statement.params else ""
    return f"EXECUTE {statement.prepared.name}{parameters}"


def _rows(cursor: CursorWrapper) -> Rows:
    return cursor.fetchall() if cursor.description else []
