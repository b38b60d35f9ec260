"""A lead that matured without an outcome has ghosted."""

from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from leads import metrics

BATCH = 5000
BEGINNING = (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0))

# A lead that record_outcome is writing for is locked: it is passed over.
_LOCK = """
    SELECT matures_at, id FROM leads_lead AS lead
    WHERE matures_at <= %s AND (matures_at, id) > (%s, %s)
      AND NOT EXISTS (SELECT FROM leads_outcome WHERE lead_id = lead.id)
    ORDER BY matures_at, id LIMIT %s FOR UPDATE SKIP LOCKED
"""
# A second look, now that nobody can add an outcome: one may have been committed since the first was taken.
_INSERT = """
    INSERT INTO leads_outcome (lead_id, state, occurred_at, recorded_at, source, note)
    SELECT id, 'ghosted', matures_at, %s, 'expiry', '' FROM leads_lead AS lead
    WHERE id = ANY(%s) AND NOT EXISTS (SELECT FROM leads_outcome WHERE lead_id = lead.id)
"""


def ghost(*, now: datetime) -> int:
    """Record `ghosted` for every silent matured lead; answers how many. Twice at once is as good as once."""
    total = 0
    done = BEGINNING  # each batch goes on where the one before ended
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_LOCK, [now, *done, BATCH])
            silent = cursor.fetchall()
            cursor.execute(_INSERT, [now, [lead_id for _, lead_id in silent]])
            added = int(cursor.rowcount)
        metrics.OUTCOMES.labels("ghosted").inc(added)
        total += added
        if len(silent) < BATCH:
            return total
        done = silent[-1]
