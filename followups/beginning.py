"""From claimed to sending: the last look at the facts, under the leads' locks, in one short transaction.

A reply, an opt-out, an outcome or another message to the same lead waits for it, or is seen by it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from followups import calendar, deciding
from followups.claiming import LEASE_SECONDS, ON, Grip
from followups.deciding import Cancel, Decision, Hold, Send, Situation
from followups.models import Status
from followups.plans import plans
from followups.policy import Plan
from followups.preparing import Ready
from leads.opting_out import THEIR_PERSON_OPTED_OUT
from leads.statements import Prepared, Statement, run

AGAIN = timedelta(seconds=1)  # a lead that somebody writes for at this moment is tried again then

# Leads that nobody else holds, locked: as much of them as decides.
_HOLD = Prepared(
    "hold_followed_leads",
    f"""
    SELECT id, timezone, opted_out_at IS NOT NULL OR {THEIR_PERSON_OPTED_OUT}, turns_heard
    FROM leads_lead AS lead WHERE id = ANY ($1::uuid[])
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
    """,  # noqa: S608 - a condition of ours
)
# Went to its lead in the days before, or may have; in the words of the index `followup_lately`.
LATELY = """
    (other.status IN ('sending', 'sent', 'in_doubt')
     OR other.status IN ('pending', 'claimed') AND other.reason IN ('crashed', 'no_answer'))
    AND coalesce(other.sent_at, other.changed_at) > %s - interval '2 days'
