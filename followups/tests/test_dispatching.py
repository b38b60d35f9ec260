"""A step from due to sent, by the dispatcher as it runs."""

import pytest

from followups.tests.cast import HOUR, NOON, dispatch, lead, policy, steps
from leads.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]


def test_a_step_is_sent_when_it_is_due(sent):
    policy("30m", "2h")
    ada = lead()
    assert dispatch(NOON) == {}
    assert dispatch(NOON + HOUR) == {"sent": 1}
    [message] = sent
    [first, second] = steps(lead=ada)
    assert (message.id, message.body, message.attempt) == (first.pk, "Still there?", 1)
    assert (first.status, first.receipt, first.lease_until, first.attempts) == ("sent", "ok", None, 1)
    assert second.status == "pending"


def test_what_was_sent_is_a_turn_of_the_conversation_without_what_is_personal(sent):
    policy("30m", body="Hi {{ first_name }}, still there?")
    ada = lead()
    dispatch(NOON + HOUR)
    turn = Message.objects.get(lead=ada)
    assert [message.body for message in sent] == ["Hi Ada, still there?"]
    assert (turn.role, turn.text, turn.position) == ("agent", "Hi [PERSON], still there?", 1)
    assert turn.intent == ""
