"""Looks for the canary in Postgres: every row of every table that was written since, as text."""

from collections.abc import Callable, Iterator
from uuid import UUID

from django.db import connection
from psycopg import sql

from privacy.canary import Canary, is_spotted

_TABLES = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    ORDER BY 1
"""
# The transaction id is looked at before the row is turned into text: tables may be large.
_ROWS = """
    SELECT CASE WHEN age(t.xmin) <= age(%s::text::xid) THEN t::text END
    FROM {table} AS t WHERE age(t.xmin) <= age(%s::text::xid)
"""
_STATEMENTS = "SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


def moment() -> int:
    """The number of this transaction: rows written from now on have a later one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT txid_current() % 4294967296")
        return int(cursor.fetchone()[0])


def spotted(canary: Canary, *, since: int) -> Iterator[str]:
    """Tables with a row that holds a detail of the canary, and whether a statement that ran last does."""
    yield from _tables_with(lambda text: is_spotted(canary, text), since)
    if any(is_spotted(canary, text) for text in _texts(_STATEMENTS, [])):
        yield "pg_stat_activity"


def naming(lead: UUID, *, since: int) -> Iterator[str]:
    """Tables with a row that names a lead."""
    yield from _tables_with(lambda text: str(lead) in text, since)


def _tables_with(wanted: Callable[[str], bool], since: int) -> Iterator[str]:
    for table in list(_texts(_TABLES, [])):
        rows = sql.SQL(_ROWS).format(table=sql.SQL(table))  # Postgres quoted it
        if any(wanted(text) for text in _texts(rows, [since, since])):
            yield table


def _texts(query: str | sql.Composed, params: list[int]) -> Iterator[str]:
    """The first column of each row that has one."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        yield from (text for (text,) in cursor if text)
