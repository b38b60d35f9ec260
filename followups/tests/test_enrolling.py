"""Who enters a policy, and when: with the lead, in its transaction, once."""

from datetime import UTC, datetime, timedelta

import pytest

from customerops import intake
from followups import enrolling, policies
from followups.models import Enrolment, FollowUp
from leads.conversation import NewMessage
from leads.models import Lead
from leads.services import NewLead

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STEPS = [{"after": after, "channel": "console", "body": "Still there?"} for after in ("30m", "2h", "1d")]


def policy(name="nudge", *, on=True, **document):
    """A policy of three steps."""
    version = policies.create(name=name, document={"steps": STEPS, **document}, author="ada", now=NOON)
    policies.throw_switch(policy=version.policy, on=on, actor="ada", now=NOON)
    enrolling.known.forget()
    return version.policy


def arrived(now=NOON, **lead) -> Lead:
    """A lead that came in."""
    [answer] = intake.receive(leads=[NewLead(**lead)], now=now)
    return answer.lead


def test_a_lead_is_enrolled_with_a_row_for_each_step():
    policy()
    lead = arrived()
    rows = FollowUp.objects.filter(lead=lead).order_by("step")
    assert [row.due_at - NOON for row in rows] == [
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(days=1),
    ]
    assert {row.status for row in rows} == {"pending"}
    assert Enrolment.objects.get().trigger == "created"


def test_a_policy_that_is_off_takes_nobody_in():
    policy(on=False)
    arrived()
    assert not Enrolment.objects.exists()


def test_its_first_message_is_no_reply():
    policy()
    lead = arrived(messages=[NewMessage(text="how much is it?")])
    assert (lead.turns_heard, Enrolment.objects.get().turns_heard) == (1, 1)
