"""What we sent takes its place in the conversation: behind what was said, once."""

from datetime import UTC, datetime

import pytest

from customerops import conversing, intake
from leads import conversation
from leads.conversation import NewMessage, Told, telling
from leads.models import Lead, Message
from leads.services import NewLead
from leads.statements import run

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def lead(*texts: str) -> Lead:
    messages = [NewMessage(text=text) for text in texts]
    [answer] = intake.receive(leads=[NewLead(messages=messages)], now=NOON)
    return answer.lead


def told(one: Lead, text: str, external_id: str = "step 1") -> Told:
    person = {"name": "Xenia Kowalczyk"}
    return conversation.spoken(text, lead=one.pk, person=person, sent_at=NOON, external_id=external_id)


def turns(one: Lead) -> list[tuple[int, str, str]]:
    return list(Message.objects.filter(lead=one).order_by("position").values_list("position", "role", "text"))


def test_it_stands_behind_what_was_said_before():
    ada, ben = lead("how much is it?", "and when?"), lead()
    run(telling([told(ada, "Still there?"), told(ben, "Hello?"), told(ada, "Last call", "step 2")], now=NOON))
    assert turns(ada)[2:] == [(3, "agent", "Still there?"), (4, "agent", "Last call")]
    assert turns(ben) == [(1, "agent", "Hello?")]


def test_it_is_stored_once():
    ada = lead()
    run(telling([told(ada, "Still there?")], now=NOON))
    run(telling([told(ada, "Still there?"), told(ada, "Last call", "step 2")], now=NOON))
    assert turns(ada) == [(1, "agent", "Still there?"), (2, "agent", "Last call")]


def test_an_answer_to_it_comes_after_it_and_is_read():
    ada = lead()
    run(telling([told(ada, "May I have your account number?")], now=NOON))
    conversing.converse(lead_id=ada.pk, messages=[NewMessage(text="12345678")], loaded=None, now=NOON)
    assert turns(ada)[1] == (2, "lead", "[ACCOUNT]")
    assert Lead.objects.get(pk=ada.pk).turns_heard == 1


def test_it_says_nothing_about_the_lead():
    ada = lead()
    run(telling([told(ada, "please stop writing to me")], now=NOON))
    stored = Lead.objects.get(pk=ada.pk)
    assert (stored.opted_out_at, stored.replied_at, stored.turns_heard) == (None, None, 0)


def test_the_leads_own_details_are_taken_out():
    assert told(lead(), "Hi Xenia, ok?").text == "Hi [PERSON], ok?"
