"""What people say of messages that were misunderstood, on the page of a lead."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from leads import conversation, correcting, services, statements
from leads.conversation import NewMessage
from leads.models import Lead, Message
from leads.services import NewLead
from leads.tests.test_admin import LIST, client, management

pytestmark = pytest.mark.django_db


def talk(*texts: str) -> Lead:
    """A lead that said these."""
    [made] = services.create_leads(leads=[NewLead(external_id="ada")], now=now())
    hearing = conversation.hear([NewMessage(text=text) for text in texts], now=now())
    statements.run(conversation.storing([(made.lead.pk, one) for one in hearing.new], now=now()))
    services.note_signals(lead=made.lead, signals=hearing.signals({}), opts_out=False, now=now())
    return made.lead


def correct(message: Message, **labels: str) -> None:
    given = {"intent": "", "sentiment": "", "urgency": ""} | labels
    correcting.correct(message=message, **given, by="eve", now=now())


def test_a_correction_is_kept_beside_what_was_judged_and_heard_at_once():
    lead = talk("hello", "whatever")
    first, second = Message.objects.order_by("position")
    judged = second.intent
    correct(second, intent="complaint", sentiment="negative", urgency="high")
    second.refresh_from_db()
    lead.refresh_from_db()
    assert (second.intent, second.corrected_intent, second.corrected_by) == (judged, "complaint", "eve")
    assert second.corrected_at is not None
    assert lead.signals["message.intent"] == "complaint"
    assert lead.signals["message.sentiment"] == lead.signals["message.sentiment_lowest"] == -0.6
    assert lead.signals["message.urgency_highest"] == 0.85
    assert lead.signals["message.count"] == 2
    assert first.corrected_at is None


def test_a_correction_taken_back_leaves_what_was_judged():
    lead = talk("hello")
    before = Lead.objects.get().signals
    message = Message.objects.get()
    correct(message, intent="book")
    correct(message)
    lead.refresh_from_db()
    message.refresh_from_db()
    assert (lead.signals, message.corrected_at) == (before, None)


def test_an_opt_out_that_was_overlooked_counts():
    lead = talk("enough of this")
    correct(Message.objects.get(), intent="opt_out")
    lead.refresh_from_db()
    assert now() - lead.opted_out_at < timedelta(minutes=1)


def test_the_page_shows_the_conversation_and_takes_a_correction():
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss", password="x"))
    lead = talk("Hi, I'm Sarah Miller, how much is it?")
    message = Message.objects.get()
    path = f"{LIST}{lead.pk}/change/"
    text = boss.get(path).content.decode()
    assert "[PERSON]" in text
    assert "Sarah" not in text
    fields = {"id": str(message.pk), "lead": str(lead.pk), "corrected_intent": "support"}
    form = (
        {f"outcomes-{name}": value for name, value in management(0).items()}
        | {f"messages-{name}": value for name, value in management(1, 1).items()}
        | {f"messages-0-{name}": value for name, value in fields.items()}
    )
    assert boss.post(path, form).status_code == 302
    message.refresh_from_db()
    assert (message.corrected_intent, message.corrected_by) == ("support", "boss")
    assert f"corrected by boss, {now():%Y-%m-%d}" in boss.get(path).content.decode()


def test_who_may_only_look_corrects_nothing():
    lead = talk("hello")
    message = Message.objects.get()
    viewer = client("view_lead", "view_message")
    path = f"{LIST}{lead.pk}/change/"
    assert "hello" in viewer.get(path).content.decode()
    viewer.post(path, {"messages-0-id": str(message.pk), "messages-0-corrected_intent": "spam"})
    message.refresh_from_db()
    assert message.corrected_intent == ""


def test_a_long_conversation_shows_its_newest_turns():
    lead = talk(*(f"turn number {number}" for number in range(1, 61)))
    viewer = client("view_lead", "view_message")
    text = viewer.get(f"{LIST}{lead.pk}/change/").content.decode()
    assert "turn number 60<" in text
    assert "turn number 11<" in text
    assert "turn number 10<" not in text
