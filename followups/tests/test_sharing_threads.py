"""A receiver that hangs beside others, by the dispatcher as it runs."""

from threading import Event
from time import monotonic

import pytest

from followups import dispatching, policies, receivers
from followups.dispatching import Dispatcher
from followups.tests.cast import HOUR, NOON, At, lead, steps, switch
from followups.tests.web_sinks import hanging_up, sink

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOON + HOUR
HANGING, GOOD = 10, 3
PATIENCE = 15.0  # seconds; only a test that fails waits for them


@pytest.fixture(autouse=True)
def _private_receivers(settings):
    settings.FOLLOWUP_PRIVATE_RECEIVERS = ["127.0.0.0/8"]
    receivers.known.forget()


def told(name: str, port: int, after: str) -> None:
    """A receiver, and a policy that tells it of leads of its source."""
    url = f"http://127.0.0.1:{port}/"
    receivers.create(name=name, url=url, author="ada", now=NOON, private=True)
    step = {"after": after, "channel": "webhook", "receiver": name, "body": "Still there?"}
    document = {"steps": [step], "conditions": {"sources": [name]}}
    version = policies.create(name=name, document=document, author="ada", now=NOON)
    switch(version.policy, on=True)


@pytest.mark.parametrize("in_hand", [4, 64], ids=["of more than it holds", "of all that is due"])
def test_one_that_hangs_does_not_keep_the_others_waiting(monkeypatch, in_hand):
    monkeypatch.setattr(dispatching, "AT_ONCE", in_hand)
    monkeypatch.setattr(dispatching, "IN_HAND", in_hand)
    let_go, began = Event(), monotonic()

    def hang(client, request) -> None:
        let_go.wait(PATIENCE)
        hanging_up(client, request)

    with sink(hang) as hangs, sink() as good:
        told("hangs", hangs.port, "30m")
        told("good", good.port, "31m")  # all of the others are due before
        for number in range(HANGING + GOOD):
            lead(source="hangs" if number < HANGING else "good")

        def over() -> bool:
            if len(good.requests) == GOOD or monotonic() - began > PATIENCE:
                let_go.set()
            return let_go.is_set()

        Dispatcher(clock=At(LATER), threads=4).run(ends=over, stays=False)
    assert len(good.requests) == GOOD
    assert {row.status for row in steps(policy__name="good")} == {"sent"}
    assert len(hangs.requests) == 3
    waiting = steps(policy__name="hangs", attempts=0)
    assert {(row.status, row.reason) for row in waiting} == {("pending", "")}
    assert len(waiting) == HANGING - 3
