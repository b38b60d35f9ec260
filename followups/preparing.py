"""What is to be sent, made ready while nothing has begun: the text, the channel, where it goes.

What goes wrong here was certainly not delivered.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from followups.channels import channels
from followups.channels.base import Channel, NotNow, Outgoing, Undeliverable
from followups.claiming import Claimed
from followups.lanes import Lane
from followups.models import Reason
from followups.plans import plans
from followups.policy import Plan, Step
from followups.templating import TemplateFault, rendered, values_of
from followups.unsubscribing import url_for
from leads import conversation
from leads.conversation import Told
from leads.statements import Prepared, Statement, run
from privacy.encryption import UnreadableContact, opened

BROKE = "the channel failed; the log tells more"
UNSURE = (Reason.CRASHED, Reason.NO_ANSWER)

log = structlog.get_logger(__name__)

_READ = Prepared(
    "read_followups",
    """
    SELECT one.id, one.lead_id, policy.name, one.step, one.channel, one.planned_at, one.attempts,
           one.reason, enrolment.version_id, lead.contact, lead.external_id, lead.source, lead.grade,
           lead.attributes, one.aimed_at
    FROM followups_followup AS one
    JOIN followups_policy AS policy ON policy.id = one.policy_id
    JOIN leads_lead AS lead ON lead.id = one.lead_id
    LEFT JOIN followups_enrolment AS enrolment
      ON enrolment.lead_id = one.lead_id AND enrolment.policy_id = one.policy_id
    WHERE one.id = ANY ($1::uuid[])
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A claimed step that could be sent; with a `fault` it could not, and only its end is to be written.

    `reason` is what its row says so far.
    """

    claimed: Claimed
    channel_name: str
    attempt: int
    reason: str
    contact: Mapping[str, str]
    channel: Channel | None = None
    message: Outgoing | None = None
    target: Any = None
    repeatable: bool = False
    aimed_at: str = ""  # a digest of the place it goes to
    was_aimed_at: str = ""  # that of the attempt before
    fault: Undeliverable | NotNow | None = None

    @property
    def lane(self) -> Lane:
        """With whom it shares threads."""
        return (self.channel_name, self.aimed_at)

    @property
    def has_moved(self) -> bool:
        """Whether it would go elsewhere now. Of rows of earlier releases nobody knows where they went."""
        return bool(self.was_aimed_at) and self.aimed_at != self.was_aimed_at

    @property
    def unsure(self) -> bool:
        """An earlier attempt may have arrived: the step can no more be called unsent."""
        return self.reason in UNSURE

    def told(self, at: datetime) -> Told | None:
        """What the person reads, as a turn of the conversation; None without a text. No database."""
        message = self.message
        text = "\n\n".join(part for part in (message.subject, message.body) if part) if message else ""
        if not text:
            return None
        id, lead = self.claimed.id, self.claimed.lead_id
        return conversation.spoken(text, lead=lead, person=self.contact, sent_at=at, external_id=str(id))


@dataclass(frozen=True, slots=True)
class _Row:
    """A follow-up as Postgres tells it, and of its lead what a text may tell."""

    id: UUID
    lead_id: UUID
    policy: str
    step: int
    channel: str
    planned_at: datetime
    attempts: int
    reason: str
    version: int | None
    contact: bytes | None
    external_id: str | None
    source: str
    grade: str
    attributes_json: str
    aimed_at: str

    @property
    def attributes(self) -> Mapping[str, object]:
        """Of the lead."""
        return json.loads(self.attributes_json)  # type: ignore[no-any-return]


@dataclass(slots=True)
class _Making:
    """As much of a message as could be made so far."""

    channel: Channel | None = None
    contact: Mapping[str, str] = field(default_factory=dict)
    message: Outgoing | None = None
    target: Any = None
    repeatable: bool = False
    aimed_at: str = ""


def prepare(claimed: Sequence[Claimed]) -> list[Ready]:
    """In their order. One whose lead is gone is left out."""
    [found] = run(Statement(_READ, [[one.id for one in claimed]]))
    rows = {row[0]: _Row(*row) for row in found}
    read = plans({row.version for row in rows.values() if row.version is not None})
    return [_ready(one, row, read.get(row.version or 0)) for one in claimed if (row := rows.get(one.id))]


def _ready(claimed: Claimed, row: _Row, plan: Plan | None) -> Ready:
    making, fault = _Making(), None
    try:
        _make(making, row, plan)
    except (Undeliverable, NotNow) as known:
        fault = known
    except (OperationalError, InterfaceError):
        raise  # Postgres is away: all of them wait
    except Exception as error:  # a channel may fail in any way, but must not stop the steps behind this one
        log.error("followup_not_prepared", channel=row.channel, error=type(error).__name__)
        fault = NotNow(BROKE)
    return Ready(
        claimed=claimed, channel_name=row.channel, attempt=row.attempts + 1, reason=row.reason,
        contact=making.contact, channel=making.channel, message=making.message, target=making.target,
        repeatable=making.repeatable, aimed_at=making.aimed_at, was_aimed_at=row.aimed_at, fault=fault,
    )  # fmt: skip


def _make(making: _Making, row: _Row, plan: Plan | None) -> None:
    """Raises what the channel raises, with all that was made before."""
    channel, step = _channel(row), _step(row, plan)
    making.channel = channel
    making.contact = _contact(row)
    making.message = _message(row, step, making.contact)
    making.target = channel.target(step, making.contact)
    making.repeatable = channel.repeats(making.target)
    making.aimed_at = _digest(channel.place(making.target))


def _digest(place: str) -> str:
    return hashlib.sha256(place.encode()).hexdigest()[:32] if place else ""


def _contact(row: _Row) -> Mapping[str, str]:
    """Empty for a lead without. One that no key opens may be there again when its key is listed."""
    try:
        return opened(row.contact) if row.contact else {}
    except UnreadableContact as error:
        log.error("followup_contact_unreadable", hint="list its key in CONTACT_ENCRYPTION_KEYS")
        raise NotNow("no key in CONTACT_ENCRYPTION_KEYS reads the lead's contact") from error


def _channel(row: _Row) -> Channel:
    channel = channels().get(row.channel)
    if channel is None:
        raise Undeliverable(f"there is no channel {row.channel}", reason=Reason.UNSENDABLE)
    return channel


def _step(row: _Row, plan: Plan | None) -> Step:
    if plan is None:  # it may be of a newer release that other dispatchers run already
        raise NotNow("the version of the policy cannot be read here")
    if row.step > len(plan.steps):
        raise Undeliverable("the policy has no such step", reason=Reason.UNSENDABLE)
    return plan.steps[row.step - 1]


def _message(row: _Row, step: Step, contact: Mapping[str, str]) -> Outgoing:
    unsubscribe_url = url_for(row.lead_id)
    values = values_of(row, contact, unsubscribe_url, row.policy, row.step)
    try:
        subject, body = storable(rendered(step.subject, values)), storable(rendered(step.body, values))
    except TemplateFault as fault:
        raise Undeliverable(f"the text cannot be made: {fault}", reason=Reason.UNSENDABLE) from fault
    return Outgoing(
        id=row.id, lead_id=row.lead_id, external_id=row.external_id, policy=row.policy, step=row.step,
        attempt=row.attempts + 1, planned_at=row.planned_at, subject=subject, body=body, contact=contact,
        unsubscribe_url=unsubscribe_url,
    )  # fmt: skip


def storable(text: str) -> str:
    """Without what Postgres and JSON cannot hold: NUL, halves of a pair."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
