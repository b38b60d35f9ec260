"""The statement that stores new leads, with the digests their people are found and kept away by."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from leads.models import Lead
from leads.opting_out import OPTED_OUT_BEFORE
from leads.statements import Prepared, Statement
from privacy.digests import named
from privacy.encryption import cipher
from privacy.tombstones import IS_ERASED

# For one lead or a thousand. One JSON document instead of arrays, whose quoting in Python takes
# longer than the insert itself. ON CONFLICT waits for a concurrent insert of the same external id,
# so the look-up that follows finds its row.
_STORE = Prepared(
    "store_leads",
    f"""
    INSERT INTO leads_lead (id, external_id, source, attributes, contact, timezone, created_at, recorded_at,
                            matures_at, opted_out_at, replied_at, turns_heard, signals, probability, grade,
                            model_version, scored_at, email_digest, phone_digest)
    SELECT id, external_id, source, attributes, convert_to(contact, 'UTF8'), timezone, created_at,
           $1::timestamptz, matures_at, coalesce(opted_out_at, {OPTED_OUT_BEFORE}), replied_at, turns_heard,
           signals, probability, grade, model_version, scored_at, email_digest, phone_digest
    FROM jsonb_to_recordset($2::jsonb)
         AS new (id uuid, external_id text, source text, attributes jsonb, contact text, timezone text,
                 created_at timestamptz, matures_at timestamptz, opted_out_at timestamptz,
                 replied_at timestamptz, turns_heard int, signals jsonb, probability float8, grade text,
                 model_version bigint, scored_at timestamptz,
                 email_digest uuid, phone_digest uuid, digests uuid[])
    WHERE NOT {IS_ERASED}
    ON CONFLICT (external_id) DO NOTHING
    RETURNING id, opted_out_at
    """,  # noqa: S608 - a condition of ours
)


def storing(rows: Sequence[Lead], *, now: datetime) -> Statement:
    """Stores those that are neither known nor erased; answers their ids, and when each opted out."""
    # Every batch takes external ids in one order: two that share some never wait for each other in a ring.
    ordered = sorted(rows, key=lambda row: row.external_id or "")
    return Statement(_STORE, [now, orjson.dumps([_columns(row) for row in ordered]).decode()])


def _columns(row: Lead) -> dict[str, object]:
    return {
        **named(external_id=row.external_id, contact=row.contact),
        "id": row.id,
        "external_id": row.external_id,
        "source": row.source,
        "attributes": row.attributes,
        "contact": cipher().encrypt(orjson.dumps(row.contact)).decode() if row.contact else None,
        "timezone": row.timezone,
        "created_at": row.created_at,
        "matures_at": row.matures_at,
        "opted_out_at": row.opted_out_at,
        "replied_at": row.replied_at,
        "turns_heard": row.turns_heard,
        "signals": row.signals,
        "probability": row.probability,
        "grade": row.grade,
        "model_version": row.model_version,
        "scored_at": row.scored_at,
    }
