"""What became of sends, written in batches, and what was sent as a turn of its conversation, together.

Only who holds the row's newest fence may write: then also late, over what was believed of a silent worker.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from followups.claiming import Grip
from followups.models import Reason, Status
from leads import conversation
from leads.conversation import Told
from leads.models import Lead
from leads.statements import Prepared, Statement, run

IN_HAND = (Status.CLAIMED, Status.SENDING)


class Result(StrEnum):
    """How an attempt ended; label values of metrics, but for `unsent`."""

    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    UNSENT = "unsent"  # it never began, though its row may say so


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """The end of an attempt, as it is to be written. `said` is what was sent, as a turn of its conversation.

    `unsure`: an earlier attempt may have arrived, so that nothing but a receipt settles it. `disables`: why
    nothing more should go to this target.
    """

    id: UUID
    fence: int
    lead_id: UUID
    channel: str
    result: Result
    at: datetime
    reason: str = ""
    detail: str = ""
    receipt: str = ""
    said: Told | None = None
    disables: str = ""
    due_at: datetime | None = None
    unsure: bool = False
    counted_on: tuple[int, date] | None = None

    @property
    def status(self) -> Status:
        """What its row becomes."""
        if self.result is Result.SENT:
            return Status.SENT
        if self.result in (Result.RETRY, Result.UNSENT):
            return Status.PENDING
        return Status.FAILED if self.result is Result.FAILED and not self.unsure else Status.IN_DOUBT

    @property
    def surely_unsent(self) -> bool:
        """This attempt reached nobody."""
        repeated = self.result is Result.RETRY and self.reason == Reason.RETRY
        return repeated or self.result in (Result.FAILED, Result.UNSENT)


@dataclass(frozen=True, slots=True)
class Completed:
    """`written` were ours to write. `waiting` are to be tried again: their lead is held by somebody else.

    `late` are those of which somebody believed that their worker had died, with what the row was said to be.
    """

    written: list[Completion]
    waiting: list[Completion]
    late: Mapping[Grip, str]


COMPLETE = Prepared(
    "complete_followups",
    """
    WITH held AS (
        SELECT new.*, one.status AS was FROM jsonb_to_recordset($1::jsonb)
             AS new (id uuid, fence int, status text, reason text, detail text, receipt text,
                     due_at timestamptz, sent_at timestamptz, at timestamptz)
        JOIN followups_followup AS one ON one.id = new.id AND one.fence = new.fence
        WHERE one.status IN ('claimed', 'sending', 'in_doubt', 'pending') FOR NO KEY UPDATE OF one
    )
    UPDATE followups_followup AS one
    SET status = new.status, reason = coalesce(new.reason, one.reason), detail = new.detail,
        receipt = new.receipt, due_at = coalesce(new.due_at, one.due_at), sent_at = new.sent_at,
        changed_at = new.at, lease_until = NULL
    FROM held AS new WHERE one.id = new.id
    RETURNING one.id, one.fence, new.was
    """,
)
_HOLD = Prepared(
    "hold_told_leads",
    "SELECT id FROM leads_lead WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED",
)
_UNCOUNT = Prepared(
    "uncount_policy_days",
    """
    UPDATE followups_policyday AS held SET begun = greatest(held.begun - new.sends, 0)
    FROM unnest($1::bigint[], $2::date[], $3::int[]) AS new (policy, day, sends)
    WHERE held.policy_id = new.policy AND held.day = new.day
    """,
)


def complete(*, completions: Sequence[Completion], now: datetime) -> Completed:
    """Write them, all or none. One whose fence is old, or whose lead is gone, is dropped."""
    wanted = {one.lead_id for one in completions}
    with transaction.atomic():
        held, there = _hold(wanted)
        ours = [one for one in completions if one.lead_id in held]
        [rows] = run(Statement(COMPLETE, [orjson.dumps([_row(one) for one in ours]).decode()]))
        # an older attempt of the same step may end beside the newest
        done: dict[Grip, str] = {(id, fence): was for id, fence, was in rows}
        written = [one for one in ours if (one.id, one.fence) in done]
        _remember([one for one in written if one.result is Result.SENT], now)
        _uncount(written)
    late = {grip: was for grip, was in done.items() if was not in IN_HAND}
    return Completed(written, [one for one in completions if one.lead_id in there - held], late)


def _hold(leads: set[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Those that nobody else holds, locked; and all that are there."""
    [rows] = run(Statement(_HOLD, [sorted(leads)]))
    held = {lead for (lead,) in rows}
    if held == leads:
        return held, held
    return held, held | set(Lead.objects.filter(pk__in=leads - held).values_list("pk", flat=True))


def _remember(sent: Sequence[Completion], now: datetime) -> None:
    turns = [one.said for one in sent if one.said is not None]
    if turns:
        run(conversation.telling(turns, now=now))


def _uncount(written: Sequence[Completion]) -> None:
    """What certainly did not leave used up nothing."""
    freed = Counter(one.counted_on for one in written if one.counted_on and one.surely_unsent)
    if freed:
        days = sorted(freed)
        run(
            Statement(
                _UNCOUNT,
                [[policy for policy, _ in days], [day for _, day in days], [freed[day] for day in days]],
            )
        )


def _row(one: Completion) -> dict[str, Any]:
    sent = one.status is Status.SENT
    # once an attempt may have arrived, that stays the reason until a receipt comes
    unsure_reason = Reason.NO_ANSWER if one.status is Status.IN_DOUBT else None
    return {
        "id": one.id,
        "fence": one.fence,
        "status": one.status.value,
        "reason": one.reason if sent or not one.unsure else unsure_reason,
        "detail": one.detail,
        "receipt": one.receipt,
        "due_at": one.due_at,
        "sent_at": one.at if sent else None,
        "at": one.at,
    }
