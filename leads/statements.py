"""Statements that go to Postgres in one message: one round trip and, without a BEGIN, one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with its parameters."""

    sql: str
    params: Sequence[Any] = ()


def run(*statements: Statement) -> list[Rows]:
    """Run them in order, all or none; answers the rows of each. Inside a transaction they are part of it."""
    with connection.cursor() as cursor:
        # Parameters are put in on our side, so the message is plain SQL, and Postgres makes one transaction
        # of a message with several statements.
        cursor.execute(
            ";".join(one.sql for one in statements), [value for one in statements for value in one.params]
        )
        found = [_rows(cursor)]
        while cursor.nextset():
            found.append(_rows(cursor))
    return found


def _rows(cursor: CursorWrapper) -> Rows:
    return cursor.fetchall() if cursor.description else []
