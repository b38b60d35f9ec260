"""The people of a run, brought in through the product's own doors: receivers, policies, leads."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.chaos.evidence import ONCE
from benchmarks.chaos.plan import Plan
from customerops import intake
from followups import enrolling, policies, receivers
from leads.services import NewLead

SINKS = (ONCE, "each", "mail")
AFTER = timedelta(minutes=30)  # of the policies for people who wait
ANY_TIME: dict[str, Any] = {"quiet": []}
GROUP = 20
MOVE_IN_SECONDS = 0.0015  # that a person takes to be stored
RACE_SECONDS = 0.4  # how close to the moment they are due racers speak (standard deviation)
AUTHOR = "chaos"


@dataclass(frozen=True, slots=True)
class Racer:
    """Somebody who will answer or opt out about when the follow-up is due."""

    person: str
    lead: str
    at: float


def sink_of(number: int) -> str:
    """Half of all hear through the sink that takes an id once, the others through the two that do not."""
    return (ONCE, "each", ONCE, "mail")[number % 4]


def guest_source(sink: str) -> str:
    """The source of leads that come in meanwhile; their follow-up is due at once."""
    return f"{sink} guest"


def set_up(*, http_port: int, now: datetime) -> None:
    """Receivers and policies, switched on."""
    for sink in SINKS[:2]:
        url = f"http://127.0.0.1:{http_port}/{sink}"
        receivers.create(name=sink, url=url, author=AUTHOR, now=now, private=True, deduplicates=sink == ONCE)
    for sink in SINKS:
        _policy(sink, source=sink, after="30m", now=now)
        _policy(f"{sink} at once", source=guest_source(sink), after="0m", now=now)


def _policy(name: str, *, source: str, after: str, now: datetime) -> None:
    sink = name.split()[0]
    channel = {"channel": "email"} if sink == "mail" else {"channel": "webhook", "receiver": sink}
    step = {
        "after": after,
        **channel,
        "subject": "Still there?",
        "body": "Is there anything we can help with?",
    }
    document = {"steps": [step], "conditions": {"sources": [source]}, "hours": ANY_TIME}
    version = policies.create(name=name, document=document, author=AUTHOR, now=now)
    policies.throw_switch(policy=version.policy, on=True, actor=AUTHOR, now=now)


def move_in(plan: Plan, *, began: float) -> list[Racer]:
    """Store everybody who waits; answers those who will not keep silent.

    The first fall due when about everybody is in.
    """
    enrolling.known.forget()
    chance = random.Random(plan.seed)  # noqa: S311 - made-up times
    first_due = began + MOVE_IN_SECONDS * (plan.due + plan.racers)
    racers = []
    for numbers in _groups(plan):
        due = first_due + chance.uniform(0, plan.last_due)
        leads = [NewLead(**_lead(number, plan)) for number in numbers]
        answers = intake.receive(leads=leads, now=datetime.fromtimestamp(due, UTC) - AFTER)
        racers += [
            Racer(person_of(number, plan), str(answer.lead.pk), due + chance.gauss(0, RACE_SECONDS))
            for number, answer in zip(numbers, answers, strict=True)
            if number >= plan.due
        ]
    return sorted(racers, key=lambda racer: racer.at)


def _groups(plan: Plan) -> Iterator[range]:
    """People whose follow-ups fall due at the same moment."""
    everybody = plan.due + plan.racers
    return (range(first, min(first + GROUP, everybody)) for first in range(0, everybody, GROUP))


def person_of(number: int, plan: Plan) -> str:
    """The external id, which tells who it is."""
    return f"{'waiter' if number < plan.due else 'racer'}-{number}"


def contact_of(person: str) -> dict[str, str]:
    """How they are reached."""
    return {"name": "Ada Lovelace", "email": f"{person}@people.example"}


def _lead(number: int, plan: Plan) -> dict[str, Any]:
    person = person_of(number, plan)
    return {"external_id": person, "source": sink_of(number), "contact": contact_of(person)}
