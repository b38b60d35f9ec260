"""Who is followed up. Leads are enrolled in the transaction that brings or changes them."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from threading import Lock
from time import monotonic
from uuid import UUID

import orjson
import structlog
from django.db.models import Count, Q
from uuid6 import uuid7

from followups import people, policies
from followups.absence import is_warm
from followups.calendar import next_allowed
from followups.models import Enrolment, Policy, Trigger
from followups.people import FOLLOWED_ELSEWHERE
from followups.policies import Live
from followups.policy import ENDINGS, Facts, Plan, admits, zone_of
from leads import metrics
from leads.models import Lead
from leads.signals import INTENT
from leads.statements import Prepared, Statement, run

log = structlog.get_logger(__name__)

BATCH = 1000
ASKED_FOR = (Trigger.IMPORTED, Trigger.PERSON)
LIVE_SECONDS = 1.0  # a policy that was switched on takes leads in after so long

# A lead that opted out or has ended is not enrolled; nor is one that is not there, or was enrolled before, or
# whose person is followed up under another lead; of leads of one person that come together, one is.
_ENROL = Prepared(
    "enrol_leads",
    f"""
    WITH entering AS (
        SELECT new.*, lead.turns_heard, row_number() OVER (
                   PARTITION BY new.policy, coalesce(lead.email_digest, lead.id) ORDER BY lead.id
               ) AS place
        FROM jsonb_to_recordset($2::jsonb)
             AS new (lead uuid, policy bigint, version bigint, trigger text, held_out bool, since timestamptz)
        JOIN leads_lead AS lead ON lead.id = new.lead
        LEFT JOIN LATERAL (
            SELECT state FROM leads_outcome WHERE lead_id = lead.id ORDER BY recorded_at DESC, id DESC LIMIT 1
        ) AS newest ON true
        WHERE lead.opted_out_at IS NULL AND coalesce(newest.state, '') <> ALL ($4::text[])
          AND NOT EXISTS (
              SELECT FROM followups_enrolment AS before
              WHERE before.lead_id = new.lead AND before.policy_id = new.policy
          )
          AND NOT {FOLLOWED_ELSEWHERE}
    ), enrolled AS (
        INSERT INTO followups_enrolment (lead_id, policy_id, version_id, trigger, held_out, turns_heard,
                                         enrolled_at, stopped_by)
        SELECT lead, policy, version, trigger, held_out, turns_heard, $1::timestamptz, ''
        FROM entering WHERE place = 1
        ON CONFLICT (lead_id, policy_id) DO NOTHING
        RETURNING lead_id, policy_id
    )
    INSERT INTO followups_followup (id, lead_id, policy_id, step, channel, planned_at, due_at, status, reason,
                                    detail, changed_at, attempts, fence, claimed_by, receipt)
    SELECT step.id, lead_id, policy_id, step.step, step.channel, step.planned_at, step.planned_at, 'pending',
           '', '', $1::timestamptz, 0, 0, '', ''
    FROM jsonb_to_recordset($3::jsonb)
         AS step (id uuid, lead uuid, policy bigint, step smallint, channel text, planned_at timestamptz)
    JOIN enrolled ON lead_id = step.lead AND policy_id = step.policy
    """,  # noqa: S608 - a condition of ours
)


class _Known:
    """The policies that are on, read once a second: a lead that comes in should not wait for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._read_at = float("-inf")
        self._live: Sequence[Live] = ()

    def live(self) -> Sequence[Live]:
        """As they were at most a second ago."""
        with self._lock:
            if monotonic() - self._read_at > LIVE_SECONDS:
                self._live, self._read_at = tuple(policies.live()), monotonic()
            return self._live

    def forget(self) -> None:
        """Read again next time."""
        with self._lock:
            self._read_at = float("-inf")


known = _Known()


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of enrolling leads that a person chose.

    The rest opted out, ended, was enrolled before, or their person is followed up under another lead.
    """

    chosen: int
    meant: int  # by the conditions of the policy
    enrolled: int
    held_out: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A lead that enters a policy."""

    lead: Lead
    live: Live


def enrolling(leads: Sequence[Lead], *, trigger: Trigger, now: datetime) -> list[Statement]:
    """What has to be run with the statements that bring or change the leads.

    Nothing when no policy wants one of them, nor for leads that have been quiet for long: whoever scores old
    leads again or brings in history does not mean to write to all of them. That has to be asked for.
    """
    if metrics.is_synthetic():
        return []
    warm = [lead for lead in leads if trigger in ASKED_FOR or is_warm(heard_at(lead), now=now)]
    entries = [Entry(lead, live) for live in known.live() for lead in warm if _enters(lead, live.plan)]
    return _statements(entries, trigger, now) if entries else []


