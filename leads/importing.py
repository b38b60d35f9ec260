"""A history file into the database: chunks by COPY, upserts by external id; a second run changes nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

import orjson
from django.db import connection, transaction
from uuid6 import uuid7

from leads.csvfile import History, HistoryLead, Reject
from privacy import tombstones

CHUNK = 5000

_INCOMING = """
    CREATE TEMPORARY TABLE IF NOT EXISTS incoming (
        id uuid, external_id text, source text, attributes jsonb, created_at timestamptz,
        matures_at timestamptz, state text, occurred_at timestamptz
    ) ON COMMIT DELETE ROWS
"""
_COPY = "COPY incoming FROM STDIN"
# In the order of `storing`: two that share some leads never wait for each other in a ring.
_LEADS = """
    INSERT INTO leads_lead (id, external_id, source, attributes, timezone, created_at, recorded_at,
                            matures_at, grade)
    SELECT id, external_id, source, attributes, 'UTC', created_at, %s, matures_at, '' FROM incoming
    ORDER BY external_id COLLATE "C"
    ON CONFLICT (external_id) DO UPDATE
    SET source = excluded.source, attributes = excluded.attributes, created_at = excluded.created_at,
        matures_at = excluded.matures_at
    WHERE (leads_lead.source, leads_lead.attributes, leads_lead.created_at, leads_lead.matures_at)
          IS DISTINCT FROM (excluded.source, excluded.attributes, excluded.created_at, excluded.matures_at)
    RETURNING id, xmax = 0
"""
# The first outcome of a lead counts from the day it happened, as if it had been reported then; one that
# differs from what an earlier import said is a correction and becomes the newest row.
_OUTCOMES = """
    INSERT INTO leads_outcome (lead_id, state, occurred_at, recorded_at, source, note)
    SELECT lead.id, incoming.state, happened.at,
           CASE WHEN newest.at IS NULL THEN happened.at ELSE greatest(newest.at, %(now)s) END, 'import', ''
    FROM incoming
    JOIN leads_lead AS lead USING (external_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(incoming.occurred_at, least(lead.matures_at, %(now)s)) AS at
    ) AS happened
    LEFT JOIN LATERAL (
        SELECT recorded_at AS at FROM leads_outcome WHERE lead_id = lead.id ORDER BY recorded_at DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
        SELECT state, occurred_at FROM leads_outcome WHERE lead_id = lead.id AND source = 'import'
        ORDER BY recorded_at DESC, id DESC LIMIT 1
    ) AS before ON true
    WHERE incoming.state IS NOT NULL
      AND (before.state IS NULL OR before.state <> incoming.state
           OR before.occurred_at <> coalesce(incoming.occurred_at, before.occurred_at))
"""


@dataclass(slots=True)
class ImportReport:
    """What became of the rows of a file."""

    rows: int = 0
    rejected: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    outcomes: int = 0
    future: int = 0  # endings dated after now: the leads go in, the endings with a later import

    def sentences(self) -> list[str]:
        """For people."""
        lines = [
            f"{self.rows:,} rows read, {self.rejected:,} rejected.",
            f"{self.created:,} leads created, {self.changed:,} changed, {self.unchanged:,} as they were;"
            f" {self.outcomes:,} outcomes recorded.",
        ]
        if self.future:
            lines.append(f"{self.future:,} outcomes lie in the future and were left out.")
        return lines


def import_history(
    *,
    history: History,
    now: datetime,
    on_rows: Callable[[int], object] = lambda rows: None,
    on_reject: Callable[[Reject], object] = lambda reject: None,
    on_created: Callable[[Sequence[UUID]], object] = lambda leads: None,
    dry_run: bool = False,
) -> ImportReport:
    """Bring the file in, one transaction for each chunk; memory does not grow with the file.

    `on_created` is given a chunk's new leads within its transaction.
    """
    report = ImportReport()
    records = iter(history)
    while chunk := list(islice(records, CHUNK)):
        leads = [record for record in chunk if isinstance(record, HistoryLead)]
        for record in chunk:
            if isinstance(record, Reject):
                on_reject(record)
        report.rows += len(chunk)
        with transaction.atomic():
            welcome = _not_erased(leads, on_reject)
            report.rejected += len(chunk) - len(welcome)
            if dry_run:
                _count_only(welcome, now, report)
            else:
                on_created(_store(welcome, now, report))
        on_rows(len(chunk))
    return report


def _not_erased(leads: Sequence[HistoryLead], on_reject: Callable[[Reject], object]) -> Sequence[HistoryLead]:
    """Without erased people; nobody is erased until the transaction ends."""
    tombstones.beside()
    erased = tombstones.erased_external_ids([lead.external_id for lead in leads])
    for lead in leads:
        if lead.external_id in erased:
            on_reject(Reject(lead.line, "this lead was erased"))
    return [lead for lead in leads if lead.external_id not in erased]


def _store(leads: Sequence[HistoryLead], now: datetime, report: ImportReport) -> list[UUID]:
    """Answers the leads that are new."""
    with connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        with cursor.copy(_COPY) as copy:
            for row in _rows(leads, now):
                copy.write_row(row)
        cursor.execute(_LEADS, [now])
        touched = cursor.fetchall()
        cursor.execute(_OUTCOMES, {"now": now})
        report.outcomes += cursor.rowcount
        # within a caller's transaction there is no commit to empty the table
        cursor.execute("TRUNCATE incoming")
    created = [lead for lead, new in touched if new]
    report.created += len(created)
    report.changed += len(touched) - len(created)
    report.unchanged += len(leads) - len(touched)
    report.future += sum(_is_future(lead, now) for lead in leads)
    return created


def _rows(leads: Iterable[HistoryLead], now: datetime) -> Iterable[tuple[object, ...]]:
    for lead in leads:
        state = None if _is_future(lead, now) else lead.state
        yield (
            str(uuid7()),
            lead.external_id,
            lead.source,
            orjson.dumps(lead.attributes).decode(),
            lead.created_at,
            lead.matures_at,
            state,
            lead.occurred_at,
        )


def _is_future(lead: HistoryLead, now: datetime) -> bool:
    return lead.occurred_at is not None and lead.occurred_at > now


def _count_only(leads: Sequence[HistoryLead], now: datetime, report: ImportReport) -> None:
    """What a run would do, by reading alone. Known leads are taken as unchanged."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM leads_lead WHERE external_id = ANY(%s)",
            [[lead.external_id for lead in leads]],
        )
        known = int(cursor.fetchone()[0])
    report.created += len(leads) - known
    report.unchanged += known
    report.future += sum(_is_future(lead, now) for lead in leads)
    report.outcomes += sum(lead.state is not None and not _is_future(lead, now) for lead in leads)
