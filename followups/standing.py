"""Why something was sent, or not: each step of a lead as it stands, and policies that never took it in.

What waits is judged as the dispatcher would judge it, so nothing has to be written when a lead replies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from followups import policies
from followups.calendar import local_day
from followups.deciding import (
    SWITCHED_OFF,
    Hold,
    Situation,
    cancelled,
    decide,
    lead_zone,
    on_day_of,
    too_late_at,
)
from followups.models import Enrolment, FollowUp, PolicyDay, Reason, Status
from followups.plans import plans
from followups.policy import Plan
from followups.preparing import UNSURE
from leads.models import Lead, Outcome
from leads.opting_out import OF_THEIR_PERSON

HELD_OUT = "held_out"
DUE = "due"


class State(StrEnum):
    """How a step stands, for people."""

    SCHEDULED = "SCHEDULED"
    HELD = "HELD"
    SENDING = "SENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    IN_DOUBT = "IN DOUBT"
    CANCELLED = "CANCELLED"
    HELD_OUT = "HELD OUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A step of a policy for one lead. `at`: when it happened, or will."""

    id: UUID | None  # none for a step that is held out
    policy: str
    version: int
    step: int
    channel: str
    state: State
    reason: str
    sentence: str
    at: datetime | None
    planned_at: datetime | None = None
    attempts: int = 0
    receipt: str = ""
    settled_by: str = ""


_STATES = {
    Status.CLAIMED: State.SCHEDULED,
    Status.SENDING: State.SENDING,
    Status.SENT: State.SENT,
    Status.FAILED: State.FAILED,
    Status.IN_DOUBT: State.IN_DOUBT,
    Status.CANCELLED: State.CANCELLED,
}
_SENTENCES = {
    HELD_OUT: "drawn to get nothing, so that the others can be compared with it",
    DUE: "it goes out within seconds",
}
COUNTED = (Status.SENDING, Status.SENT, Status.IN_DOUBT)


def sentence(reason: str, *, detail: str = "") -> str:
    """A reason for people; with what the receiver or an error said."""
    told = _SENTENCES.get(reason) or (Reason(reason).label if reason else "")
    return f"{told}: {detail}" if told and detail else told or detail


def of_lead(lead: UUID, *, now: datetime) -> list[Standing]:
    """Every step of every policy that took the lead in. Empty for a lead that is not there."""
    leads = Lead.objects.defer("contact").annotate(person_opted_out=OF_THEIR_PERSON)
    found = leads.filter(pk=lead).first()
    return _Reading(found, now).standings() if found else []


