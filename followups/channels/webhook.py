"""Webhooks, signed and repeated as Standard Webhooks 1.0.0 has it: the receiver writes to the person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from uuid import uuid4

import orjson
import structlog
from django.utils.timezone import now

from followups import receivers
from followups.channels.base import Channel, NoAnswer, NotNow, Outgoing, Undeliverable
from followups.models import Reason, Receiver
from followups.outbound import posting, signatures
from followups.outbound.addresses import Inside
from followups.outbound.endpoints import Endpoint, endpoint
from followups.outbound.posting import Answer
from followups.policy import Step
from privacy.encryption import UnreadableContact

log = structlog.get_logger(__name__)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LONGEST_WAIT = timedelta(days=1)  # whatever a receiver asks for
GONE, TOO_MANY = 410, 429
BEHIND_A_GATEWAY = {502, 504, 524}  # what the receiver itself did, the gateway does not know


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver as it is now. `secrets` sign, all of them."""

    name: str
    endpoint: Endpoint
    secrets: tuple[str, ...]
    inside: Inside
    gets_contact: bool
    deduplicates: bool


class Webhook(Channel):
    """A POST to the receiver that the step names."""

    name = "webhook"
    retries: ClassVar[Sequence[timedelta]] = (
        5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
    )  # fmt: skip

    def faults(self, step: Step) -> Mapping[str, str]:
        """It takes a receiver that is there and not disabled."""
        if not step.receiver:
            return {"receiver": "a webhook needs one: the name of a receiver"}
        found = Receiver.objects.defer("secrets").filter(name=step.receiver).first()
        if found is None:
            names = ", ".join(Receiver.objects.order_by("name").values_list("name", flat=True)) or "none yet"
            return {"receiver": f"there is no such receiver; there are: {names}"}
        return {"receiver": f"is disabled: {found.disabled_why}"} if found.disabled_at else {}

    def target(self, step: Step, contact: Mapping[str, str]) -> Target:
        """The receiver, wherever the person is."""
        found = receivers.known.get(step.receiver)
        if found is None:
            raise Undeliverable(f"there is no receiver {step.receiver}", reason=Reason.UNSENDABLE)
        if found.disabled_at:
            raise Undeliverable(f"the receiver {found.name} is disabled", reason=Reason.UNSENDABLE)
        return _readable(found)

    def repeats(self, target: Target) -> bool:
        """As its receiver says."""
        return target.deduplicates

    def place(self, target: Target) -> str:
        """Its address: whoever listens at another one has not seen what was sent to this."""
        return str(target.endpoint)

    def deliver(self, message: Outgoing, target: Target) -> str:
        """Its status, once it took it."""
        answer = sent(target, id=str(message.id), body=body_of(message, with_contact=target.gets_contact))
        return receipt(answer, deduplicates=target.deduplicates)

    def disable(self, target: Target, why: str) -> None:
        """Until somebody enables it in the admin."""
        receivers.disable(receiver=target.name, why=why, now=now(), actor="its own answer")


def target_of(receiver: Receiver) -> Target:
    """Where and how it is reached."""
    return Target(
        name=receiver.name,
        endpoint=endpoint(receiver.url, private=receiver.private),
        secrets=receivers.secrets_of(receiver, now=now()),
        inside=receivers.inside() if receiver.private else Inside(),
        gets_contact=receiver.gets_contact,
        deduplicates=receiver.deduplicates,
    )


def _readable(receiver: Receiver) -> Target:
    try:
        return target_of(receiver)
    except UnreadableContact as error:
        log.error("receiver_secret_unreadable", hint="list its key in CONTACT_ENCRYPTION_KEYS")
        raise NotNow("no key in CONTACT_ENCRYPTION_KEYS reads the receiver's secret") from error


def body_of(message: Outgoing, *, with_contact: bool) -> bytes:
    """The same bytes in every attempt."""
    data: dict[str, Any] = {
        "lead_id": str(message.lead_id),  # orjson does not know the type that uuid6 makes
        "external_id": message.external_id,
        "policy": message.policy,
        "step": message.step,
        "subject": message.subject,
        "body": message.body,
        "unsubscribe_url": message.unsubscribe_url,
    }
    if with_contact:
        data["contact"] = dict(message.contact)
    return event("followup.due", message.planned_at, data)


def event(kind: str, at: datetime, data: Mapping[str, Any]) -> bytes:
    """The payload of the standard."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return orjson.dumps({"type": kind, "timestamp": moment, "data": data})


def test(receiver: Receiver, *, now: datetime) -> Answer:
    """Really deliver a message that says it is a test, also to one that is disabled.

    Raises NotNow and NoAnswer.
    """
    body = event("receiver.test", now, {"receiver": receiver.name})
    return sent(_readable(receiver), id=f"test-{uuid4()}", body=body)


def sent(target: Target, *, id: str, body: bytes) -> Answer:
    """One attempt. Raises NotNow and NoAnswer."""
    signed = signatures.headers(secrets=target.secrets, id=id, at=int(now().timestamp()), body=body)
    headers = {"Content-Type": "application/json", "User-Agent": "CustomerOps", **signed}
    try:
        # a kept connection may have been closed meanwhile, and nobody knew: not for those who act twice
        return posting.post(
            target.endpoint, body=body, headers=headers, inside=target.inside, keep=target.deduplicates
        )
    except posting.NotSent as error:
        raise NotNow(str(error)) from error
    except posting.Unanswered as error:
        raise NoAnswer(str(error)) from error


def receipt(answer: Answer, *, deduplicates: bool) -> str:
    """What a status means. Raises Undeliverable, NotNow and NoAnswer."""
    told = f"HTTP {answer.status}"
    if 200 <= answer.status < 300:
        return told
    if answer.status == GONE:
        raise Undeliverable(f"{told}: the receiver wants no more", disables=True)
    if answer.status in BEHIND_A_GATEWAY and not deduplicates:
        raise NoAnswer(told)
    if 300 <= answer.status < 400:
        raise NotNow(f"{told}: redirects are not followed; change the receiver's URL")
    raise NotNow(told, after=wait(answer.headers.get("retry-after", ""), now=now()))


def wait(asked: str, *, now: datetime) -> timedelta | None:
    """How long a Retry-After wants us to wait, at most a day; None when it says nothing.

    >>> wait("120", now=datetime(2026, 1, 1, tzinfo=UTC))
    datetime.timedelta(seconds=120)
    """
    if asked.isascii() and asked.isdigit():
        return min(timedelta(seconds=int(asked[:9])), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), LONGEST_WAIT)
