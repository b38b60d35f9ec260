"""DELETE and export of one lead, as callers see them; both doors of intake refuse who was erased."""

import orjson
import pytest
from django.utils.timezone import now

from customerops import holding
from customerops.tests.cast import client, key, post
from customerops.tests.people import ADA, BEN, arrived, erased, with_traces
from customerops.tests.test_gateway import both, both_ask  # noqa: F401 - a fixture
from leads.models import Lead
from leads.people import Subject
from privacy.models import Erasure

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def test_delete_erases_and_answers_with_the_receipt():
    lead = with_traces(arrived())
    answer = client("ops").delete(f"/v1/leads/{lead.pk}", headers={"x-reason": "letter of ada@example.org"})
    told = answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert (told["lead_ids"], told["actor"], told["reason"]) == (
        [str(lead.pk)],
        "key test",
        "letter of [EMAIL]",
    )
    assert told["rows"]["leads_lead"] == 1
    assert told["redis"] == {"keys": 1, "pending": False}
    assert str(Erasure.objects.get().pk) == told["receipt"]
    assert not Lead.objects.exists()


def test_the_reason_may_come_in_the_body():
    lead, ops = arrived(), client("ops")
    refused = ops.delete(f"/v1/leads/{lead.pk}", {"reason": 7}, content_type="application/json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/reason")
    told = ops.delete(f"/v1/leads/{lead.pk}", {"reason": "by phone"}, content_type="application/json")
    assert told.json()["reason"] == "by phone"


def test_it_needs_the_scope_ops():
    lead = arrived()
    for method in ("delete", "get"):
        caller = client("read", "write")
        path = f"/v1/leads/{lead.pk}" + ("/export" if method == "get" else "")
        assert getattr(caller, method)(path).status_code == 403
    assert Lead.objects.exists()


def test_a_second_time_is_gone_and_a_stranger_is_not_found():
    lead, ops = arrived(), client("ops")
    ops.delete(f"/v1/leads/{lead.pk}")
    again = ops.delete(f"/v1/leads/{lead.pk}")
    assert (again.status_code, again.json()["title"]) == (410, "Gone")
    assert str(Erasure.objects.get().pk) in again.json()["detail"]
    assert ops.delete("/v1/leads/01900000-0000-7000-8000-000000000000").status_code == 404


def test_a_legal_hold_is_a_conflict_with_the_reason():
    lead = arrived()
    holding.place(subject=Subject.lead(lead.pk), reason="claim 12", actor="counsel", now=now())
    answer = client("ops").delete(f"/v1/leads/{lead.pk}")
    assert answer.status_code == 409
    assert "counsel" in answer.json()["detail"]
    assert Lead.objects.exists()


def test_reading_stays_as_it_was():
    lead = arrived()
    assert client("read").get(f"/v1/leads/{lead.pk}").json()["external_id"] == "ada-1"


# --- intake refuses who was erased


@pytest.mark.filterwarnings("ignore:No directory at")
@pytest.mark.parametrize("body", [{"external_id": "ada-1"}, {"contact": ADA, "created_at": "2026-01-05"}])
def test_both_doors_say_gone(both, body):  # noqa: F811
    arrived()
    erased(external_id="ada-1")
    caller = {"PATH_INFO": "/v1/leads", "HTTP_X_API_KEY": key("write")}
    front, behind = both_ask(both, orjson.dumps(body), **caller)
    assert front == behind
    assert front[0] == "410 Gone"
    assert b"erased" in front[2]
    assert not Lead.objects.exists()


def test_in_a_batch_each_is_refused_in_its_place():
    arrived()
    erased(external_id="ada-1")
    batch = [{"external_id": "ben-1", "contact": BEN}, {"external_id": "ada-1"}, {"contact": ADA}]
    told = post(client("write"), "/v1/leads", batch).json()
    assert (told["created"], told["known"], told["refused"]) == (2, 0, 1)
    assert told["results"][1]["errors"][0]["pointer"] == "/1"
    assert "erased" in told["results"][1]["errors"][0]["detail"]


# --- export


def test_the_export_tells_everything_and_may_not_be_kept():
    lead = with_traces(arrived())
    answer = client("ops").get(f"/v1/leads/{lead.pk}/export")
    assert answer.headers["Cache-Control"] == "no-store"
    [told] = answer.json()["leads"]
    assert (told["lead_id"], told["contact"]) == (str(lead.pk), ADA)
    assert told["lead"]["attributes"] == {"visits": 3}
    assert told["messages"][0]["text"] == "[PERSON] here"
    assert told["outcomes"][0]["note"] == "wants two rooms"
    assert told["predictions"][0]["features"] == {"visits": 3, "lead.source": ""}
    assert told["kept_until"]["contacts"] > f"{now():%Y-%m-%d}"
    assert told["legal_holds"] == []
    assert told["enrolments"][0]["held_out"] is False
    assert told["followups"][0]["status"] == "pending"


def test_the_export_leaves_out_no_table_of_a_lead():
    told = client("ops").get(f"/v1/leads/{with_traces(arrived()).pk}/export").json()["leads"][0]
    assert {relation.name for relation in Lead._meta.related_objects} <= told.keys()


def test_a_contact_without_its_key_is_said_to_be_unreadable(settings):
    lead = arrived()
    settings.CONTACT_ENCRYPTION_KEYS = ["x" * 43 + "="]
    told = client("ops").get(f"/v1/leads/{lead.pk}/export").json()["leads"][0]
    assert told["contact"].startswith("encrypted with a key")
    assert client("ops").get("/v1/leads/01900000-0000-7000-8000-000000000000/export").status_code == 404
