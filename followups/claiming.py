"""The queue: due rows are claimed in order for a few seconds, renewed while in hand, and given back.

Leases run by Postgres' clock. A row's fence grows with every claim: whoever holds an older one is too late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from followups.channels import channels
from followups.models import Status
from leads.statements import Prepared, Statement, run

LEASE_SECONDS = 6
RENEW_SECONDS = 2
RECLAIM_BATCH = 500
Grip = tuple[UUID, int]  # a follow-up and a fence: a worker may hold an old one beside the newest

# The policies that send. One whose switch was never thrown is off; the switch of everything starts on.
ON = """
    SELECT policy.id FROM followups_policy AS policy
    WHERE (SELECT "on" FROM followups_switch WHERE policy_id = policy.id ORDER BY id DESC LIMIT 1)
      AND coalesce((SELECT "on" FROM followups_switch WHERE policy_id IS NULL ORDER BY id DESC LIMIT 1), true)
"""

# Each policy's share of the oldest is counted first: only rows that are taken get locked, and rows of
# policies that are off are never looked at, however many they are. An array, since a planner that guesses how
# many rows a join brings reads the whole table.
CLAIM = Prepared(
    "claim_followups",
    f"""
    WITH share AS (
        SELECT policy, count(*) AS rows FROM (
            SELECT policy.id AS policy
            FROM ({ON}) AS policy
            CROSS JOIN LATERAL (
                SELECT due_at FROM followups_followup
                WHERE policy_id = policy.id AND status = 'pending' AND due_at <= $1::timestamptz
                ORDER BY due_at LIMIT $2::int
            ) AS due
            ORDER BY due.due_at LIMIT $2::int
        ) AS oldest GROUP BY policy
    ), mine AS (
        SELECT taken.id FROM share
        CROSS JOIN LATERAL (
            SELECT id FROM followups_followup
            WHERE policy_id = share.policy AND status = 'pending' AND due_at <= $1::timestamptz
            ORDER BY due_at LIMIT share.rows FOR NO KEY UPDATE SKIP LOCKED
        ) AS taken
    ), claimed AS (
        UPDATE followups_followup AS one
        SET status = 'claimed', fence = fence + 1, claimed_by = $3::text, changed_at = $1::timestamptz,
            lease_until = clock_timestamp() + {LEASE_SECONDS} * interval '1 second'
        WHERE one.id = ANY (ARRAY (SELECT id FROM mine))
        RETURNING one.id, one.fence, one.lead_id, one.due_at
    )
    SELECT id, fence, lead_id FROM claimed ORDER BY due_at
    """,  # noqa: S608 - a condition of ours
)

# Their own worker renews them early, so these have been silent for a whole lease.
_RECLAIM = Prepared(
    "reclaim_followups",
    f"""
    WITH ended AS (
        SELECT id, status AS was FROM followups_followup
        WHERE status IN ('claimed', 'sending') AND lease_until < clock_timestamp()
        ORDER BY lease_until LIMIT {RECLAIM_BATCH} FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE followups_followup AS one
    SET lease_until = NULL, changed_at = $1::timestamptz,
        reason = CASE WHEN was = 'claimed' THEN reason ELSE 'crashed' END,
        status = CASE WHEN was = 'claimed' THEN 'pending'
                      WHEN repeatable AND attempts <= coalesce(($2::jsonb ->> channel)::int, 0) THEN 'pending'
                      ELSE 'in_doubt' END
    FROM ended WHERE one.id = ended.id
    RETURNING one.id, one.channel, ended.was, one.status
    """,  # noqa: S608 - a number of ours
)

# One that somebody else holds is being taken away, as by an erasure, whose locks come in any order.
_RENEW = Prepared(
    "renew_followups",
    f"""
    WITH held AS (
        SELECT one.id FROM unnest($1::uuid[], $2::int[]) AS mine (id, fence)
        JOIN followups_followup AS one ON one.id = mine.id AND one.fence = mine.fence
        WHERE status IN ('claimed', 'sending')
          AND lease_until < clock_timestamp() + {LEASE_SECONDS - RENEW_SECONDS} * interval '1 second'
        FOR NO KEY UPDATE OF one SKIP LOCKED
    )
    UPDATE followups_followup AS one
    SET lease_until = clock_timestamp() + {LEASE_SECONDS} * interval '1 second'
    WHERE one.id = ANY (ARRAY (SELECT id FROM held))
    """,  # noqa: S608 - numbers of ours
)

_GIVE_BACK = Prepared(
    "give_back_followups",
    """
    WITH held AS (
        SELECT one.id FROM unnest($2::uuid[], $3::int[]) AS mine (id, fence)
        JOIN followups_followup AS one ON one.id = mine.id AND one.fence = mine.fence
        WHERE status = 'claimed' FOR NO KEY UPDATE OF one SKIP LOCKED
    )
    UPDATE followups_followup AS one SET status = 'pending', lease_until = NULL, changed_at = $1::timestamptz
    WHERE one.id = ANY (ARRAY (SELECT id FROM held))
    """,
)

_PUT_OFF = Prepared(
    "put_off_followups",
    """
    WITH held AS (
        SELECT one.id, mine.seconds
        FROM unnest($2::uuid[], $3::int[], $4::float8[]) AS mine (id, fence, seconds)
        JOIN followups_followup AS one ON one.id = mine.id AND one.fence = mine.fence
        WHERE status = 'claimed' FOR NO KEY UPDATE OF one SKIP LOCKED
    )
    UPDATE followups_followup AS one
    SET status = 'pending', lease_until = NULL, changed_at = $1::timestamptz,
        due_at = $1::timestamptz + held.seconds * interval '1 second'
    FROM held WHERE one.id = held.id
    """,
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row in hand, while its lease lasts."""

    id: UUID
    fence: int
    lead_id: UUID


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """A row whose worker died or hung, and what became of it. `sending`: nobody knows what it had done."""

    id: UUID
    channel: str
    sending: bool
    status: str

    @property
    def in_doubt(self) -> bool:
        """A person has to look."""
        return self.status == Status.IN_DOUBT


def claim(*, worker: str, now: datetime, most: int) -> list[Claimed]:
    """Take rows that are due, the oldest of all policies that are on."""
    [rows] = run(Statement(CLAIM, [now, most, worker]))
    return [Claimed(*row) for row in rows]


def reclaim(*, now: datetime) -> list[Reclaimed]:
    """Take rows from workers that fell silent.

    What was being sent is tried again where the receiver takes an id only once; else it is in doubt.
    """
    retries = {name: len(channel.retries) for name, channel in channels().items()}
    [rows] = run(Statement(_RECLAIM, [now, orjson.dumps(retries).decode()]))
    return [Reclaimed(id, channel, was == Status.SENDING, status) for id, channel, was, status in rows]


def renew(*, ids: Sequence[UUID], fences: Sequence[int]) -> None:
    """Say that they are still in hand."""
    run(Statement(_RENEW, [ids, fences]))


def give_back(*, claimed: Sequence[Claimed], now: datetime) -> None:
    """Let others have them."""
    run(Statement(_GIVE_BACK, [now, [one.id for one in claimed], [one.fence for one in claimed]]))


def put_off(*, claimed: Sequence[Claimed], seconds: Sequence[float], now: datetime) -> None:
    """Let others have them, each after so long."""
    ids, fences = [one.id for one in claimed], [one.fence for one in claimed]
    run(Statement(_PUT_OFF, [now, ids, fences, list(seconds)]))
