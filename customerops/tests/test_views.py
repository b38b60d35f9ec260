"""POST /v1/leads, one or many, /v1/leads/{id}/score and /v1/predict, as callers see them."""

import pytest
from cryptography.fernet import Fernet

from customerops.tests.cast import ADA, client, post, serve
from leads.models import Lead
from modeling.models import Prediction

pytestmark = pytest.mark.django_db


def test_a_lead_is_answered_with_its_score_and_reasons():
    version = serve()
    answer = post(client("write"), "/v1/leads", {**ADA, "external_id": "ada"})
    told = answer.json()
    assert answer.status_code == 201
    assert told["lead_id"] == str(Lead.objects.get().pk)
    assert told["created"]
    assert told["model_version"] == version
    assert told["probability"] == Lead.objects.get().probability
    assert told["scored_at"].endswith("Z")
    [reason] = told["reasons"]
    assert (reason["feature"], reason["value"], reason["effect"]) == ("visits", 3, 0.5)
    assert "323 past leads" in reason["text"]
    assert told["evidence"] == {"leads": 523, "similar": 323, "level": "fair"}


def test_the_same_lead_again_is_answered_200_with_the_same():
    serve()
    caller = client("write")
    first = post(caller, "/v1/leads", {**ADA, "external_id": "ada"})
    again = post(caller, "/v1/leads", {**ADA, "external_id": "ada"})
    assert again.status_code == 200
    assert again.json() == {**first.json(), "created": False}


def test_without_a_model_the_score_is_null_with_a_reason():
    told = post(client("write"), "/v1/leads", ADA).json()
    assert (told["probability"], told["reason"], told["scored_at"]) == (None, "no_model", None)


def test_the_contact_is_stored_and_never_answered():
    answer = post(client("read", "write"), "/v1/leads", {"contact": {"email": "ada@example.org"}})
    assert b"example.org" not in answer.content
    assert Lead.objects.get().contact == {"email": "ada@example.org"}


def test_a_bad_item_of_a_batch_does_not_lose_the_others():
    serve()
    items = [ADA, {"attributes": {"x": []}}, 7, {"external_id": "ben"}, {"external_id": "ben"}]
    answer = post(client("write"), "/v1/leads", items)
    told = answer.json()
    assert answer.status_code == 200
    assert (told["created"], told["known"], told["refused"]) == (2, 1, 2)
    assert [result.get("created") for result in told["results"]] == [True, None, None, True, False]
    assert told["results"][1]["errors"][0]["pointer"] == "/1/attributes/x"
    assert told["results"][2]["errors"] == [{"pointer": "/2", "detail": "must be an object"}]
    assert Lead.objects.count() == 2


def test_an_empty_batch_is_answered_empty():
    assert post(client("write"), "/v1/leads", []).json()["results"] == []


def test_a_batch_above_the_limit_is_refused_whole():
    answer = post(client("write"), "/v1/leads", [{}] * 1001)
    assert answer.status_code == 400
    assert not Lead.objects.exists()


def test_a_stored_lead_is_scored_again():
    serve()
    caller = client("read", "write")
    lead_id = post(caller, "/v1/leads", ADA).json()["lead_id"]
    newer = serve(base=1.0)
    answer = caller.post(f"/v1/leads/{lead_id}/score")
    assert answer.status_code == 200
    assert answer.json()["model_version"] == newer
    assert caller.get(f"/v1/leads/{lead_id}").json()["probability"] == answer.json()["probability"]


def test_a_lead_is_scored_again_without_reading_who_it_is(settings):
    serve()
    caller = client("write")
    lead_id = post(caller, "/v1/leads", {"contact": {"email": "ada@example.org"}}).json()["lead_id"]
    settings.CONTACT_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    assert caller.post(f"/v1/leads/{lead_id}/score").status_code == 200


def test_a_score_for_attributes_alone_stores_nothing():
    version = serve()
    told = post(client("read"), "/v1/predict", ADA).json()
    assert told["model_version"] == version
    assert "lead_id" not in told
    assert not Lead.objects.exists()
    assert not Prediction.objects.exists()


def test_a_lead_is_listed_where_it_was_created():
    caller = client("read", "write")
    post(caller, "/v1/leads", {"external_id": "ada"})
    assert [lead["external_id"] for lead in caller.get("/v1/leads").json()["results"]] == ["ada"]


def test_creating_needs_more_than_reading():
    assert post(client("read"), "/v1/leads", ADA).status_code == 403
    assert client("write").get("/v1/leads").status_code == 403
