"""Leads over REST, through the project's own addresses and keys."""

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client
from django.urls import path
from django.utils.timezone import now

from leads import export, services
from leads.api.export import ExportView
from leads.api.views import LeadList, LeadView, OutcomeView
from leads.models import Lead, Outcome
from leads.services import LeadScore, NewLead

# The addresses as the project has them, without the doors of the apps above.
urlpatterns = [
    path("v1/leads", LeadList.as_view()),
    path("v1/leads/<uuid:lead_id>", LeadView.as_view()),
    path("v1/leads/<uuid:lead_id>/outcome", OutcomeView.as_view()),
    path("ops/export/outcomes.csv", ExportView.as_view()),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def client(*scopes: str) -> Client:
    _, key = apps.get_model("customerops", "ApiKey").objects.create_key(name="test", scopes=list(scopes))
    return Client(headers={"x-api-key": key})


def add(name: str, *, days: float = 0, source: str = "web", score: LeadScore | None = None) -> Lead:
    lead = NewLead(
        external_id=name,
        source=source,
        created_at=now() - timedelta(days=days),
        contact={"email": "ada@example.org"},
        score=score or LeadScore(),
    )
    return services.create_leads(leads=[lead], now=now())[0].lead


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [lead["external_id"] for lead in answer.json()["results"]]


def test_leads_are_listed_newest_first_without_contacts():
    add("ada", days=2)
    add("ben", days=1)
    answer = client("read").get("/v1/leads")
    assert names(answer) == ["ben", "ada"]
    assert b"example.org" not in answer.content
    assert answer.json()["results"][0]["grade"] is None


def test_pages_are_followed_to_the_end():
    for number in range(7):
        add(f"lead-{number}", days=number)
    reader = client("read")
    answer = reader.get("/v1/leads", {"limit": 3})
    found = names(answer)
    while following := answer.json()["next"]:
        answer = reader.get(following)
        found += names(answer)
    assert found == [f"lead-{number}" for number in range(7)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"source": "fair"}, ["ben"]),
        ({"grade": "A"}, ["ada"]),
        ({"state": "booked"}, ["ada"]),
        ({"state": "qualified"}, []),
        ({"min_probability": 0.5}, ["ada"]),
        ({"max_probability": 0.5}, ["ben"]),
        ({"matured": "true"}, ["cleo"]),
        ({"matured": "false"}, ["ada", "ben"]),
        ({"created_after": "2000-01-01T00:00:00Z"}, ["ada", "ben", "cleo"]),
        ({"created_before": "2000-01-01T00:00:00Z"}, []),
    ],
)
def test_lists_are_narrowed(query, expected):
    ada = add("ada", days=1, score=LeadScore(probability=0.9, grade="A", model_version=1, scored_at=now()))
    add(
        "ben",
        days=2,
        source="fair",
        score=LeadScore(probability=0.1, grade="D", model_version=1, scored_at=now()),
    )
    add("cleo", days=400)
    services.record_outcome(lead=ada, state="qualified", now=now())
    services.record_outcome(lead=ada, state="booked", now=now())
    assert names(client("read").get("/v1/leads", query)) == expected


@pytest.mark.parametrize(
    "query", [{"grade": "E"}, {"state": "lost"}, {"min_probability": "x"}, {"created_after": "x"}]
)
def test_a_filter_that_cannot_be_is_a_400(query):
    answer = client("read").get("/v1/leads", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(query))}"


def test_a_lead_is_read_with_its_history_newest_first():
    ada = add("ada", days=3)
    services.record_outcome(lead=ada, state="qualified", now=now() - timedelta(days=1))
    services.record_outcome(lead=ada, state="booked", now=now())
    body = client("read").get(f"/v1/leads/{ada.pk}").json()
    assert body["lead_id"] == str(ada.pk)
    assert body["state"] == "booked"
    assert [(row["state"], row["reward"]) for row in body["outcomes"]] == [
        ("booked", 1.0),
        ("qualified", 0.5),
    ]


