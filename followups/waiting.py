"""Steps for a look ahead: those that wait, and those that leads like the last ones would add."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from django.db import connection

from followups import plans
from followups.calendar import local_day
from followups.deciding import Situation
from followups.models import FollowUp, Policy, PolicyDay, Status
from followups.policy import ENDINGS, Facts, Plan, admits, zone_of
from followups.unrolling import Counted, Waiting, unrolled_from
from leads.models import Lead

MOST_WAITING = 5_000  # steps; of more, those of every so-many-th lead
MOST_COMING = 2_000  # leads
LAST = timedelta(days=14)
PROMPT = timedelta(minutes=5)  # what a lead writes within these is what it came with
_NEWEST_OUTCOME = """
    LEFT JOIN LATERAL (
        SELECT state, occurred_at FROM leads_outcome
        WHERE lead_id = lead.id ORDER BY recorded_at DESC, id DESC LIMIT 1
    ) AS newest ON true
"""
_SHARE = "('x' || right({}::text, 7))::bit(28)::int %% %(every)s = 0"  # by the random end of an id
_LEADS_WAITING = f"""
    SELECT DISTINCT lead_id FROM followups_followup
    WHERE policy_id = %(policy)s AND status = 'pending' AND due_at < %(until)s AND {_SHARE.format("lead_id")}
"""  # noqa: S608 - a condition of ours
_WAITING = f"""
    SELECT one.lead_id, one.policy_id, one.step, one.due_at, one.planned_at, following.planned_at,
           lead.timezone, lead.opted_out_at IS NOT NULL, enrolled.stopped_at IS NOT NULL,
           lead.turns_heard, enrolled.turns_heard, newest.state, enrolled.version_id
    FROM followups_followup AS one
    JOIN followups_enrolment AS enrolled USING (lead_id, policy_id)
    JOIN leads_lead AS lead ON lead.id = one.lead_id
    LEFT JOIN followups_followup AS following
         ON following.lead_id = one.lead_id AND following.policy_id = one.policy_id
            AND following.step = one.step + 1
    {_NEWEST_OUTCOME}
    WHERE one.lead_id = ANY (%(leads)s) AND one.policy_id = ANY (%(policies)s)
      AND one.status = 'pending' AND one.due_at < %(until)s
"""  # noqa: S608 - a join of ours
_COMING = f"""
    SELECT lead.id, lead.timezone, lead.created_at, lead.source, lead.grade, lead.signals ->> 'intent',
           lead.probability, lead.replied_at, lead.opted_out_at, newest.state, newest.occurred_at
    FROM leads_lead AS lead {_NEWEST_OUTCOME}
    WHERE lead.created_at >= %(since)s AND lead.created_at < %(now)s AND {_SHARE.format("lead.id")}
"""  # noqa: S608 - a join of ours


@dataclass(frozen=True, slots=True)
class Seen:
    """Steps of the leads that were looked at; each stands for `every`."""

    steps: Sequence[Waiting]
    leads: int
    every: int


def of_policy(policy: Policy, *, on: set[int], until: datetime) -> Seen:
    """What waits for its leads, of all policies that are on: they share the lead's cap."""
    number = FollowUp.objects.filter(policy=policy, status=Status.PENDING, due_at__lt=until).count()
    every = ceil(number / MOST_WAITING) or 1
    leads = [lead for (lead,) in _rows(_LEADS_WAITING, policy=policy.pk, until=until, every=every)]
    rows = _rows(_WAITING, leads=leads, policies=[policy.pk, *on], until=until)
    known = plans.plans(row[-1] for row in rows)
    steps = [_stored(row, plan) for row in rows if (plan := known[row[-1]]) is not None]
    return Seen(steps, len(leads), every)


def counted(steps: Sequence[Waiting], *, now: datetime) -> Counted:
    """What was sent to their leads, and of their policies, around today."""
    leads = {each.lead: zone_of(each.situation.plan.hours, each.situation.zone) for each in steps}
    lately = now - timedelta(days=2)
    sent = FollowUp.objects.filter(lead__in=list(leads), sent_at__gt=lately).values_list("lead", "sent_at")
    to_lead = Counter((lead, local_day(at, zone_name=leads[lead])) for lead, at in sent if at)
    days = PolicyDay.objects.filter(policy__in={each.policy for each in steps}, day__gte=lately.date())
    return Counted(
        to_lead,
        Counter({(policy, day): begun for policy, day, begun in days.values_list("policy", "day", "begun")}),
    )


def coming(plan: Plan, *, now: datetime) -> Seen:
    """As if the leads of the last 14 days came again, and fell silent, replied and ended as they did."""
    since = now - LAST
    number = Lead.objects.filter(created_at__gte=since, created_at__lt=now).count()
    every = ceil(number / MOST_COMING) or 1
    rows = _rows(_COMING, since=since, now=now, every=every)
    meant = [row for row in rows if admits(plan.conditions, _facts(row))]
    return Seen([step for row in meant for step in _again(row, plan)], len(meant), every)


def _rows(sql: str, **params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _stored(row: tuple[Any, ...], plan: Plan) -> Waiting:
    (
        lead,
        policy,
        step,
        due_at,
        planned_at,
        following_at,
        zone,
        opted_out,
        stopped,
        heard,
        before,
        state,
        _,
    ) = row
    situation = Situation(
        plan=plan, planned_at=planned_at, following_at=following_at, zone=zone, opted_out=opted_out,
        stopped=stopped, turns_heard=heard, turns_before=before, state=state, on=True,
    )  # fmt: skip
    return Waiting(lead=lead, policy=policy, step=step, due_at=due_at, situation=situation)


def _facts(row: tuple[Any, ...]) -> Facts:
    _, _, _, source, grade, intent, probability, *_ = row
    return Facts(source=source, grade=grade, intent=intent or "", probability=probability)


def _again(row: tuple[Any, ...], plan: Plan) -> list[Waiting]:
    lead: UUID = row[0]
    zone, created_at = row[1], row[2]
    gone = min(_ends(row, plan), default=None)
    return unrolled_from(
        plan,
        zone_name=zone,
        lead=lead,
        policy=0,
        now=created_at + LAST,
        gone_at=gone + LAST if gone else None,
    )


def _ends(row: tuple[Any, ...], plan: Plan) -> list[datetime]:
    """The moments that ended it for a lead, as far as rows tell."""
    created_at, replied_at, opted_out_at, state, ended_at = row[2], *row[7:]
    found = [opted_out_at] if opted_out_at else []
    if plan.stops.reply and replied_at and replied_at > created_at + PROMPT:
        found.append(replied_at)
    if plan.stops.outcome and state in ENDINGS:
        found.append(ended_at)
    return found
