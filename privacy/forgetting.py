"""What Redis still has to forget. A row for each lead is written with its erasure and outlives an outage."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from privacy import memory, receipts
from privacy.models import Erasure, Forgetting

PIECE = 500

log = structlog.get_logger(__name__)


def plan(leads: Sequence[UUID], *, erasure: Erasure | None, now: datetime) -> None:
    """Remember, in the transaction that erases, what comes after it."""
    Forgetting.objects.bulk_create(
        [Forgetting(lead_id=lead, erasure=erasure, since=now) for lead in leads], ignore_conflicts=True
    )


def forget(*, erasure: Erasure | None = None) -> bool:
    """Forget what is due, of one erasure or of all; False while Redis is away: the task comes back."""
    due = Forgetting.objects.order_by("pk")
    if erasure is not None:
        due = due.filter(erasure=erasure)
    try:
        while rows := list(due[:PIECE]):
            for receipt, leads in _by_receipt(rows).items():
                _note(receipt, leads, memory.forget(leads=leads))
    except memory.MemoryAway as error:
        log.warning("memory_not_forgotten", error=str(error))
        return False
    return True


def _by_receipt(rows: Sequence[Forgetting]) -> dict[UUID | None, list[UUID]]:
    found: defaultdict[UUID | None, list[UUID]] = defaultdict(list)
    for row in rows:
        found[row.erasure_id].append(row.lead_id)
    return found


def _note(receipt: UUID | None, leads: Sequence[UUID], keys: int) -> None:
    """Done, on the receipt as well; two may forget at once."""
    with transaction.atomic():
        found = Erasure.objects.select_for_update().filter(pk=receipt).first() if receipt else None
        Forgetting.objects.filter(lead_id__in=leads).delete()
        if found is not None and (keys or found.redis_keys is None):
            found.redis_keys = (found.redis_keys or 0) + keys
            receipts.sign(found)
            found.save(update_fields=["redis_keys", "signature"])


def pending() -> int:
    """Leads whose memory may still be in Redis."""
    return Forgetting.objects.count()