def test_listing_takes_as_many_queries_for_many_leads(django_assert_max_num_queries):
    for number in range(30):
        add(f"lead-{number}")
    reader = client("read")
    with django_assert_max_num_queries(2):  # the key and the leads
        reader.get("/v1/leads")


def test_an_outcome_is_recorded_and_answered():
    ada = add("ada", days=3)
    answer = client("write").post(
        f"/v1/leads/{ada.pk}/outcome",
        {"state": "booked", "note": "by phone"},
        content_type="application/json",
    )
    assert answer.status_code == 201
    stored = Outcome.objects.get()
    assert (stored.state, stored.note, stored.source, stored.lead_id) == ("booked", "by phone", "api", ada.pk)
    assert answer.json()["id"] == stored.pk


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/state"),
        ({"state": "lost"}, "/state"),
        ({"state": "booked", "occurred_at": "yesterday"}, "/occurred_at"),
        ({"state": "booked", "occurred_at": "2001-01-01T00:00:00Z"}, "/occurred_at"),
        ({"state": "booked", "occurred_at": "2199-01-01T00:00:00Z"}, "/occurred_at"),
        ({"state": "booked", "note": "x" * 2001}, "/note"),
        ({"state": "booked", "note": "a\0b"}, "/note"),
        ({"state": "booked", "occured_at": "2026-01-01T00:00:00Z"}, "/occured_at"),
        ([], ""),
    ],
)
def test_an_outcome_that_cannot_be_is_a_400_with_a_pointer(body, pointer):
    ada = add("ada", days=3)
    answer = client("write").post(f"/v1/leads/{ada.pk}/outcome", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Outcome.objects.exists()


def test_a_wrong_state_is_told_the_right_ones():
    ada = add("ada", days=3)
    answer = client("write").post(
        f"/v1/leads/{ada.pk}/outcome", {"state": "won"}, content_type="application/json"
    )
    assert answer.json()["detail"].startswith("/state: is none of booked, qualified, ")


def test_unknown_leads_are_a_404():
    assert client("read").get(f"/v1/leads/{uuid4()}").status_code == 404
    answer = client("write").post(
        f"/v1/leads/{uuid4()}/outcome", {"state": "booked"}, content_type="application/json"
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "address", "scope"),
    [
        ("get", "/v1/leads", "read"),
        ("get", "/v1/leads/{lead}", "read"),
        ("post", "/v1/leads/{lead}/outcome", "write"),
        ("get", "/ops/export/outcomes.csv", "ops"),
    ],
)
def test_each_door_wants_its_scope(method, address, scope):
    address = address.format(lead=add("ada").pk)
    others = {"read", "write", "ops"} - {scope}
    assert getattr(Client(), method)(address).status_code == 401
    assert getattr(client(*others), method)(address).status_code == 403


def test_the_export_is_streamed_csv():
    ada = add("ada", days=3)
    services.record_outcome(lead=ada, state="booked", now=now())
    for accept in ("text/csv", "*/*", "application/json"):
        answer = client("ops").get("/ops/export/outcomes.csv", headers={"accept": accept})
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        text = answer.getvalue().decode()
        assert int(answer["Content-Length"]) == len(text)
        assert [row["lead_id"] for row in csv.DictReader(io.StringIO(text))] == [str(ada.pk)]


def test_an_export_that_breaks_on_the_way_is_an_error_and_not_a_short_file(monkeypatch):
    ada = add("ada", days=3)
    services.record_outcome(lead=ada, state="booked", now=now())
    monkeypatch.setattr(export, "_ROWS", export._ROWS.replace("{columns}", "{columns}, 1 / 0"))
    caller = client("ops")
    caller.raise_request_exception = False
    assert caller.get("/ops/export/outcomes.csv").status_code == 500


def test_a_moment_without_an_offset_is_utc():
    ada = add("ada", days=3)
    moment = (datetime.now(UTC) - timedelta(days=1)).replace(microsecond=0)
    client("write").post(
        f"/v1/leads/{ada.pk}/outcome",
        {"state": "booked", "occurred_at": moment.replace(tzinfo=None).isoformat()},
        content_type="application/json",
    )
    assert Outcome.objects.get().occurred_at == moment
