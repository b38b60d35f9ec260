"""Policies as people make them: new versions, switched on and off. The only writer of these rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from django.db import IntegrityError, transaction

from followups import calendar, documents, plans, templating
from followups.channels import channels
from followups.documents import DocumentError
from followups.models import Policy, PolicyVersion, Switch
from followups.policy import Plan, Step
from privacy.keeping import kept
from privacy.kinds import Surface

log = structlog.get_logger(__name__)


class PolicyError(Exception):
    """What was asked for does not fit what is there; the message is for the person who asked."""


class UnreadableError(PolicyError):
    """What is stored cannot be read, as when a later release wrote it."""


@dataclass(frozen=True, slots=True)
class Live:
    """A policy that is on, as its newest version says."""

    policy: Policy
    version: PolicyVersion
    plan: Plan


def create(*, name: str, document: object, author: str, now: datetime) -> PolicyVersion:
    """A new policy, switched off. Raises DocumentError, and PolicyError for a name that is taken."""
    plan = checked(document)
    try:
        with transaction.atomic():
            policy = Policy.objects.create(name=name.strip(), created_at=now)
            version = _version(policy, 1, plan, author, now)
    except IntegrityError as taken:
        raise PolicyError(f"there is a policy named {name.strip()!r} already") from taken
    log.info("policy_created", policy=policy.pk, by=author)
    return version


def revise(*, policy: Policy, document: object, author: str, now: datetime) -> PolicyVersion:
    """The next version, unless it says what the newest says. Leads that are enrolled keep theirs.

    Raises DocumentError.
    """
    plan = checked(document)
    with transaction.atomic():
        Policy.objects.select_for_update().get(pk=policy.pk)  # one after the other
        last = newest(policy)
        if last.document == documents.written(plan):
            return last
        version = _version(policy, last.number + 1, plan, author, now)
    log.info("policy_revised", policy=policy.pk, version=version.number, by=author)
    return version


def newest(policy: Policy) -> PolicyVersion:
    """What it says now."""
    return PolicyVersion.objects.filter(policy=policy).latest("number")


def newest_of(chosen: Iterable[int]) -> list[PolicyVersion]:
    """What each of them says now."""
    rows = PolicyVersion.objects.filter(policy__in=list(chosen)).order_by("policy", "-number")
    return list(rows.distinct("policy").select_related("policy"))


def newest_plan(policy: Policy) -> Plan:
    """What it says now. Raises UnreadableError."""
    version = newest(policy)
    try:
        return documents.read(version.document)
    except DocumentError as error:
        raise UnreadableError(
            f"version {version.number} of {policy} cannot be read by this release; save a new version, or"
            " run the release that wrote it"
        ) from error


def checked(document: object) -> Plan:
    """The plan, if it can be carried out: channels, templates, hours. Raises DocumentError."""
    plan = documents.read(document)
    faults = {}
    steps = [_faults(step) for step in plan.steps]
    if any(steps):
        faults["steps"] = steps
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    if calendar.next_allowed(moment, hours=plan.hours, zone_name=plan.hours.zone) is None:
        faults["hours"] = [{"windows": ["there is no time at which a message may go out"]}]
    if faults:
        raise DocumentError(faults)
    return plan


def throw_switch(*, policy: Policy | None, on: bool, actor: str, now: datetime, reason: str = "") -> Switch:
    """Start or stop a policy, or everything. It acts with the next claim; what is being sent is sent."""
    safe = kept(reason.strip(), surface=Surface.SWITCH_REASON)[:500] if reason.strip() else ""
    row = Switch.objects.create(policy=policy, on=on, actor=actor[:150], reason=safe, at=now)
    log.warning("followup_switch", policy=policy.pk if policy else "all", on=on, by=actor)
    return row


def all_on() -> bool:
    """Whether anything is sent at all."""
    row = Switch.objects.filter(policy=None).order_by("-pk").values_list("on", flat=True).first()
    return row is not False


def on() -> set[int]:
    """The policies that are on, whatever the switch of everything says."""
    rows = Switch.objects.filter(policy__isnull=False).order_by("policy", "-pk").distinct("policy")
    return {row.policy_id for row in rows if row.on and row.policy_id}


def live() -> list[Live]:
    """The policies that are on, each as its newest version says; without those that cannot be read."""
    rows = newest_of(on())
    read = plans.plans(row.pk for row in rows)  # a lead comes in though one of them cannot be read
    return [Live(row.policy, row, plan) for row in rows if (plan := read[row.pk]) is not None]


def _version(policy: Policy, number: int, plan: Plan, author: str, now: datetime) -> PolicyVersion:
    return PolicyVersion.objects.create(
        policy=policy,
        number=number,
        document=documents.written(plan),
        created_by=author[:150],
        created_at=now,
    )


def _faults(step: Step) -> Mapping[str, Any]:
    channel = channels().get(step.channel)
    if channel is None:
        return {"channel": [f"is none of {', '.join(channels())}"]}
    faults: dict[str, Sequence[str]] = {name: [said] for name, said in channel.faults(step).items()}
    if "\n" in step.subject or "\r" in step.subject:
        faults["subject"] = ["is one line"]
    for field in ("subject", "body"):
        if said := templating.faults(getattr(step, field)):
            faults[field] = [*faults.get(field, ()), *said]
    return faults
