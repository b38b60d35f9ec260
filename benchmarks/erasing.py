"""`python -m benchmarks.erasing`: erasure, its tombstones and retention among 100,000 leads.

Its throw-away servers wait for no disk: in earnest each commit takes that longer. Every lead has an outcome,
a prediction, two messages and the digests of a contact.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from django.db import connection

from benchmarks import matured, throwaway
from benchmarks.timing import spread, timed
from customerops import erasing, intake, returning
from leads import retention
from leads.models import Lead
from leads.people import Subject
from leads.services import NewLead

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TRIES = 200
FURNISH = """
    UPDATE leads_lead SET external_id = 'lead-' || id, recorded_at = created_at,
           email_digest = md5('e' || id)::uuid, phone_digest = md5('p' || id)::uuid;
    INSERT INTO leads_message (lead_id, position, role, text, detector_version, sent_at, received_at, intent,
                               sentiment, urgency, words, enrichment_version, corrected_intent,
                               corrected_sentiment, corrected_urgency, corrected_by)
    SELECT id, n, 'lead', 'a double room, please', 1, created_at, created_at,
           '', '', '', '{}', '', '', '', '', ''
    FROM leads_lead, generate_series(1, 2) AS n;
    VACUUM ANALYZE;
"""
STONES = """
    INSERT INTO privacy_tombstone (name, digest, erased_at, erasure)
    SELECT 'email', md5('stone' || n)::uuid, now(), gen_random_uuid() FROM generate_series(1, %s) AS n
"""


def main() -> None:
    """Fill, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    asked = parser.parse_args()
    with throwaway.servers(durable=False):
        for line in _told(asked.leads):
            sys.stdout.write(line + "\n")


def _told(count: int) -> Iterator[str]:
    matured.load(count=count, seed=7)
    with connection.cursor() as cursor:
        for statement in FURNISH.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
    yield f"{count:,} leads, each with an outcome, a prediction and two messages"
    yield spread("a lead comes in, no tombstone yet", _intake())
    yield spread("erase one lead", _erasures())
    yield spread("a lead comes in, some tombstones", _intake())
    with connection.cursor() as cursor:
        cursor.execute(STONES, [100_000])
        cursor.execute("ANALYZE privacy_tombstone")  # as autovacuum does within a minute
    yield spread("a lead comes in, 100,000 tombstones", _intake())
    look = partial(returning.erase_again, actor="bench", now=NOW)
    found, seconds = timed(look)
    yield f"{'copy 100,000 tombstones, look at all':<40} {seconds:8.1f} s    {found.copied:,} copied"
    found, seconds = timed(look)
    yield f"{'look at every lead for erased ones':<40} {seconds:8.1f} s    {found.looked_at:,} leads"
    kept, seconds = timed(lambda: retention.apply(now=NOW + timedelta(days=3000)))
    yield f"{'retention of all':<40} {seconds:8.1f} s    {kept.leads:,} leads, {kept.messages:,} messages"


def _erasures() -> list[float]:
    subjects = [Subject.lead(lead.pk) for lead in Lead.objects.only("pk").order_by("email_digest")[:TRIES]]
    erase = partial(erasing.erase, actor="bench", reason="asked by letter", now=NOW)
    return [timed(partial(erase, subject=subject))[1] for subject in subjects]


def _intake() -> list[float]:
    contact = {"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+49 731 1234567"}
    lead = NewLead(contact=contact, attributes={"visits": 3, "city": "Ulm"})
    for _ in range(TRIES):  # plans are made
        intake.receive(leads=[lead], now=NOW)
    return [timed(lambda: intake.receive(leads=[lead], now=NOW))[1] for _ in range(10 * TRIES)]


if __name__ == "__main__":
    main()
