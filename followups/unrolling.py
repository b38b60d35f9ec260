"""What steps that wait would come to, decided as the dispatcher decides, moment by moment. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from heapq import heapify, heappop, heappush
from uuid import UUID

from followups.calendar import local_day, next_allowed
from followups.deciding import NO_TIME, Cancel, Hold, Situation, decide, lead_zone
from followups.policy import Plan, zone_of

GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A step of a lead. From `gone_at` on it is not sent any more: the lead will have replied, or ended."""

    lead: UUID
    policy: int
    step: int
    situation: Situation
    due_at: datetime
    gone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """When it goes out, or why it never does. `put_off` is what held it back last."""

    waiting: Waiting
    at: datetime | None
    reason: str = ""
    put_off: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """Messages so far: to a lead on its local day, of a policy on its own."""

    to_lead: Counter[tuple[UUID, date]]
    of_policy: Counter[tuple[int, date]]


def unrolled_from(
    plan: Plan, *, zone_name: str, lead: UUID, policy: int, now: datetime, gone_at: datetime | None = None
) -> list[Waiting]:
    """The steps of a lead that enters at `now`."""
    hours, of_lead = plan.hours, zone_of(plan.hours, zone_name)
    planned = [
        next_allowed(now + step.after, hours=hours, zone_name=of_lead) or now + step.after
        for step in plan.steps
    ]
    return [
        Waiting(
            lead=lead,
            policy=policy,
            step=number,
            due_at=at,
            gone_at=gone_at,
            situation=Situation(
                plan=plan, planned_at=at, following_at=following, zone=zone_name, opted_out=False,
                stopped=False, turns_heard=0, turns_before=0, state=None, on=True,
            ),
        )
        for number, (at, following) in enumerate(zip(planned, [*planned[1:], None], strict=True), 1)
    ]  # fmt: skip


def unroll(
    waiting: Iterable[Waiting], *, now: datetime, until: datetime, counted: Counted | None = None
) -> Iterator[Fate]:
    """What becomes of each before `until`, in the order of time; what waits longer is left out."""
    so_far = counted or Counted(Counter(), Counter())
    queue = [(max(each.due_at, now), number, each, "") for number, each in enumerate(waiting)]
    heapify(queue)
    while queue:
        moment, number, each, put_off = heappop(queue)
        if moment >= until:
            return
        if each.gone_at is not None and moment >= each.gone_at:
            yield Fate(each, None, GONE)
            continue
        decision = decide(_as_of(each, moment, so_far), now=moment)
        if isinstance(decision, Hold):
            later = decision.until if decision.until > moment else moment + NO_TIME
            heappush(queue, (later, number, each, decision.reason))
        elif isinstance(decision, Cancel):
            yield Fate(each, None, decision.reason, put_off)
        else:
            lead, policy = _days(each, moment)
            so_far.to_lead[lead] += 1
            so_far.of_policy[policy] += 1
            yield Fate(each, moment, "", put_off)


def _as_of(each: Waiting, moment: datetime, counted: Counted) -> Situation:
    lead, policy = _days(each, moment)
    return replace(each.situation, to_lead=counted.to_lead[lead], of_policy=counted.of_policy[policy])


def _days(each: Waiting, moment: datetime) -> tuple[tuple[UUID, date], tuple[int, date]]:
    of_lead = local_day(moment, zone_name=lead_zone(each.situation))
    of_policy = local_day(moment, zone_name=each.situation.plan.hours.zone)
    return (each.lead, of_lead), (each.policy, of_policy)
