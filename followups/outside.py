"""Policies that are on and did not take a lead in, each with why; those that did tell their steps instead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from followups import absence, policies
from followups.absence import Outsider, Reason
from followups.enrolling import facts_of, heard_at
from followups.models import Enrolment, PolicyVersion, Switch
from followups.plans import plans
from followups.policy import Plan
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
    return [
        _outside(row, _reasons(found, read[row.pk], since[row.policy_id], now))
        for row in sorted(rows, key=lambda row: row.policy.name)
    ]


def _switched_on(rows: Iterable[PolicyVersion]) -> Mapping[int, datetime]:
    newest = Switch.objects.filter(policy__in=[row.policy_id for row in rows]).order_by("policy", "-pk")
    return dict(newest.distinct("policy").values_list("policy_id", "at"))


def _reasons(lead: Lead, plan: Plan | None, on_since: datetime, now: datetime) -> list[Reason]:
    if plan is None:
        return [UNREADABLE]
    person_opted_out: bool = lead.person_opted_out  # type: ignore[attr-defined] # read with it
    outsider = Outsider(
        facts=facts_of(lead),
        opted_out=lead.opted_out_at is not None or person_opted_out,
        state=lead.state,  # type: ignore[attr-defined] # read with it
        heard_at=heard_at(lead),
        on_since=on_since,
    )
    return absence.reasons(plan, outsider, now=now)


def _outside(row: PolicyVersion, found: list[Reason]) -> Outside:
    return Outside(
        policy=row.policy.name, version=row.number, reason=found[0].word, sentence=absence.told(found)
    )
