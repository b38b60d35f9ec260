"""Policies, and leads they follow up. It is Monday noon, in UTC and where the leads live."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
from django.db import connection
from django.db.models.functions import Now

from customerops import intake
from followups import enrolling, policies
from followups.beginning import Begun, begin
from followups.claiming import Claimed, claim
from followups.clock import Clock
from followups.completing import Completion, Result
from followups.dispatching import Dispatcher
from followups.models import FollowUp, Policy
from followups.preparing import prepare
from leads import conversation
from leads.models import Lead
from leads.services import NewLead

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}
BODY = "Still there?"


class At(Clock):
    """A clock that a test sets."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.moment = moment

    def look(self) -> None:
        """Nobody is asked."""

    def now(self) -> datetime:
        """What was set."""
        return self.moment


def policy(
    *after: str, name: str = "nudge", channel: str = "scripted", on: bool = True, body: str = BODY, **document
) -> Policy:
    """A policy with a step after each delay."""
    steps = [{"after": delay, "channel": channel, "body": body} for delay in after or ("30m",)]
    version = policies.create(name=name, document={"steps": steps, **document}, author="ada", now=NOON)
    switch(version.policy, on=on)
    return version.policy


def switch(policy: Policy | None, *, on: bool, now: datetime = NOON) -> None:
    """Throw one."""
    policies.throw_switch(policy=policy, on=on, actor="ada", now=now)
    enrolling.known.forget()


def lead(now: datetime = NOON, **told) -> Lead:
    """One that came in: Ada, and after her others with an address of their own."""
    [answer] = intake.receive(leads=[NewLead(**{"contact": somebody(ADA), **told})], now=now)
    return answer.lead


def somebody(first: dict[str, str]) -> dict[str, str]:
    """The first, or somebody of that name who is not known yet."""
    number = Lead.objects.count()
    return first | {"email": f"ada-{number}@example.org"} if number else first


def steps(**of) -> list[FollowUp]:
    """Rows in the order of their steps."""
    return list(FollowUp.objects.filter(**of).order_by("policy", "step"))


def dispatch(at: datetime, *, most: int | None = None, ends: Callable[[], bool] = lambda: False):
    """Send what is due."""
    return Dispatcher(clock=At(at), threads=4, most=most).run(ends=ends, stays=False)


def claimed(at: datetime, *, most: int = 100, worker: str = "one") -> list[Claimed]:
    """What is due, in hand."""
    return claim(worker=worker, now=at, most=most)


def begun(at: datetime, *, most: int = 100) -> list[Begun]:
    """What is due, being sent."""
    return begin(ready=prepare(claimed(at, most=most)), now=at).begun


def ended(one: Begun, result: Result, at: datetime, *, said: str = "", **told) -> Completion:
    """How an attempt ended."""
    claimed = one.ready.claimed
    if said:
        names = {"lead": claimed.lead_id, "external_id": str(claimed.id)}
        told["said"] = conversation.spoken(said, person={}, sent_at=at, **names)
    return Completion(
        id=claimed.id, fence=claimed.fence, lead_id=claimed.lead_id, channel=one.ready.channel_name,
        result=result, at=at, unsure=one.ready.unsure, counted_on=one.counted_on, **told,
    )  # fmt: skip


def leases_end() -> None:
    """Every worker has been silent for long."""
    FollowUp.objects.filter(lease_until__isnull=False).update(lease_until=Now() - timedelta(seconds=1))


@contextmanager
def somebody_writes_for(lead: Lead) -> Iterator[None]:
    """Another connection holds the lead meanwhile."""
    with connection_of_another() as other, other.transaction():
        other.execute("SELECT FROM leads_lead WHERE id = %s FOR NO KEY UPDATE", [lead.pk])
        yield


def connection_of_another() -> psycopg.Connection:
    """To the same database."""
    return psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor})
