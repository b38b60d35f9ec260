"""Policies that are on and did not take a lead in, each with why; those that did tell their steps instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from followups import absence, people, policies
from followups.absence import Outsider, Reason
from followups.enrolling import facts_of, heard_at
from followups.models import Enrolment, PolicyVersion, Switch
from followups.plans import plans
from followups.policies import Live
from leads.models import Lead
from leads.opting_out import OF_THEIR_PERSON

UNREADABLE = Reason("unreadable", "what the policy says now cannot be read by this release")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A policy and why the lead is not in it: the first reason as a word, all of them as a sentence."""

    policy: str
    version: int
    reason: str
    sentence: str


def of_lead(lead: UUID, *, now: datetime) -> list[Outside]:
    """By name of the policy. Empty for a lead that is not there."""
    leads = Lead.objects.with_state().defer("contact").annotate(person_opted_out=OF_THEIR_PERSON)
    found = leads.filter(pk=lead).first()
    if found is None:
        return []
    inside = Enrolment.objects.filter(lead=lead).values_list("policy_id", flat=True)
    rows = policies.newest_of(policies.on() - set(inside))
    read, since = plans(row.pk for row in rows), _switched_on(rows)
    live = [Live(row.policy, row, plan) for row in rows if (plan := read[row.pk]) is not None]
    elsewhere = people.followed_elsewhere(lead, policies=live, now=now)
    told = [
        _outside(one.version, _reasons(found, one, since[one.policy.pk], now, elsewhere=elsewhere))
        for one in live
    ]
    told += [_outside(row, [UNREADABLE]) for row in rows if read[row.pk] is None]
    return sorted(told, key=lambda one: one.policy)


def _switched_on(rows: Iterable[PolicyVersion]) -> Mapping[int, datetime]:
    newest = Switch.objects.filter(policy__in=[row.policy_id for row in rows]).order_by("policy", "-pk")
    return dict(newest.distinct("policy").values_list("policy_id", "at"))


def _reasons(
    lead: Lead, live: Live, on_since: datetime, now: datetime, *, elsewhere: set[int]
) -> list[Reason]:
    person_opted_out: bool = lead.person_opted_out  # type: ignore[attr-defined] # read with it
    outsider = Outsider(
        facts=facts_of(lead),
        opted_out=lead.opted_out_at is not None or person_opted_out,
        state=lead.state,  # type: ignore[attr-defined] # read with it
        heard_at=heard_at(lead),
        on_since=on_since,
        elsewhere=live.policy.pk in elsewhere,
    )
    return absence.reasons(live.plan, outsider, now=now)


def _outside(row: PolicyVersion, found: list[Reason]) -> Outside:
    return Outside(
        policy=row.policy.name, version=row.number, reason=found[0].word, sentence=absence.told(found)
    )
