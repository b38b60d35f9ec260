"""Windows of conversation in Redis and the record in Postgres, held together. Without Redis nothing is lost.

A window that does not end where the record ends is made anew: by the next turn, by whoever reads it, and by
a sweep each minute, which after a flush of Redis makes all of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.db.models import Max, QuerySet

from leads.conversation import Heard
from leads.models import Lead, Message
from privacy import memory
from privacy.kinds import DETECTOR_VERSION
from privacy.memory import MemoryAway, Turn

BATCH = 500
OVERLAP = timedelta(minutes=2)  # a message may be received so long before others can see its row


@dataclass(frozen=True, slots=True)
class Recalled:
    """The newest turns, oldest first, and where they were read."""

    turns: list[Turn]
    source: Literal["memory", "record"]


def remember(*, lead: UUID, heard: Sequence[Heard], changed: bool, now: datetime) -> None:
    """Bring the window up to date after turns were stored; `changed` when earlier ones were stored anew."""
    turns = [Turn(one.position, one.role, one.sent_at, one.text, DETECTOR_VERSION) for one in heard]
    try:
        if changed or not memory.append(lead=lead, turns=turns, now=now):
            _fill(lead, _recorded(lead, now), now)
    except MemoryAway:
        return  # the sweep comes back to it


def recall(*, lead: UUID, now: datetime) -> Recalled:
    """What the agent remembers of a lead. Raises Lead.DoesNotExist, and DatabaseError without any window."""
    window = _window(lead, now)
    try:
        last = _newer(now).filter(lead=lead).aggregate(last=Max("position"))["last"] or 0
        if not last:
            Lead.objects.only("pk").get(pk=lead)
    except (DatabaseError, InterfaceError):
        if not window:
            raise
        return Recalled(window, "memory")
    if window is not None and last == (window[-1].position if window else 0):
        return Recalled(window, "memory")
    turns = _recorded(lead, now)
    if window is not None:
        _try_fill(lead, turns, now)
    return Recalled(turns, "record")


def catch_up(*, now: datetime) -> int:
    """Fill windows that lack turns since the last sweep; all of them after Redis lost its data. How many.

    Raises MemoryAway.
    """
    filled = 0
    since = memory.caught_up_to() or memory.oldest_kept(now=now)
    spoken = _newer(now).filter(received_at__gte=since - OVERLAP)
    rows = spoken.values_list("lead").annotate(Max("position")).iterator(BATCH)
    for batch in _batches(rows):
        ends = memory.ends(leads=list(batch))
        behind = [lead for lead, last in batch.items() if ends[lead] < last]
        for lead in behind:
            _fill(lead, _recorded(lead, now), now)
        filled += len(behind)
    memory.mark_caught_up(to=now)
    return filled


def _newer(now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(sent_at__gte=memory.oldest_kept(now=now))


def _window(lead: UUID, now: datetime) -> list[Turn] | None:
    try:
        return memory.read(lead=lead, now=now)
    except MemoryAway:
        return None


def _recorded(lead: UUID, now: datetime) -> list[Turn]:
    newest = _newer(now).filter(lead=lead).order_by("-position")[: settings.MEMORY_TURNS]
    rows = newest.values_list("position", "role", "sent_at", "text", "detector_version")
    return [Turn(*row) for row in rows][::-1]


def _fill(lead: UUID, turns: Sequence[Turn], now: datetime) -> None:
    if turns:
        memory.fill(lead=lead, turns=turns, now=now)


def _try_fill(lead: UUID, turns: Sequence[Turn], now: datetime) -> None:
    try:
        _fill(lead, turns, now)
    except MemoryAway:
        return


def _batches(rows: Iterator[tuple[UUID, int]]) -> Iterator[dict[UUID, int]]:
    while batch := dict(islice(rows, BATCH)):
        yield batch
