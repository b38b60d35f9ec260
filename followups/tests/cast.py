"""Policies, and leads they follow up. It is Monday noon, in UTC and where the leads live."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from customerops import intake
from followups import enrolling, policies
from followups.clock import Clock
from followups.dispatching import Dispatcher
from followups.models import FollowUp, Policy
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
    """One that came in."""
    [answer] = intake.receive(leads=[NewLead(**{"contact": ADA, **told})], now=now)
    return answer.lead


def steps(**of) -> list[FollowUp]:
    """Rows in the order of their steps."""
    return list(FollowUp.objects.filter(**of).order_by("policy", "step"))


def dispatch(at: datetime, *, most: int | None = None, ends: Callable[[], bool] = lambda: False):
    """Send what is due."""
    return Dispatcher(clock=At(at), threads=4, most=most).run(ends=ends, stays=False)
