"""The story of a message: redacted, judged, stored with the score that heard it, remembered."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection, connections

from customerops import intake
from customerops.conversing import Conversed, converse
from customerops.tests.cast import serve
from leads import recall
from leads.conversation import NewMessage
from leads.models import Lead, Message
from leads.services import NewLead
from modeling import serving
from modeling.models import Prediction
from privacy import memory

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
STOP = "Please stop messaging me and unsubscribe me from your list."


@pytest.fixture
def ada() -> Lead:
    contact = {"name": "Quenby Ostrander", "phone": "+1 415 555 0134"}
    [answer] = intake.receive(leads=[NewLead(external_id="ada", contact=contact)], now=NOW)
    return answer.lead


def say(lead: Lead, *texts: str, **fields) -> Conversed:
    messages = [NewMessage(text=text, **fields) for text in texts]
    return converse(lead_id=lead.pk, messages=messages, loaded=serving.current(), now=NOW)


def test_nothing_personal_reaches_postgres_or_redis(ada):
    say(ada, "Hi, Quenby here, mail me at quenby@example.org or 415-555-0134")
    [stored] = Message.objects.all()
    assert stored.text == "Hi, [PERSON] here, mail me at [EMAIL] or [PHONE]"
    window = redis.Redis.from_url(django_settings.REDIS_URL).lrange(f"mem:{ada.pk}", 0, -1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m::text FROM leads_message m UNION ALL SELECT p::text FROM modeling_prediction p"
        )
        rows = [row for (row,) in cursor.fetchall()]
    for text in [*rows, *(turn.decode() for turn in window)]:
        assert not {"quenby", "555", "example.org"} & set(text.lower().replace("-", " ").split())
        assert "quenby" not in text.lower()


def test_what_it_tells_becomes_features_of_the_next_score(ada):
    version = serve()
    say(ada, "How much is a new kitchen? I need it today!!")
    say(ada, "Thanks, that is great")
    lead = Lead.objects.get()
    newest = Prediction.objects.order_by("-pk")[0]
    assert lead.signals["message.count"] == 2
    assert lead.signals["message.urgency_highest"] >= lead.signals["message.urgency"]
    assert newest.features == {"lead.source": "", **lead.signals}
    assert (newest.version_id, lead.model_version, lead.probability) == (version, version, newest.probability)
    assert Prediction.objects.count() == 3
    assert newest.heard_until == lead.replied_at == NOW


def test_an_agent_s_turn_is_remembered_and_changes_no_score(ada):
    serve()
    conversed = say(ada, "May I have your zip code?", role="agent")
    say(ada, "90210")
    assert conversed.messages[0].tells is None
    assert [turn.text for turn in recall.recall(lead=ada.pk, now=NOW).turns][1] == "[POSTCODE]"
    assert Prediction.objects.count() == 2
    assert Lead.objects.get().signals["message.count"] == 1


def test_an_opt_out_counts_at_once_and_the_first_time(ada):
    conversed = say(ada, STOP)
    assert conversed.messages[0].tells.intent.label == "opt_out"
    assert Lead.objects.get().opted_out_at == NOW == conversed.lead.opted_out_at
    converse(lead_id=ada.pk, messages=[NewMessage(text=STOP)], loaded=None, now=NOW + timedelta(days=1))
    assert Lead.objects.get().opted_out_at == NOW


def test_a_number_over_two_turns_is_taken_out_of_the_one_that_is_stored(ada):
    say(ada, "my card is 4111 1111")
    say(ada, "1111 1111 that's it")
    assert not any("1111" in message.text for message in Message.objects.all())
    assert not any("1111" in turn.text for turn in recall.recall(lead=ada.pk, now=NOW).turns)


def test_a_message_with_a_known_id_is_stored_once(ada):
    first = say(ada, "how much?", external_id="m1")
    again = say(ada, "how much?", external_id="m1")
    assert (first.new, again.new) == ([True], [False])
    assert again.messages[0].text == "how much?"
    assert again.messages[0].tells.intent.label == first.messages[0].tells.intent.label
    assert Message.objects.count() == 1
    assert Lead.objects.get().signals["message.count"] == 1


def test_turns_have_positions_without_gaps(ada):
    say(ada, "one", "two")
    say(ada, "three")
    assert list(Message.objects.order_by("position").values_list("position", "text")) == [
        (1, "one"), (2, "two"), (3, "three"),
    ]  # fmt: skip


def test_a_lead_that_is_not_there_hears_nothing():
    with pytest.raises(Lead.DoesNotExist):
        converse(lead_id=uuid4(), messages=[NewMessage(text="hi")], loaded=None, now=NOW)


def test_without_redis_the_message_is_stored_scored_and_remembered_later(ada, monkeypatch, tmp_path):
    serve()
    with monkeypatch.context() as away:
        nobody = redis.Redis.from_url(f"unix://{tmp_path}/nobody.sock")
        away.setattr(memory, "_store", lambda: nobody)
        conversed = say(ada, "mail me at ann@example.org")
    assert conversed.scored.score
    assert Message.objects.get().text == "mail me at [EMAIL]"
    monkeypatch.setattr(memory, "_away_until", 0.0)
    recall.catch_up(now=NOW)
    found = recall.recall(lead=ada.pk, now=NOW)
    assert (found.source, [turn.text for turn in found.turns]) == ("memory", ["mail me at [EMAIL]"])


def test_a_lead_comes_in_with_what_it_says():
    serve()
    lead = NewLead(external_id="ben", messages=[NewMessage(text="I'm Ben, how much is it?")])
    [answer] = intake.receive(leads=[lead], now=NOW)
    assert answer.lead.signals["message.count"] == 1
    assert Prediction.objects.get().features["message.count"] == 1
    assert Message.objects.get().text == "I'm [PERSON], how much is it?"
    assert [turn.position for turn in recall.recall(lead=answer.lead.pk, now=NOW).turns] == [1]


def test_a_lead_that_opts_out_with_its_first_words_is_stored_as_opted_out():
    [answer] = intake.receive(leads=[NewLead(messages=[NewMessage(text=STOP)])], now=NOW)
    assert Lead.objects.get().opted_out_at == NOW == answer.lead.opted_out_at


def test_a_repeated_creation_stores_its_words_once_and_later_words_are_added():
    def receive(*texts: str) -> intake.Answer:
        messages = [NewMessage(text=text) for text in texts]
        [answer] = intake.receive(leads=[NewLead(external_id="ben", messages=messages)], now=NOW)
        return answer

    assert receive("I'm Ben", "how much?").conversed.new == [True, True]
    again = receive("I'm Ben", "how much?")
    assert (again.new, again.conversed.new) == (False, [False, False])
    assert receive("hello?").conversed.new == [True]
    assert list(Message.objects.order_by("position").values_list("text", flat=True)) == [
        "I'm [PERSON]", "how much?", "hello?",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_messages_that_come_at_once_all_get_their_place():
    [answer] = intake.receive(leads=[NewLead(external_id="ada")], now=NOW)

    def speak(number: int) -> None:
        say(answer.lead, f"message {number}")
        connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(speak, range(24)))
    assert list(Message.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 25))
    assert Lead.objects.get().signals["message.count"] == 24
    found = recall.recall(lead=answer.lead.pk, now=NOW)
    assert (found.source, len(found.turns)) == ("memory", 24)
