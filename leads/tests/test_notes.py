"""What people write about an ending: through every door, only what is not personal reaches Postgres."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from leads import services
from leads.models import Lead, Outcome
from leads.services import NewLead

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada Quendahl", "email": "ada@example.org", "phone": "+49 731 1234567"}
NOTE = "quendahl will pay with 4111 1111 1111 1111, reach her at ADA@example.org or 0731 1234567; two rooms"
RAW = ("quendahl", "4111", "example.org", "1234567")


@pytest.fixture
def ada() -> Lead:
    lead = NewLead(external_id="ada", created_at=now() - timedelta(days=1), contact=ADA)
    return services.create_leads(leads=[lead], now=now())[0].lead


def safe() -> str:
    """The one note, when nothing personal is anywhere in the tables of leads, contact cipher aside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(leads_outcome)::text FROM leads_outcome")
        [(row,)] = cursor.fetchall()
        cursor.execute("SELECT coalesce(string_agg(change_message, ''), '') FROM django_admin_log")
        [(logged,)] = cursor.fetchall()
    assert [raw for raw in RAW if raw in (row + logged).lower()] == []
    return Outcome.objects.get().note


def test_through_the_api(ada):
    _, key = apps.get_model("customerops", "ApiKey").objects.create_key(name="test", scopes=["write"])
    answer = Client(headers={"x-api-key": key}).post(
        f"/v1/leads/{ada.pk}/outcome", {"state": "booked", "note": NOTE}, content_type="application/json"
    )
    assert answer.status_code == 201
    assert answer.json()["note"] == safe()
    assert safe().startswith("[PERSON] will pay with [CARD], reach her at [EMAIL] or [PHONE]")


def test_who_reports_an_ending_is_told_without_what_is_personal(ada):
    _, key = apps.get_model("customerops", "ApiKey").objects.create_key(name="test", scopes=["write"])
    report = {"state": "booked", "source": "Quendahl, ADA@example.org"}
    answer = Client(headers={"x-api-key": key}).post(
        f"/v1/leads/{ada.pk}/outcome", report, content_type="application/json"
    )
    assert answer.json()["source"] == "[PERSON], [EMAIL]"
    safe()


def test_a_source_that_grows_with_its_placeholders_is_cut_to_its_column(ada):
    mail = "a@b.co, " * 12
    services.record_outcome(lead=ada, state="booked", source=mail, now=now())
    [made] = services.create_leads(leads=[NewLead(source=mail)], now=now())
    assert made.lead.source == Outcome.objects.get().source == ("[EMAIL], " * 12)[:100]


def test_through_the_admin(ada):
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss", password="x"))
    management = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "1000"}
    row = {"state": "booked", "note": NOTE, "occurred_at_0": f"{now():%Y-%m-%d}"}
    row["occurred_at_1"] = f"{now():%H:%M:%S}"
    fields = {f"outcomes-{key}": value for key, value in management.items()}
    fields |= {f"messages-{key}": "0" for key in management}
    answer = boss.post(
        f"/admin/leads/lead/{ada.pk}/change/",
        fields | {f"outcomes-0-{key}": value for key, value in row.items()},
    )
    assert answer.status_code == 302, answer.content.decode()
    assert safe().endswith("two rooms")


def test_through_an_import_no_free_text_comes_in(tmp_path):
    history = tmp_path / "history.csv"
    remark, mail = f'"{NOTE * 20}"', ADA["email"]
    history.write_text(f"id,on,end,note,mail\nada,2026-01-02,booked,{remark},{mail}\n")
    columns = {"id": "id", "created_at": "on", "outcome": "end", "verbosity": 0}
    call_command("import_leads", history, rejects=tmp_path / "rejects.csv", **columns)
    assert safe() == ""
    assert Lead.objects.get().attributes == {}


def test_what_cannot_be_judged_is_withheld(ada, monkeypatch):
    def broken(text: str) -> None:
        raise ValueError(text)

    monkeypatch.setattr("privacy.redaction.normalise", broken)
    services.record_outcome(lead=ada, state="booked", now=now(), note=NOTE)
    assert safe() == "[WITHHELD]"
    assert Outcome.objects.get().state == "booked"  # the ending counts all the same


def test_a_contact_whose_key_is_gone_does_not_lose_the_note(ada, settings):
    settings.CONTACT_ENCRYPTION_KEYS = ["x" * 43 + "="]
    stored = Lead.objects.defer("contact").get()
    outcome = services.record_outcome(lead=stored, state="booked", now=now(), note="card 4111 1111 1111 1111")
    assert outcome.note == "card [CARD]"


def test_an_ending_without_a_note_reads_no_contact(ada, django_assert_num_queries):
    lead = Lead.objects.defer("contact").get()
    services.record_outcome(lead=lead, state="booked", now=now())
    assert "contact" in lead.get_deferred_fields()
