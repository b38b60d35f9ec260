"""Who was erased stays away: digests of what a person was known by, asked for each lead that comes in.

By their ids, erased leads are refused for ever. By e-mail or phone, only what is dated before the erasure is:
history that is brought in again. Whoever writes later came back by themselves.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from privacy.digests import Name, digests
from privacy.models import Tombstone

_LOCK = 7_310  # of Postgres's advisory locks

# Leads come in under the shared lock, an erasure holds the other: nobody slips in between its deletes and its
# tombstones. A statement of its own, because a statement sees what was committed before it began to wait.
BESIDE_ERASURES = f"SELECT pg_advisory_xact_lock_shared({_LOCK})"
# For a row `new` with `digests` (uuid[]) and `created_at`. One look-up in the index for each digest, whatever
# the planner believes of a table that was empty when it planned.
IS_ERASED = """
    EXISTS (SELECT FROM unnest(new.digests) AS asked (digest), LATERAL (
                SELECT FROM privacy_tombstone AS erased
                 WHERE erased.digest = asked.digest
                   AND (erased.name IN ('lead', 'external_id') OR new.created_at < erased.erased_at)
                 LIMIT 1) AS found)
"""
Stones = dict[tuple[UUID, str], datetime]


@dataclass(frozen=True, slots=True)
class Known:
    """What a stored lead is known by; its e-mail and phone as the digests that stand beside it."""

    lead: UUID
    external_id: str | None
    created_at: datetime
    email: UUID | None
    phone: UUID | None

    def ids(self) -> dict[UUID, Name]:
        """Digests of its ids, made with every listed key."""
        found = dict.fromkeys(digests(Name.LEAD, str(self.lead)), Name.LEAD)
        return found | dict.fromkeys(digests(Name.EXTERNAL_ID, self.external_id or ""), Name.EXTERNAL_ID)

    def contacts(self) -> dict[UUID, Name]:
        """Digests of its e-mail and phone."""
        pairs = ((self.email, Name.EMAIL), (self.phone, Name.PHONE))
        return {digest: name for digest, name in pairs if digest is not None}


def hold() -> None:
    """Let no lead come in until the surrounding transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def beside() -> None:
    """Let nobody be erased until the surrounding transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(BESIDE_ERASURES)


def raise_stones(names: Mapping[UUID, Name], *, erasure: UUID, at: datetime) -> list[Tombstone]:
    """Add tombstones; one that is there already takes the later moment."""
    return _put(
        [Tombstone(name=name, digest=digest, erased_at=at, erasure=erasure) for digest, name in names.items()]
    )


def bring_back(stones: Iterable[Tombstone]) -> int:
    """Put those back that are missing, or are older here; answers how many."""
    there = {(stone.name, stone.digest): stone.erased_at for stone in Tombstone.objects.iterator()}
    newer = [
        stone
        for stone in stones
        if (known := there.get((stone.name, stone.digest))) is None or known < stone.erased_at
    ]
    brought = len(_put(newer))
    if brought:  # plans made for an empty table would read all of it for each lead that comes in
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE privacy_tombstone")
    return brought


def erased_external_ids(external_ids: Collection[str]) -> set[str]:
    """Which of these belong to erased leads."""
    if not Tombstone.objects.filter(name=Name.EXTERNAL_ID).exists():
        return set()
    by_digest = {found: value for value in external_ids for found in digests(Name.EXTERNAL_ID, value)}
    stones = Tombstone.objects.filter(name=Name.EXTERNAL_ID, digest__in=list(by_digest))
    return {by_digest[digest] for digest in stones.values_list("digest", flat=True)}


def erasure_of(name: Name, value: str) -> Tombstone | None:
    """The tombstone of one who was erased by that name."""
    return Tombstone.objects.filter(name=name, digest__in=digests(name, value)).first()


def every() -> Stones:
    """When each was erased, by digest and name: small enough for memory, for a look at all leads."""
    return {
        (digest, name): at
        for digest, name, at in Tombstone.objects.values_list("digest", "name", "erased_at").iterator()
    }


def returned(leads: Iterable[Known], stones: Stones) -> list[Known]:
    """Those of the stored leads that were erased before, so should not be here."""
    return [lead for lead in leads if _is_back(lead, stones)]


def _is_back(lead: Known, stones: Stones) -> bool:
    if any((digest, name) in stones for digest, name in lead.ids().items()):
        return True
    moments = [stones.get((digest, name)) for digest, name in lead.contacts().items()]
    return any(moment is not None and lead.created_at < moment for moment in moments)


def _put(stones: Sequence[Tombstone]) -> list[Tombstone]:
    """Upsert; of doubles among them the latest."""
    latest = {(stone.name, stone.digest): stone for stone in sorted(stones, key=lambda one: one.erased_at)}
    return Tombstone.objects.bulk_create(
        latest.values(),
        batch_size=5000,
        update_conflicts=True,
        unique_fields=["digest", "name"],
        update_fields=["erased_at", "erasure"],
    )
