"""Erased people who came back with a restored backup are erased again, by the tombstones of all copies."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

import structlog

from customerops import erasing
from leads.models import Lead
from privacy import gravestones, holds, memory, tombstones
from privacy.tombstones import Known

PIECE = 5000

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Returns:
    """What a look at all leads found. `held` came back and must be kept until its legal hold is lifted."""

    brought_back: int = 0  # tombstones that Postgres lacked
    copied: int = 0  # tombstones that a copy lacked
    looked_at: int = 0
    erased: int = 0
    held: int = 0
    windows: int = 0  # conversation windows of leads that are gone

    def sentences(self) -> list[str]:
        """For people."""
        return [
            f"{self.brought_back:,} tombstones brought back from copies, {self.copied:,} copied.",
            f"{self.looked_at:,} leads looked at, {self.erased:,} erased again; "
            f"{self.windows:,} windows of leads that are gone forgotten.",
            *(
                [f"{self.held:,} came back and were kept: a legal hold stands in the way."]
                if self.held
                else []
            ),
        ]


def erase_again(*, actor: str, now: datetime, only_restored: bool = False) -> Returns:
    """Erase every lead that was erased before. With `only_restored`, only if Postgres lacks tombstones.

    The copies say more than Postgres only after a restore; then it is worth a look at every lead at a start.
    """
    found = Returns(brought_back=tombstones.bring_back(gravestones.remembered()))
    if only_restored and not found.brought_back:
        return found
    found.copied = gravestones.complete()
    if stones := tombstones.every():
        for piece in _pieces():
            found.looked_at += len(piece)
            _erase(tombstones.returned(piece, stones), found, actor, now)
    found.windows = _forget_orphans()
    log.info("returned_people_erased", **asdict(found))
    return found


def _erase(back: list[Known], found: Returns, actor: str, now: datetime) -> None:
    for lead in back:
        try:
            found.erased += erasing.erase_returned(lead=lead, actor=actor, now=now) is not None
        except holds.HeldError as held:
            found.held += 1
            log.warning("returned_lead_is_held", holds=[hold.pk for hold in held.holds])


def _forget_orphans() -> int:
    """A restored Redis remembers leads that are gone; while it is away, tomorrow is another night."""
    forgotten = 0
    try:
        windows = iter(memory.remembered())
        while piece := list(islice(windows, PIECE)):
            there = set(Lead.objects.filter(pk__in=piece).values_list("pk", flat=True))
            forgotten += memory.forget(leads=[lead for lead in piece if lead not in there])
    except memory.MemoryAway as error:
        log.warning("memory_not_forgotten", error=str(error))
    return forgotten


def _pieces() -> Iterator[list[Known]]:
    after = UUID(int=0)
    columns = ("pk", "external_id", "created_at", "email_digest", "phone_digest")
    while True:
        rows = Lead.objects.filter(pk__gt=after).order_by("pk").values_list(*columns)
        piece = [Known(*row) for row in rows[:PIECE]]
        if not piece:
            return
        yield piece
        after = piece[-1].lead
