"""A worker that was held up for so long that its leases ended, and that then claims the same steps itself."""

from threading import Barrier

import pytest

from followups import dispatching
from followups.beginning import begin
from followups.channels import channels
from followups.claiming import reclaim
from followups.dispatching import Dispatcher
from followups.preparing import prepare
from followups.tests.cast import (
    HOUR,
    NOON,
    At,
    claimed,
    connection_of_another,
    lead,
    leases_end,
    policy,
    steps,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sent")]
LATER = NOON + HOUR


@pytest.mark.parametrize("stale_first", [True, False])
def test_a_step_that_it_has_in_hand_twice_is_begun_once(stale_first):
    policy("30m")
    lead()
    stale = claimed(LATER)
    leases_end()
    reclaim(now=LATER)
    fresh = claimed(LATER)
    in_hand = [*stale, *fresh] if stale_first else [*fresh, *stale]
    started = begin(ready=prepare(in_hand), now=LATER)
    assert [one.ready.claimed for one in started.begun] == fresh
    assert [row.attempts for row in steps()] == [1]


def test_a_step_that_is_sent_again_beside_its_first_attempt_ends_once(monkeypatch):
    monkeypatch.setattr(dispatching, "RECLAIM_SECONDS", 0)
    policy("30m", channel="repeatable")
    lead()
    attempts, both = [], Barrier(2)

    def deliver(message) -> str:
        attempts.append(message.attempt)
        if message.attempt == 1:
            with connection_of_another() as other:
                other.execute("UPDATE followups_followup SET lease_until = now() - interval '1 second'")
        both.wait(20)
        return "ok"

    monkeypatch.setattr(type(channels()["scripted"]), "does", deliver)
    ended = Dispatcher(clock=At(LATER)).run(ends=lambda: False, stays=False)
    assert (ended, attempts) == ({"sent": 1}, [1, 2])
    assert [(row.status, row.attempts) for row in steps()] == [("sent", 2)]
