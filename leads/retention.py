"""How long people are kept: messages, contacts, whole leads, each for the days the settings say.

The clock of a lead starts with the last thing that happened: it was recorded, matured, ended, was written to.
What is open or under a legal hold stays with its contact; nothing removed leaves half a lead to learn from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils.timezone import now as clock

from leads import removal
from leads.models import Lead, Message
from privacy import forgetting, holds, tombstones
from privacy.models import RetentionRun

BATCH = 500
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)

# The lead's own index gives the oldest first; a lead that somebody writes for is locked, and passed over.
_DUE = """
    SELECT matures_at, id, external_id FROM leads_lead AS lead
    WHERE matures_at <= %(before)s AND recorded_at <= %(before)s AND (matures_at, id) > (%(at)s, %(id)s)
      AND EXISTS (SELECT FROM leads_outcome WHERE lead_id = lead.id)
      AND NOT EXISTS (SELECT FROM leads_outcome WHERE lead_id = lead.id AND recorded_at > %(before)s)
      AND NOT EXISTS (SELECT FROM leads_message WHERE lead_id = lead.id AND received_at > %(before)s)
"""
_NEXT = " ORDER BY matures_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED"
_LEADS = _DUE + _NEXT
_CONTACTS = (
    f"{_DUE} AND (contact IS NOT NULL OR email_digest IS NOT NULL OR phone_digest IS NOT NULL) {_NEXT}"
)
_MESSAGES = """
    SELECT received_at, id, lead_id FROM leads_message
    WHERE received_at <= %(before)s AND (received_at, id) > (%(at)s, %(id)s)
    ORDER BY received_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""

Row = tuple[datetime, Any, Any]  # when, the row's id, and what removing it takes

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Retained:
    """What a run removed, or would."""

    messages: int = 0
    contacts: int = 0
    leads: int = 0
    held: set[UUID] = field(default_factory=set)

    def sentences(self) -> list[str]:
        """For people."""
        lines = [f"{self.messages:,} messages, {self.contacts:,} contacts and {self.leads:,} leads removed."]
        return lines + ([f"{len(self.held):,} leads were kept by a legal hold."] if self.held else [])


@dataclass(frozen=True, slots=True)
class Sweep:
    """One kind of thing: what is due, oldest first; whose it is; how it goes."""

    due: str
    first: int | UUID  # an id before all others
    lead_of: Callable[[Row], UUID]
    remove: Callable[[Sequence[Row]], object]


def periods() -> dict[str, int]:
    """In days; 0 keeps for ever."""
    return {
        "messages": settings.RETENTION_MESSAGE_DAYS,
        "contacts": settings.RETENTION_CONTACT_DAYS,
        "leads": settings.RETENTION_LEAD_DAYS,
    }


def kept_until(*, lead: Lead) -> dict[str, datetime | None]:
    """When what is there of a lead goes, should nothing more happen; None: never."""
    said = lead.messages.aggregate(first=Min("received_at"), last=Max("received_at"))
    ended = lead.outcomes.aggregate(at=Max("recorded_at"))["at"]
    happened = [lead.recorded_at, lead.matures_at, ended, said["last"]]
    last = max(moment for moment in happened if moment) if ended else None
    begins = {"messages": said["first"], "contacts": last, "leads": last}
    return {
        name: begins[name] + timedelta(days=days) if days and begins[name] else None
        for name, days in periods().items()
    }


def apply(*, now: datetime, dry_run: bool = False) -> Retained:
    """Remove what is due, a batch in each transaction: what was stopped goes on with the next run."""
    found = Retained()
    run = None if dry_run else RetentionRun.objects.create(started_at=now, periods=periods())
    for name, days in periods().items():
        if days:
            removed = _sweep(SWEEPS[name], now - timedelta(days=days), found.held, dry_run=dry_run)
            setattr(found, name, removed)
    if run is not None:
        forgetting.forget()
        run.messages, run.contacts, run.leads = found.messages, found.contacts, found.leads
        run.held, run.finished_at = len(found.held), clock()
        run.save()
        log.info(
            "retention_applied", messages=run.messages, contacts=run.contacts, leads=run.leads, held=run.held
        )
    return found


def _sweep(sweep: Sweep, before: datetime, held: set[UUID], *, dry_run: bool) -> int:
    total, at = 0, LONG_AGO
    last: Any = sweep.first
    while True:
        with transaction.atomic():
            tombstones.beside()  # as an erasure and a new hold wait for each other, they wait for this
            with connection.cursor() as cursor:
                cursor.execute(sweep.due, {"before": before, "at": at, "id": last, "most": BATCH})
                rows: list[Row] = cursor.fetchall()
            kept = holds.of({sweep.lead_of(row) for row in rows})
            held.update(kept)
            free = [row for row in rows if sweep.lead_of(row) not in kept]
            if free and not dry_run:
                sweep.remove(free)
        total += len(free)
        if len(rows) < BATCH:
            return total
        at, last, _ = rows[-1]


def _remove_messages(rows: Sequence[Row]) -> None:
    Message.objects.filter(pk__in=[message for _, message, _ in rows]).delete()


def _remove_contacts(rows: Sequence[Row]) -> None:
    leads = Lead.objects.filter(pk__in=[lead for _, lead, _ in rows])
    leads.update(contact=None, email_digest=None, phone_digest=None)


def _remove_leads(rows: Sequence[Row]) -> None:
    removal.remove([(lead, external_id) for _, lead, external_id in rows])
    ids = [lead for _, lead, _ in rows]
    holds.part_with(ids)
    forgetting.plan(ids, erasure=None, now=clock())


SWEEPS = {
    "messages": Sweep(_MESSAGES, 0, lambda row: UUID(str(row[2])), _remove_messages),
    "contacts": Sweep(_CONTACTS, UUID(int=0), lambda row: UUID(str(row[1])), _remove_contacts),
    "leads": Sweep(_LEADS, UUID(int=0), lambda row: UUID(str(row[1])), _remove_leads),
}
