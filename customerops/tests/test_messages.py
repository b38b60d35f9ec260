"""POST /v1/leads/{id}/messages and GET /v1/leads/{id}/memory, as callers see them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.timezone import now

from customerops.tests.cast import client, key, post, serve
from leads.models import Lead, Message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey_server")]


@pytest.fixture
def caller():
    return client("read", "write")


@pytest.fixture
def path(caller) -> str:
    return f"/v1/leads/{post(caller, '/v1/leads', {'external_id': 'ada'}).json()['lead_id']}"


def test_a_message_is_answered_with_what_was_understood_and_the_new_score(caller, path):
    version = serve()
    answer = post(
        caller, f"{path}/messages", {"text": "How much is it? Mail ann@example.org", "external_id": "m1"}
    )
    told = answer.json()
    [message] = told["messages"]
    assert answer.status_code == 201
    assert message["text"] == "How much is it? Mail [EMAIL]"
    assert message["redacted"] == {"EMAIL": 1}
    assert message["intent"]["label"] == "price"
    assert 0 < message["intent"]["confidence"] <= 1
    assert -1 <= message["sentiment"]["score"] <= 1
    assert message["urgency"]["label"] in ("low", "normal", "high")
    assert (message["position"], message["created"], message["external_id"]) == (1, True, "m1")
    assert (told["model_version"], told["opted_out_at"]) == (version, None)
    assert told["probability"] == Lead.objects.get().probability


def test_a_call_that_says_too_much_is_refused_whole(caller, path):
    flood = [{"text": "how much is a kitchen " * 4000}] * 12
    leads = [{"message": flood[0]}] * 6 + [{"attributes": {f"a{n}": "x " * 400 for n in range(100)}}] * 7
    wide = [{"attributes": {f"a{n}": f"word {n}" for n in range(200)}}] * 1000
    for answer in (
        post(caller, f"{path}/messages", flood),
        post(caller, "/v1/leads", {"messages": flood}),
        post(caller, "/v1/leads", leads),
    ):
        assert (answer.status_code, "send at most 1,000,000 at once" in answer.json()["detail"]) == (
            413,
            True,
        )
    assert Message.objects.count() == 0
    assert Lead.objects.count() == 1
    assert post(caller, "/v1/leads", wide).json()["created"] == 1000
    assert (
        post(caller, f"{path}/messages", {"text": "a " * 600_000}).json()["messages"][0]["text"]
        == "[WITHHELD]"
    )


def test_an_answer_lists_so_many_faults(caller, path):
    answer = post(caller, f"{path}/messages", [{"text": 1, "role": "boss"}] * 1000)
    assert len(answer.json()["errors"]) == 100
    assert "(and 1999 more)" in answer.json()["detail"]
    batch = post(caller, "/v1/leads", [{"attributes": {f"a{n}": [] for n in range(200)}}])
    assert len(batch.json()["results"][0]["errors"]) == 20


def test_the_same_message_again_is_answered_200(caller, path):
    first = post(caller, f"{path}/messages", {"text": "hello", "external_id": "m1"}).json()
    again = post(caller, f"{path}/messages", {"text": "hello", "external_id": "m1"})
    assert again.status_code == 200
    assert again.json()["messages"] == [{**first["messages"][0], "created": False}]


def test_an_id_made_of_an_address_is_known_again_and_not_kept(caller, path):
    said = {"text": "hello", "external_id": "<ann@example.org>"}
    post(caller, f"{path}/messages", said)
    again = post(caller, f"{path}/messages", said)
    assert (again.status_code, again.json()["messages"][0]["external_id"]) == (200, "<ann@example.org>")
    with connection.cursor() as cursor:
        cursor.execute("SELECT m::text FROM leads_message m")
        assert "example.org" not in cursor.fetchone()[0]


def test_a_conversation_comes_as_an_array(caller, path):
    said = [
        {"role": "agent", "text": "What is your date of birth?"},
        {"text": "3 May 1981"},
    ]
    told = post(caller, f"{path}/messages", said).json()
    assert [message["text"] for message in told["messages"]] == [said[0]["text"], "[BIRTH_DATE]"]
    assert told["messages"][0]["intent"] is None
    remembered = caller.get(f"{path}/memory").json()
    assert [turn["text"] for turn in remembered["turns"]] == [said[0]["text"], "[BIRTH_DATE]"]
    assert [turn["role"] for turn in remembered["turns"]] == ["agent", "lead"]
    assert remembered["source"] == "memory"


def test_a_lead_may_come_with_a_text(caller):
    told = post(caller, "/v1/leads", {"message": "I'm Sarah Miller, how much is it?"}).json()
    assert told["created"]
    assert told["messages"][0]["text"] == "I'm [PERSON], how much is it?"
    assert caller.get(f"/v1/leads/{told['lead_id']}").json()["signals"]["message.count"] == 1


def test_a_batch_may_come_with_messages(caller):
    items = [{"external_id": "a", "messages": [{"text": "one"}, {"text": "two"}]}, {"external_id": "b"}]
    results = post(caller, "/v1/leads", items).json()["results"]
    assert [len(result.get("messages", [])) for result in results] == [2, 0]
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "pointer", "detail"),
    [
        ({}, "/text", "is missing"),
        ({"text": " \n"}, "/text", "is empty"),
        ({"text": 7}, "/text", "must be text"),
        ({"text": "a\0b"}, "/text", "must not contain the character NUL"),
        ({"text": "hi", "rôle": 1}, "/rôle", "is not known here"),
        ({"text": "hi", "role": "boss"}, "/role", "is none of lead, agent"),
        ({"text": "hi", "sent_at": "soon"}, "/sent_at", "must be an ISO 8601 moment"),
        (
            {"text": "hi", "sent_at": f"{now() + timedelta(days=1):%Y-%m-%dT%H:%MZ}"},
            "/sent_at",
            "in the future",
        ),
        ({"text": "hi", "external_id": " "}, "/external_id", "must not be empty"),
        ([], "", "has 0 messages; send 1 to 1,000"),
        ([{"text": "hi"}] * 1001, "", "has 1,001 messages"),
        ([{"text": "hi"}, "there"], "/1", "must be an object"),
        ([{"text": "hi", "external_id": "x"}] * 2, "/1/external_id", "stands at an earlier message"),
        ('"hello"', "", "must be an object"),
    ],
)
def test_what_does_not_fit_is_refused_whole_with_a_pointer(caller, path, body, pointer, detail):
    answer = post(caller, f"{path}/messages", body)
    told = answer.json()
    assert answer.status_code == 400
    assert (told["errors"][0]["pointer"], detail in told["errors"][0]["detail"]) == (pointer, True)
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("extra", "pointer"),
    [
        ({"message": "hi", "messages": [{"text": "hi"}]}, "/messages"),
        ({"message": {"text": ""}}, "/message/text"),
        ({"message": 7}, "/message"),
        ({"messages": {"text": "hi"}}, "/messages"),
        ({"messages": [{"text": "hi"}, {}]}, "/messages/1/text"),
    ],
)
def test_a_lead_with_a_message_that_does_not_fit_is_refused(caller, extra, pointer):
    answer = post(caller, "/v1/leads", {"external_id": "ben", **extra})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Lead.objects.exists()


def test_an_oversized_text_is_withheld_and_nothing_of_it_is_kept(caller, path):
    told = post(caller, f"{path}/messages", {"text": "my mail is ann@example.org " * 5000}).json()
    assert told["messages"][0]["text"] == "[WITHHELD]"
    assert Message.objects.get().text == "[WITHHELD]"


def test_a_lead_that_is_not_there_is_404(caller):
    missing = f"/v1/leads/{uuid4()}"
    assert post(caller, f"{missing}/messages", {"text": "hi"}).status_code == 404
    assert caller.get(f"{missing}/memory").status_code == 404


def test_each_door_asks_for_its_scope(path):
    assert post(client("read"), f"{path}/messages", {"text": "hi"}).status_code == 403
    assert client("write").get(f"{path}/memory").status_code == 403
    assert key("read")


def test_nothing_of_a_refused_text_is_answered_or_logged(caller, path, caplog):
    answer = post(caller, f"{path}/messages", {"text": "ann@example.org", "role": "ann@example.org"})
    assert answer.status_code == 400
    assert b"example.org" not in answer.content
    assert "example.org" not in caplog.text