def heard_at(lead: Lead) -> datetime:
    """When it came in, or wrote last."""
    return max(filter(None, (lead.created_at, lead.replied_at)))


def enrol_stored(leads: Sequence[UUID], *, trigger: Trigger, now: datetime) -> None:
    """Enrol leads that are stored, however old they are, in the policies that want them."""
    rows = list(Lead.objects.defer("contact").filter(pk__in=leads))
    if statements := enrolling(rows, trigger=trigger, now=now):
        run(*statements)


def enrol_chosen(
    leads: Iterable[UUID], *, policy: Policy, actor: str, now: datetime, dry_run: bool = False
) -> Asked:
    """Enrol stored leads that a person chose in one policy, if it means them. Raises PolicyError.

    A batch is a transaction: what was enrolled stays, should a later one fail.
    """
    live = next((live for live in policies.live() if live.policy == policy), None)
    if live is None:
        raise policies.PolicyError(f"{policy} is switched off; a policy that is on takes leads in")
    chosen = meant = 0
    for batch in _batches(leads):
        rows = Lead.objects.defer("contact").filter(pk__in=batch)
        entries = [Entry(lead, live) for lead in rows if _enters(lead, live.plan)]
        chosen, meant = chosen + len(batch), meant + len(entries)
        if entries and not dry_run:
            run(*_statements(entries, Trigger.PERSON, now))
    mine = Enrolment.objects.filter(policy=policy, trigger=Trigger.PERSON, enrolled_at=now)
    found = mine.aggregate(all=Count("pk"), held_out=Count("pk", filter=Q(held_out=True)))
    log.info("leads_enrolled", policy=policy.pk, by=actor, chosen=chosen, enrolled=found["all"])
    return Asked(chosen, meant, found["all"], found["held_out"])


def _batches(leads: Iterable[UUID]) -> Iterator[list[UUID]]:
    remaining = iter(leads)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def facts_of(lead: Lead) -> Facts:
    """What conditions look at."""
    return Facts(
        source=lead.source,
        grade=lead.grade,
        intent=str(lead.signals.get(INTENT, "")),
        probability=lead.probability,
    )


def _enters(lead: Lead, plan: Plan) -> bool:
    return lead.opted_out_at is None and admits(plan.conditions, facts_of(lead))


def _statements(entries: Collection[Entry], trigger: Trigger, now: datetime) -> list[Statement]:
    enrolments, steps = [], []
    for entry in sorted(entries, key=lambda entry: (entry.lead.pk, entry.live.policy.pk)):  # no deadlock
        held_out = is_held_out(entry.lead.pk, entry.live)
        enrolments.append(
            {
                "lead": entry.lead.pk,
                "policy": entry.live.policy.pk,
                "version": entry.live.version.pk,
                "trigger": trigger.value,
                "held_out": held_out,
                "since": people.since(entry.live, now=now),
            }
        )
        steps += [] if held_out else _steps(entry, now)
    rows = [orjson.dumps(each).decode() for each in (enrolments, steps)]
    leads = {entry.lead.pk for entry in entries}
    return [people.holding(leads), Statement(_ENROL, [now, *rows, sorted(ENDINGS)])]


def _steps(entry: Entry, now: datetime) -> list[dict[str, object]]:
    plan = entry.live.plan
    zone = zone_of(plan.hours, entry.lead.timezone)
    return [
        {
            "id": UUID(int=uuid7().int),  # the plain type, which orjson knows
            "lead": entry.lead.pk,
            "policy": entry.live.policy.pk,
            "step": number,
            "channel": step.channel,
            # one that never may be sent is held when it is due, and says why
            "planned_at": next_allowed(now + step.after, hours=plan.hours, zone_name=zone)
            or now + step.after,
        }
        for number, step in enumerate(plan.steps, 1)
    ]


def is_held_out(lead: UUID, live: Live) -> bool:
    """Whether it gets nothing."""
    return drawn(lead, live.policy.pk) < live.plan.hold_out


def drawn(lead: UUID, policy: int) -> float:
    """From 0 to 1, by lead and policy, so that no later version and no repeated call draws again."""
    digest = hashlib.sha256(f"{policy}:{lead}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
