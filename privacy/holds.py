"""Legal holds, placed and lifted by people with a reason. An open one keeps its lead from every erasure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from privacy import tombstones
from privacy.keeping import kept
from privacy.kinds import Surface
from privacy.models import LegalHold

log = structlog.get_logger(__name__)


class HoldError(Exception):
    """What was asked for does not fit what is there; the message is for the person who asked."""


class HeldError(Exception):
    """A legal hold stands in the way."""

    def __init__(self, holds: Collection[LegalHold]) -> None:
        self.holds = tuple(holds)
        super().__init__("; ".join(_told(hold) for hold in self.holds))


def place(
    *,
    leads: Callable[[], Sequence[UUID]],
    reason: str,
    actor: str,
    now: datetime,
    person: Mapping[str, str] | None = None,
) -> list[UUID]:
    """Keep leads until the hold is lifted; answers those that were not held before. `person` wrote them.

    `leads` is asked when no erasure can come between. Raises HoldError when there is nothing to hold.
    """
    safe = _reason(reason, person)
    with transaction.atomic():
        tombstones.hold()
        found = leads()
        if not found:
            raise HoldError("there is no such lead")
        held = of(found)
        free = [lead for lead in found if lead not in held]
        if not free:
            raise HoldError(f"held already: {HeldError(held.values())}")
        LegalHold.objects.bulk_create(
            LegalHold(lead_id=lead, reason=safe, placed_by=actor[:150], placed_at=now) for lead in free
        )
    log.info("legal_hold_placed", leads=len(free), actor=actor)
    return free


def lift(*, leads: Sequence[UUID], actor: str, now: datetime) -> list[UUID]:
    """End holds; answers the leads that are free now. Raises HoldError when none was held."""
    with transaction.atomic():
        held = list(LegalHold.objects.select_for_update().filter(lead_id__in=leads, lifted_at=None))
        if not held:
            raise HoldError("not held")
        LegalHold.objects.filter(pk__in=[hold.pk for hold in held]).update(
            lifted_by=actor[:150], lifted_at=now
        )
    log.info("legal_hold_lifted", leads=len(held), actor=actor)
    return [hold.lead_id for hold in held if hold.lead_id]


def of(leads: Collection[UUID]) -> dict[UUID, LegalHold]:
    """The open holds of these leads."""
    found = LegalHold.objects.filter(lead_id__in=leads, lifted_at=None)
    return {hold.lead_id: hold for hold in found if hold.lead_id}


def refuse(leads: Collection[UUID]) -> None:
    """Raises HeldError when one of these is held."""
    if found := of(leads):
        raise HeldError(found.values())


def part_with(leads: Collection[UUID]) -> int:
    """Take the ids of erased leads out of lifted holds; answers how many there were."""
    return LegalHold.objects.filter(lead_id__in=leads).exclude(lifted_at=None).update(lead_id=None)


def _reason(text: str, person: Mapping[str, str] | None) -> str:
    safe = kept(text.strip(), surface=Surface.HOLD_REASON, person=person)[:500]
    if not safe:
        raise HoldError("say why the lead has to be kept")
    return safe


def _told(hold: LegalHold) -> str:
    return f"legal hold of {hold.placed_at:%Y-%m-%d} by {hold.placed_by}: {hold.reason}"
