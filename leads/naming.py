"""Digests for contacts that were stored before there were any, so that their people are found as well."""

from uuid import UUID

import orjson
from cryptography.fernet import InvalidToken
from django.db import connection

from privacy.digests import named
from privacy.encryption import cipher

PIECE = 1000
_READ = """
    SELECT id, contact FROM leads_lead
    WHERE contact IS NOT NULL AND email_digest IS NULL AND phone_digest IS NULL AND id > %s
    ORDER BY id LIMIT %s
"""
_WRITE = """
    UPDATE leads_lead SET email_digest = new.email, phone_digest = new.phone
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS new (id, email, phone)
    WHERE leads_lead.id = new.id
"""


def digest_contacts() -> int:
    """Answers how many leads can be found now; those whose key is gone cannot."""
    found, after = 0, UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_READ, [after, PIECE])
            rows = cursor.fetchall()
            if not rows:
                return found
            digested = [(lead, *_digests(bytes(contact))) for lead, contact in rows]
            known = [row for row in digested if row[1] or row[2]]
            columns = [list(column) for column in zip(*known, strict=True)] or [[], [], []]
            cursor.execute(_WRITE, columns)
        found, after = found + len(known), rows[-1][0]


def _digests(contact: bytes) -> tuple[object, object]:
    try:
        plain = orjson.loads(cipher().decrypt(contact))
    except InvalidToken:
        return None, None
    digests = named(external_id=None, contact=plain)
    return digests["email_digest"], digests["phone_digest"]
