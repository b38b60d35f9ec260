"""Legal holds, placed and lifted by people with a reason. An open one keeps its lead from every erasure."""

from collections.abc import Collection, Mapping
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
    *, lead: UUID, reason: str, actor: str, now: datetime, person: Mapping[str, str] | None = None
) -> LegalHold:
    """Keep a lead until the hold is lifted. Raises HoldError when it is held already."""
    safe = _reason(reason, person)
    with transaction.atomic():
        tombstones.hold()  # an erasure under way comes first, and this one's lead is gone then
        if there := of([lead]).get(lead):
            raise HoldError(f"this lead is held already: {_told(there)}")
        hold = LegalHold.objects.create(lead_id=lead, reason=safe, placed_by=actor[:150], placed_at=now)
    log.info("legal_hold_placed", hold=hold.pk, actor=actor)
    return hold


def lift(*, lead: UUID, actor: str, now: datetime) -> LegalHold:
    """End a hold. Raises HoldError when there is none."""
    with transaction.atomic():
        hold = LegalHold.objects.select_for_update().filter(lead_id=lead, lifted_at=None).first()
        if hold is None:
            raise HoldError("this lead is not held")
        hold.lifted_by, hold.lifted_at = actor[:150], now
        hold.save(update_fields=["lifted_by", "lifted_at"])
    log.info("legal_hold_lifted", hold=hold.pk, actor=actor)
    return hold


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