"""
# As they are now that the leads are locked, of those whose fence is the newest.
_FACTS = Prepared(
    "followup_facts",
    f"""
    SELECT one.id, one.fence, one.lead_id, one.policy_id, one.planned_at, following.planned_at,
           enrolment.version_id, enrolment.turns_heard, enrolment.stopped_at IS NOT NULL, newest.state,
           one.policy_id IN ({ON}),
           ARRAY (
               SELECT coalesce(other.sent_at, other.changed_at) FROM followups_followup AS other
               WHERE other.lead_id = one.lead_id AND other.id <> one.id
                 AND {LATELY.replace("%s", "$3::timestamptz")}
           )
    FROM unnest($1::uuid[], $2::int[]) AS claimed (id, fence)
    JOIN followups_followup AS one
      ON one.id = claimed.id AND one.fence = claimed.fence
     AND one.status = 'claimed' AND one.lease_until > clock_timestamp()
    LEFT JOIN followups_enrolment AS enrolment
      ON enrolment.lead_id = one.lead_id AND enrolment.policy_id = one.policy_id
    LEFT JOIN followups_followup AS following
      ON following.lead_id = one.lead_id AND following.policy_id = one.policy_id
     AND following.step = one.step + 1
    LEFT JOIN LATERAL (
        SELECT state FROM leads_outcome WHERE lead_id = one.lead_id
        ORDER BY recorded_at DESC, id DESC LIMIT 1
    ) AS newest ON true
    ORDER BY one.due_at, one.step
    FOR NO KEY UPDATE OF one SKIP LOCKED
    """,  # noqa: S608 - a condition of ours
)
_WRITE = Prepared(
    "begin_followups",
    f"""
    UPDATE followups_followup AS one
    SET status = new.status, reason = new.reason, due_at = coalesce(new.due_at, one.due_at),
        changed_at = $1::timestamptz,
        attempts = attempts + (new.status = 'sending')::int,
        repeatable = coalesce(new.repeatable, one.repeatable),
        aimed_at = coalesce(new.aimed_at, one.aimed_at),
        lease_until = CASE WHEN new.status = 'sending'
                           THEN clock_timestamp() + {LEASE_SECONDS} * interval '1 second' END
    FROM jsonb_to_recordset($2::jsonb)
         AS new (id uuid, fence int, status text, reason text, due_at timestamptz, repeatable bool,
                 aimed_at text)
    WHERE one.id = new.id AND one.fence = new.fence AND one.status = 'claimed'
    """,  # noqa: S608 - a number of ours
)
_HOLD_DAYS = Prepared(
    "hold_policy_days",
    """
    INSERT INTO followups_policyday (policy_id, day, begun)
    SELECT policy, day, 0 FROM unnest($1::bigint[], $2::date[]) AS wanted (policy, day)
    ON CONFLICT (policy_id, day) DO UPDATE SET begun = followups_policyday.begun
    RETURNING policy_id, day, begun
    """,
)
_COUNT_DAYS = Prepared(
    "count_policy_days",
    """
    UPDATE followups_policyday AS held SET begun = held.begun + new.sends
    FROM unnest($1::bigint[], $2::date[], $3::int[]) AS new (policy, day, sends)
    WHERE held.policy_id = new.policy AND held.day = new.day
    """,
)

PolicyDate = tuple[int, date]


@dataclass(frozen=True, slots=True)
class Begun:
    """A step that is being sent. `counted_on` is the day whose cap of the policy it used up."""

    ready: Ready
    counted_on: PolicyDate | None


@dataclass(slots=True)
class Beginnings:
    """What became of claimed steps: to be sent now; done with, by status; the rest waits in the queue."""

    begun: list[Begun] = field(default_factory=list)
    closed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Lead:
    """A lead under its lock."""

    timezone: str
    opted_out: bool  # or its person, by another lead
    turns_heard: int


@dataclass(frozen=True, slots=True)
class _Facts:
    """A row under the lock, with what hangs on it."""

    lead: UUID
    policy: int
    planned_at: datetime
    following_at: datetime | None
    version: int | None
    turns_before: int | None
    stopped: bool
    state: str | None
    on: bool
    sent_at: Sequence[datetime]


def begin(*, ready: Sequence[Ready], now: datetime) -> Beginnings:
    """Decide on claimed steps and write it down; answers those that are to be sent, now.

    A lead that somebody else holds is not waited for: its step goes back for a second. A step whose lease has
    ended is left alone: it is somebody else's.
    """
    with transaction.atomic():
        leads, facts = _read(ready, now)
        batch = _Batch(now, leads, facts)
        rows = [batch.judge(one) for one in ready if one.claimed.lead_id in leads]
        rows += [
            _row(one, Status.PENDING, reason=one.reason, due_at=now + AGAIN)
            for one in ready
            if one.claimed.lead_id not in leads
        ]
        run(Statement(_WRITE, [now, orjson.dumps([row for row in rows if row]).decode()]))
        batch.count_days()
    return batch.result


class _Batch:
    """Steps that are decided together: each knows of those before it."""

    def __init__(self, now: datetime, leads: Mapping[UUID, _Lead], facts: Mapping[Grip, _Facts]) -> None:
        self.result = Beginnings()
        self._now, self._leads, self._facts = now, leads, facts
        self._plans = plans(one.version for one in facts.values() if one.version is not None)
        self._to_lead: Counter[UUID] = Counter()
        self._of_policy = self._hold_days()
        self._counted: Counter[PolicyDate] = Counter()

    def judge(self, ready: Ready) -> dict[str, Any] | None:
        """What is to be written of a step; None for one that is no longer ours."""
        facts = self._facts.get((ready.claimed.id, ready.claimed.fence))
        if facts is None:
            return None
        # nobody ignores a repetition any more, or somebody else would get it
        if ready.unsure and ready.fault is None and (ready.has_moved or not ready.repeatable):
            self.result.closed[Status.IN_DOUBT] += 1
            return _row(ready, Status.IN_DOUBT, reason=ready.reason)
        plan = self._plans.get(facts.version or 0)
        decision = self._decide(facts, plan) if plan is not None else Send()
        if isinstance(decision, Cancel):
            status = Status.IN_DOUBT if ready.unsure else Status.CANCELLED
            self.result.closed[status] += 1
            return _row(ready, status, reason=decision.reason)
        if isinstance(decision, Hold):
            return _row(ready, Status.PENDING, reason=decision.reason, due_at=decision.until)
        self.result.begun.append(Begun(ready, self._count(facts, plan, ready)))
        return _row(ready, Status.SENDING, reason="") | {
            "repeatable": ready.repeatable,
            "aimed_at": ready.aimed_at,
        }

    def count_days(self) -> None:
        """Write down how many sends began."""
        if self._counted:
            policies, days = zip(*self._counted, strict=True)
            run(Statement(_COUNT_DAYS, [list(policies), list(days), list(self._counted.values())]))

    def _decide(self, facts: _Facts, plan: Plan) -> Decision:
        lead = self._leads[facts.lead]
        situation = Situation(
            plan=plan, planned_at=facts.planned_at, following_at=facts.following_at, zone=lead.timezone,
            opted_out=lead.opted_out, stopped=facts.stopped, turns_heard=lead.turns_heard,
            turns_before=facts.turns_before or 0, state=facts.state, on=facts.on,
            of_policy=self._of_policy[_date(facts, plan, self._now)],
        )  # fmt: skip
        zone = deciding.lead_zone(situation)
        today = deciding.on_day_of(facts.sent_at, now=self._now, zone_name=zone) + self._to_lead[facts.lead]
        return deciding.decide(replace(situation, to_lead=today), now=self._now)

    def _count(self, facts: _Facts, plan: Plan | None, ready: Ready) -> PolicyDate | None:
        if plan is None or ready.fault is not None:
            return None  # nothing leaves
        self._to_lead[facts.lead] += 1
        if plan.caps.policy_per_day is None:
            return None
        day = _date(facts, plan, self._now)
        self._of_policy[day] += 1
        self._counted[day] += 1
        return day

    def _hold_days(self) -> Counter[PolicyDate]:
        """Until the transaction ends nobody else counts on these days."""
        read = [(one, self._plans.get(one.version or 0)) for one in self._facts.values()]
        days = sorted(
            {_date(one, plan, self._now) for one, plan in read if plan and plan.caps.policy_per_day}
        )
        if not days:
            return Counter()
        [rows] = run(Statement(_HOLD_DAYS, [[policy for policy, _ in days], [day for _, day in days]]))
        return Counter({(policy, day): begun for policy, day, begun in rows})


def _read(ready: Sequence[Ready], now: datetime) -> tuple[dict[UUID, _Lead], dict[Grip, _Facts]]:
    """Leads that are held now, and what decides about their steps, seen after that."""
    wanted = sorted({one.claimed.lead_id for one in ready})
    ids, fences = [one.claimed.id for one in ready], [one.claimed.fence for one in ready]
    held, rows = run(Statement(_HOLD, [wanted]), Statement(_FACTS, [ids, fences, now]))
    leads = {row[0]: _Lead(*row[1:]) for row in held}
    return leads, {row[:2]: _Facts(*row[2:]) for row in rows if row[2] in leads}


def _date(facts: _Facts, plan: Plan, now: datetime) -> PolicyDate:
    return facts.policy, calendar.local_day(now, zone_name=plan.hours.zone)


def _row(ready: Ready, status: Status, *, reason: str, due_at: datetime | None = None) -> dict[str, Any]:
    return {
        "id": ready.claimed.id,
        "fence": ready.claimed.fence,
        "status": status.value,
        "reason": ready.reason if ready.unsure else reason,  # until a receipt comes
        "due_at": due_at,
    }
