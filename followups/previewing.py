"""A policy as one real lead would meet it: whether it enters, the words it reads, when. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from followups.absence import refusals
from followups.calendar import zone
from followups.enrolling import drawn, facts_of
from followups.models import Enrolment, Policy
from followups.policy import LONGEST_DELAY, Plan, Step, zone_of
from followups.standing import sentence
from followups.templating import rendered, values_of
from followups.unrolling import unroll, unrolled_from
from followups.unsubscribing import url_for
from leads.models import Lead
from privacy.encryption import UnreadableContact
from privacy.keeping import kept
from privacy.kinds import Surface

NEWEST = 300  # leads among which one that matches is looked for


@dataclass(frozen=True, slots=True)
class StepPreview:
    """A message without what is personal in it. `at` None: it would not go out; `why` says what moved it."""

    step: int
    channel: str
    subject: str
    body: str
    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """For one lead, as if it came in now. `unmet`: why it would not enter; `held_out`: it gets nothing."""

    lead: Lead
    zone: str
    unmet: tuple[str, ...]
    held_out: bool
    steps: tuple[StepPreview, ...]


def preview(*, plan: Plan, name: str, lead: Lead, policy: Policy | None, now: datetime) -> Preview:
    """What `plan` would send to `lead`. `policy` is None for one that is not stored yet."""
    contact = _contact(lead)
    fates = _fates(plan, lead, now)
    return Preview(
        lead=lead,
        zone=zone_of(plan.hours, lead.timezone),
        unmet=_unmet(plan, lead, policy),
        held_out=policy is not None and drawn(lead.pk, policy.pk) < plan.hold_out,
        steps=tuple(
            StepPreview(
                number,
                step.channel,
                *_words(step, number, name=name, lead=lead, contact=contact),
                *fates.get(number, (None, "there is no time at which it may go out")),
            )
            for number, step in enumerate(plan.steps, 1)
        ),
    )


def latest(plan: Plan) -> Lead | None:
    """The newest lead that would enter; the newest of all when none of the last would."""
    newest = list(Lead.objects.with_state().order_by("-created_at", "-pk")[:NEWEST])
    meant = (lead for lead in newest if not _unmet(plan, lead, None))
    return next(meant, newest[0] if newest else None)


def found(lead_id: str) -> Lead | None:
    """By our id or by the caller's."""
    text = lead_id.strip()
    try:
        return Lead.objects.with_state().filter(pk=UUID(text)).first()
    except ValueError:
        return Lead.objects.with_state().filter(external_id=text).first()


def _unmet(plan: Plan, lead: Lead, policy: Policy | None) -> tuple[str, ...]:
    state: str | None = getattr(lead, "state", None)
    refused = refusals(plan, facts_of(lead), opted_out=lead.opted_out_at is not None, state=state)
    said = [reason.sentence for reason in refused]
    if policy is not None and Enrolment.objects.filter(lead=lead, policy=policy).exists():
        said.append("it is enrolled already")
    return tuple(said)


def _contact(lead: Lead) -> Mapping[str, str]:
    try:
        return lead.contact or {}
    except UnreadableContact:
        return {}


def _words(step: Step, number: int, *, name: str, lead: Lead, contact: Mapping[str, str]) -> tuple[str, str]:
    values = values_of(lead, contact, url_for(lead.pk), name, number)
    subject, body = (
        kept(rendered(text, values), surface=Surface.FOLLOWUP_PREVIEW, person=contact)
        for text in (step.subject, step.body)
    )
    return subject, body


def _fates(plan: Plan, lead: Lead, now: datetime) -> dict[int, tuple[datetime | None, str]]:
    waiting = unrolled_from(plan, zone_name=lead.timezone, lead=lead.pk, policy=0, now=now)
    until = now + LONGEST_DELAY + timedelta(days=40)
    return {
        fate.waiting.step: (fate.at, sentence(fate.reason or fate.put_off))
        for fate in unroll(waiting, now=now, until=until)
    }


def local(moment: datetime, zone_name: str) -> datetime:
    """On the clock of the lead."""
    return moment.astimezone(zone(zone_name))
