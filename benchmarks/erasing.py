"""`python -m benchmarks.erasing`: erasure, its tombstones and retention among 100,000 leads.

Its throw-away servers wait for no disk: in earnest each commit takes that longer. Every lead has an outcome,
a prediction, two messages and the digests of a contact.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

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
    with servers():
        for line in _told(asked.leads):
            sys.stdout.write(line + "\n")


@contextmanager
def servers() -> Iterator[None]:
    """Throw-away ones, while the block runs."""
    with tempfile.TemporaryDirectory(prefix="customerops-bench-") as folder:
        os.environ["VAR_DIR"] = folder
        os.environ["LOG_LEVEL"] = "ERROR"
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        from customerops import embedded
        from customerops.embedded import postgres, valkey

        embedded.ensure_secrets()
        embedded.ensure_servers(durable=False, dies_with_us=True)
        try:
            import django
            from django.core.management import call_command

            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerops.settings")
            django.setup()
            call_command("migrate", verbosity=0)
            yield
        finally:
            postgres.stop()
            valkey.stop()


def _told(count: int) -> Iterator[str]:
    from django.db import connection

    from benchmarks import matured
    from customerops import returning
    from leads import retention

    matured.load(count=count, seed=7)
    with connection.cursor() as cursor:
        for statement in FURNISH.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
    yield f"{count:,} leads, each with an outcome, a prediction and two messages"
    yield _line("a lead comes in, no tombstone yet", _intake())
    yield _line("erase one lead", _erasures())
    yield _line("a lead comes in, some tombstones", _intake())
    with connection.cursor() as cursor:
        cursor.execute(STONES, [100_000])
        cursor.execute("ANALYZE privacy_tombstone")  # as autovacuum does within a minute
    yield _line("a lead comes in, 100,000 tombstones", _intake())
    look = partial(returning.erase_again, actor="bench", now=NOW)
    found, seconds = _timed(look)
    yield f"{'copy 100,000 tombstones, look at all':<40} {seconds:8.1f} s    {found.copied:,} copied"
    found, seconds = _timed(look)
    yield f"{'look at every lead for erased ones':<40} {seconds:8.1f} s    {found.looked_at:,} leads"
    kept, seconds = _timed(lambda: retention.apply(now=NOW + timedelta(days=3000)))
    yield f"{'retention of all':<40} {seconds:8.1f} s    {kept.leads:,} leads, {kept.messages:,} messages"


def _erasures() -> list[float]:
    from customerops import erasing
    from leads.models import Lead
    from leads.people import Subject

    subjects = [Subject.lead(lead.pk) for lead in Lead.objects.only("pk").order_by("email_digest")[:TRIES]]
    erase = partial(erasing.erase, actor="bench", reason="asked by letter", now=NOW)
    return [_timed(partial(erase, subject=subject))[1] for subject in subjects]


def _intake() -> list[float]:
    from customerops import intake
    from leads.services import NewLead

    contact = {"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+49 731 1234567"}
    lead = NewLead(contact=contact, attributes={"visits": 3, "city": "Ulm"})
    for _ in range(TRIES):  # plans are made
        intake.receive(leads=[lead], now=NOW)
    return [_timed(lambda: intake.receive(leads=[lead], now=NOW))[1] for _ in range(10 * TRIES)]


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def _line(what: str, seconds: list[float]) -> str:
    parts = statistics.quantiles(seconds, n=100)
    return f"{what:<40} {1000 * parts[49]:8.2f} ms   p99 {1000 * parts[98]:.2f} ms"


if __name__ == "__main__":
    main()
