"""Erasing a person: one transaction takes every row, leaves tombstones and a receipt; then Redis forgets.

Whatever asks for it (API, command, admin, a restored backup) comes through `erase` or `erase_returned`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet

from customerops.holding import contact_of
from leads import removal
from leads.models import Lead
from leads.people import Subject, known, same_person
from modeling.seen import versions_that_saw
from privacy import erasure_metrics, forgetting, gravestones, holds, receipts, tombstones
from privacy.digests import Name, digest
from privacy.keeping import kept
from privacy.kinds import Surface
from privacy.models import Erasure, LegalHold, Tombstone
from privacy.tombstones import Known

NO_REASON = "no reason given"

log = structlog.get_logger(__name__)


class NobodyFound(Exception):
    """There is no lead of this person."""


class ErasedBefore(Exception):
    """The person was erased already."""

    def __init__(self, stone: Tombstone) -> None:
        super().__init__(f"was erased on {stone.erased_at:%Y-%m-%d}, receipt {stone.erasure}")
        self.stone = stone


@dataclass(frozen=True, slots=True)
class Erased:
    """The receipt, which is kept, and what is told once: the leads' ids, and those that share a contact."""

    receipt: Erasure
    leads: list[UUID]
    others: list[UUID]

    def told(self) -> dict[str, Any]:
        """As every door answers it."""
        return receipts.told(self.receipt) | {"lead_ids": self.leads, "same_person": self.others}


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do."""

    leads: list[UUID]
    others: list[UUID]
    rows: dict[str, int]
    model_versions: list[int]
    holds: list[LegalHold]


def plan(*, subject: Subject) -> Plan:
    """Look, change nothing. Raises NobodyFound and ErasedBefore."""
    found = _found(subject, subject.leads())
    ids = [lead.lead for lead in found]
    return Plan(
        leads=ids,
        others=_others(found),
        rows=dict(removal.hanging_on(ids)),
        model_versions=versions_that_saw(ids),
        holds=list(holds.of(ids).values()),
    )


def erase(*, subject: Subject, actor: str, reason: str, now: datetime) -> Erased:
    """Erase a person's leads: one by its id, all by e-mail or phone.

    Raises NobodyFound, ErasedBefore, and `holds.HeldError` when one of them must be kept: then none goes.
    """
    safe = _reason(subject, reason)
    with transaction.atomic():
        tombstones.hold()
        found = _found(subject, subject.leads().select_for_update())
        others = _others(found)
        receipt = _receipt(subject, found, now)
        receipt.actor, receipt.reason = actor[:150], safe
        names = _names(found)
        _remove(receipt, found)
        stones = tombstones.raise_stones(names, erasure=receipt.pk, at=now)
    _afterwards(receipt, stones)
    return Erased(receipt, [lead.lead for lead in found], others)


def erase_returned(*, lead: Known, actor: str, now: datetime) -> Erased | None:
    """Erase a lead that came back; None when it is gone already. Raises `holds.HeldError`.

    Tombstones by e-mail and phone stay as they are: who came back by themselves meanwhile has to stay.
    """
    with transaction.atomic():
        tombstones.hold()
        found = known(Lead.objects.filter(pk=lead.lead).select_for_update())
        if not found:
            return None
        receipt = _receipt(Subject.lead(lead.lead), found, now)
        receipt.actor, receipt.trigger = actor[:150], Erasure.Trigger.AGAIN
        receipt.reason = "it came back after its erasure"
        _remove(receipt, found)
        stones = tombstones.raise_stones(found[0].ids(), erasure=receipt.pk, at=now)
    _afterwards(receipt, stones)
    return Erased(receipt, [lead.lead], [])


def _found(subject: Subject, leads: QuerySet[Lead]) -> list[Known]:
    found = known(leads)  # type: ignore[arg-type] # it is a LeadQuerySet all the same
    if not found:
        if stone := tombstones.erasure_of(subject.name, subject.value):
            raise ErasedBefore(stone)
        raise NobodyFound
    return found


def _others(found: Sequence[Known]) -> list[UUID]:
    return list(same_person(found).order_by("pk").values_list("pk", flat=True))


def _names(found: Sequence[Known]) -> dict[UUID, Name]:
    """What they are kept away by: their ids, and contacts that no lead shares that stays."""
    staying = known(same_person(found))
    shared = {digest for lead in staying for digest in lead.contacts()}
    names: dict[UUID, Name] = {}
    for lead in found:
        names |= lead.ids() | lead.contacts()
    return {digest: name for digest, name in names.items() if digest not in shared}


def _receipt(subject: Subject, found: Sequence[Known], now: datetime) -> Erasure:
    ids = [lead.lead for lead in found]
    holds.refuse(ids)
    return Erasure(
        at=now,
        subject_name=subject.name,
        subject_digest=digest(subject.name, subject.value),
        leads=len(found),
        model_versions=versions_that_saw(ids),
    )


def _remove(receipt: Erasure, found: Sequence[Known]) -> None:
    ids = [lead.lead for lead in found]
    receipt.rows = dict(removal.remove([(lead.lead, lead.external_id) for lead in found]))
    holds.part_with(ids)
    receipts.sign(receipt)
    receipt.save(force_insert=True)
    forgetting.plan(ids, erasure=receipt, now=receipt.at)


def _afterwards(receipt: Erasure, stones: list[Tombstone]) -> None:
    """What may fail without undoing anything: the nightly tasks do it again."""
    gravestones.keep(stones)
    forgetting.forget(erasure=receipt)
    receipt.refresh_from_db()
    erasure_metrics.count(receipt.trigger)
    log.info("person_erased", receipt=str(receipt.pk), trigger=receipt.trigger, leads=receipt.leads)


def _reason(subject: Subject, reason: str) -> str:
    """Without what is personal in it; judged before the locks are taken."""
    if not reason.strip():
        return NO_REASON
    return kept(reason.strip(), surface=Surface.ERASURE_REASON, person=contact_of(subject))[:500]
