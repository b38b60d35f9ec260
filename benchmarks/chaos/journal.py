"""Postgres writes down what becomes of each follow-up: every state it had, who held it, when.

A trigger writes, in the transaction that changes the row: what is in the journal happened, and nothing else
did. `began` is when the statement reached Postgres: whatever was committed before, that statement has seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

KEEP = """
    CREATE TABLE chaos_journal (
        id bigint GENERATED ALWAYS AS IDENTITY, followup uuid, status text, reason text, fence int,
        attempts int, holder text, began double precision, at double precision
    );
    CREATE FUNCTION chaos_write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO chaos_journal (followup, status, reason, fence, attempts, holder, began, at)
        VALUES (NEW.id, NEW.status, NEW.reason, NEW.fence, NEW.attempts, NEW.claimed_by,
                extract(epoch FROM statement_timestamp()), extract(epoch FROM clock_timestamp()));
        RETURN NULL;
    END $$;
    CREATE TRIGGER chaos_born AFTER INSERT ON followups_followup FOR EACH ROW EXECUTE FUNCTION chaos_write();
    CREATE TRIGGER chaos_changed AFTER UPDATE ON followups_followup FOR EACH ROW
        WHEN ((OLD.status, OLD.reason, OLD.fence) IS DISTINCT FROM (NEW.status, NEW.reason, NEW.fence))
        EXECUTE FUNCTION chaos_write();
"""
READ = (
    "SELECT followup::text, status, reason, fence, attempts, holder, began, at FROM chaos_journal ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A state of a follow-up, from `at` (seconds of the epoch) until its next entry."""

    followup: str
    status: str
    reason: str
    fence: int
    attempts: int
    holder: str
    began: float
    at: float


def keep() -> None:
    """From now on."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP)


def entries() -> Iterator[Entry]:
    """All, in the order they were written."""
    with connection.cursor() as cursor:
        cursor.execute(READ)
        for row in cursor:
            yield Entry(*row)