class _Reading:
    """One lead with all that decides about its steps."""

    def __init__(self, lead: Lead, now: datetime) -> None:
        self._lead, self._now = lead, now
        self._rows = list(
            FollowUp.objects.filter(lead=lead).select_related("policy").order_by("policy", "step")
        )
        enrolments = Enrolment.objects.filter(lead=lead).select_related("policy", "version")
        self._enrolments = {one.policy_id: one for one in enrolments}
        self._plans = plans(one.version_id for one in self._enrolments.values())
        self._outcome = Outcome.objects.filter(lead=lead).order_by("-recorded_at", "-id").first()
        self._on = policies.on() if policies.all_on() else set()

    def standings(self) -> list[Standing]:
        """In the order of policies and steps."""
        found = [self._standing(row) for row in self._rows]
        for one in self._enrolments.values():
            plan = self._plans.get(one.version_id)
            if one.held_out and plan is not None:
                found += _held_out(one, plan)
        return found

    def _standing(self, row: FollowUp) -> Standing:
        enrolment = self._enrolments.get(row.policy_id)
        told = Standing(
            id=row.pk, policy=row.policy.name, version=enrolment.version.number if enrolment else 0,
            step=row.step, channel=row.channel, state=State.SCHEDULED, reason=row.reason,
            sentence=sentence(row.reason, detail=row.detail), at=row.due_at, planned_at=row.planned_at,
            attempts=row.attempts, receipt=row.receipt, settled_by=row.settled_by,
        )  # fmt: skip
        plan = self._plans.get(enrolment.version_id) if enrolment else None
        if row.status == Status.PENDING and enrolment and plan:
            return self._waiting(told, row, self._situation(row, enrolment, plan))
        if row.status in (Status.PENDING, Status.CLAIMED):
            return _because(told, State.SCHEDULED, DUE, row.due_at)
        return replace(told, state=_STATES[Status(row.status)], at=row.sent_at or row.changed_at)

    def _waiting(self, told: Standing, row: FollowUp, situation: Situation) -> Standing:
        """What the dispatcher would say, were it asked now."""
        if (gone := cancelled(situation, now=self._now)) is not None:
            if row.reason in UNSURE:
                return replace(told, state=State.IN_DOUBT, at=row.changed_at)
            return _because(told, State.CANCELLED, gone.reason, self._since(gone.reason, row, situation))
        if not situation.on:
            return _because(told, State.HELD, SWITCHED_OFF, row.due_at)
        if row.due_at > self._now:
            reason = "" if row.reason == SWITCHED_OFF else row.reason
            return replace(told, state=State.HELD if reason else State.SCHEDULED, reason=reason)
        decision = decide(situation, now=self._now)
        if isinstance(decision, Hold):
            return _because(told, State.HELD, decision.reason, decision.until)
        return _because(told, State.SCHEDULED, DUE, row.due_at)

    def _situation(self, row: FollowUp, enrolment: Enrolment, plan: Plan) -> Situation:
        following = (
            one.planned_at
            for one in self._rows
            if one.policy_id == row.policy_id and one.step == row.step + 1
        )
        situation = Situation(
            plan=plan, planned_at=row.planned_at, following_at=next(following, None),
            zone=self._lead.timezone, opted_out=self._is_out(),
            stopped=enrolment.stopped_at is not None, turns_heard=self._lead.turns_heard,
            turns_before=enrolment.turns_heard, state=self._outcome.state if self._outcome else None,
            on=row.policy_id in self._on, of_policy=self._of_policy(row, plan),
        )  # fmt: skip
        others = (other for other in self._rows if other.pk != row.pk)
        zone = lead_zone(situation)
        return replace(situation, to_lead=on_day_of(_begun(others), now=self._now, zone_name=zone))

    def _is_out(self) -> bool:
        return self._lead.opted_out_at is not None or self._lead.person_opted_out  # type: ignore[attr-defined]

    def _of_policy(self, row: FollowUp, plan: Plan) -> int:
        if plan.caps.policy_per_day is None:
            return 0
        day = local_day(self._now, zone_name=plan.hours.zone)
        held = PolicyDay.objects.filter(policy=row.policy_id, day=day).first()
        return held.begun if held else 0

    def _since(self, reason: str, row: FollowUp, situation: Situation) -> datetime | None:
        moments: Mapping[str, datetime | None] = {
            Reason.OPTED_OUT: self._lead.opted_out_at,
            Reason.STOPPED: self._enrolments[row.policy_id].stopped_at,
            Reason.REPLIED: self._lead.replied_at,
            Reason.ENDED: self._outcome.recorded_at if self._outcome else None,
            Reason.TOO_LATE: too_late_at(situation),
        }
        return moments[reason]


def _begun(rows: Iterable[FollowUp]) -> list[datetime]:
    """When messages went out that count, or may have."""
    return [
        row.sent_at or row.changed_at
        for row in rows
        if row.status in COUNTED or (row.status in (Status.PENDING, Status.CLAIMED) and row.reason in UNSURE)
    ]


def _because(told: Standing, state: State, reason: str, at: datetime | None) -> Standing:
    return replace(told, state=state, reason=reason, sentence=sentence(reason), at=at)


def _held_out(enrolment: Enrolment, plan: Plan) -> Sequence[Standing]:
    return [
        Standing(
            id=None, policy=enrolment.policy.name, version=enrolment.version.number, step=number,
            channel=step.channel, state=State.HELD_OUT, reason=HELD_OUT, sentence=sentence(HELD_OUT),
            at=enrolment.enrolled_at,
        )
        for number, step in enumerate(plan.steps, 1)
    ]  # fmt: skip
