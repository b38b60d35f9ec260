"""Erasing a person: every trace goes, a receipt and tombstones stay."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError, models
from django.utils.timezone import now

from customerops import erasing, intake, tasks
from customerops.tests.cast import serve
from customerops.tests.people import ADA, BEN, LONG_AGO, arrived, erased, traces, with_traces
from leads.models import Lead, Message, Outcome
from leads.people import Subject
from leads.services import NewLead
from modeling.models import Prediction
from privacy import gravestones, holds, memory, receipts, tombstones
from privacy.digests import Name
from privacy.models import Erasure, Forgetting, LegalHold, Tombstone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def test_it_leaves_no_trace_in_any_table_nor_in_redis():
    serve()
    lead = with_traces(arrived())
    assert traces(str(lead.pk), "ada-1")
    done = erased(lead=str(lead.pk))
    assert traces(str(lead.pk), "ada-1", "two rooms", "quendahl", "example.org") == []
    assert memory.read(lead=lead.pk, now=now()) == []
    assert LogEntry.objects.get().change_message == "as [ERASED] said"
    assert done.receipt.rows == {
        "leads_lead": 1,
        "leads_message": 1,
        "leads_outcome": 1,
        "modeling_prediction": 1,
        "followups_enrolment": 1,
        "followups_followup": 1,
        "django_admin_log": 1,
    }
    assert (done.receipt.redis_keys, Forgetting.objects.count()) == (1, 0)


def test_it_leaves_others_alone():
    lead, other = with_traces(arrived()), with_traces(arrived("ben-1", BEN))
    erased(lead=str(lead.pk))
    assert [one.pk for one in Lead.objects.all()] == [other.pk]
    assert [model.objects.count() for model in (Outcome, Message, Prediction)] == [1, 1, 1]
    assert len(memory.read(lead=other.pk, now=now())) == 1


def test_everything_that_points_at_a_lead_goes_with_it():
    for relation in Lead._meta.related_objects:
        assert relation.on_delete is models.CASCADE, relation.related_model


def test_by_e_mail_or_phone_all_leads_of_a_person_go_in_any_spelling():
    first, second, _ = arrived("a"), arrived(None), arrived("ben-1", BEN)
    assert erased(email=" ADA@example.org").leads == sorted([first.pk, second.pk])
    other = arrived("ben-2", BEN | {"email": "b@example.net"})
    done = erased(phone="0049 (0)731/765-4321")
    assert (done.receipt.leads, other.pk in done.leads) == (2, True)
    assert not Lead.objects.exists()


def test_one_of_several_leads_leaves_the_others_and_names_them():
    lead, other = arrived("a"), arrived("b")
    done = erased(external_id="a")
    assert (done.leads, done.others) == ([lead.pk], [other.pk])
    # What the living lead is known by keeps nobody away.
    assert sorted(Tombstone.objects.values_list("name", flat=True)) == ["external_id", "lead"]
    staying = tombstones.Known(other.pk, "b", LONG_AGO, other.email_digest, None)
    assert not tombstones.returned([staying], tombstones.every())


def test_the_reason_and_the_receipt_name_nobody():
    lead = arrived()
    done = erased(lead=str(lead.pk), reason="Quendahl wrote from ada@example.org: please erase me")
    stored = Erasure.objects.get()
    assert stored.reason == "[PERSON] wrote from [EMAIL]: please erase me"
    assert done.told()["lead_ids"] == [lead.pk]  # told once
    assert traces(str(lead.pk), "quendahl", "example.org") == []


def test_a_receipt_that_was_changed_by_hand_shows():
    arrived()
    erased(external_id="ada-1")
    receipt = Erasure.objects.get()
    assert receipts.is_genuine(receipt)
    receipt.reason = "scrubbed"
    assert receipts.is_genuine(receipt)
    receipt.leads = 2
    assert not receipts.is_genuine(receipt)


def test_a_contact_that_no_key_opens_is_erased_all_the_same(settings):
    lead = arrived()
    settings.CONTACT_ENCRYPTION_KEYS = ["x" * 43 + "="]
    assert erased(email=ADA["email"]).leads == [lead.pk]


def test_who_was_erased_already_is_said_so():
    with pytest.raises(erasing.NobodyFound):
        erased(external_id="ada-1")
    arrived()
    receipt = erased(external_id="ada-1").receipt
    with pytest.raises(erasing.ErasedBefore, match=str(receipt.pk)):
        erased(external_id="ada-1")


def test_a_plan_tells_what_would_go_and_changes_nothing():
    lead = with_traces(arrived())
    plan = erasing.plan(subject=Subject(Name.EMAIL, ADA["email"]))
    assert lead.pk in plan.leads
    assert Lead.objects.exists()
    assert not Erasure.objects.exists()
    assert plan.rows == erased(email=ADA["email"]).receipt.rows


# --- legal holds


def test_a_legal_hold_keeps_every_lead_of_the_person():
    lead, _ = arrived("a"), arrived("b")
    holds.place(leads=lambda: [lead.pk], reason="a claim", actor="counsel", now=now())
    with pytest.raises(holds.HeldError, match="by counsel: a claim"):
        erased(email=ADA["email"])
    assert Lead.objects.count() == 2
    assert not Erasure.objects.exists()
    assert not Tombstone.objects.exists()


def test_a_lifted_hold_stays_without_the_lead():
    lead = arrived()
    holds.place(leads=lambda: [lead.pk], reason="a claim", actor="counsel", now=now())
    holds.lift(leads=[lead.pk], actor="counsel", now=now())
    erased(lead=str(lead.pk))
    assert LegalHold.objects.get().lead_id is None
    assert traces(str(lead.pk)) == []


# --- who was erased stays away


def receive(**values) -> intake.Answer:
    [answer] = intake.receive(leads=[NewLead(**values)], now=now())
    return answer


def test_the_external_id_is_refused_for_ever():
    arrived()
    erased(external_id="ada-1")
    assert receive(external_id="ada-1").erased
    assert not Lead.objects.exists()


@pytest.mark.parametrize("contact", [{"email": "ADA@example.org"}, {"phone": "+497311234567"}])
def test_history_of_the_person_is_refused_and_what_comes_later_is_welcome(contact):
    arrived()
    erased(external_id="ada-1")
    assert receive(contact=contact, created_at=LONG_AGO).erased
    assert receive(contact=contact).new
    assert receive(contact=contact, created_at=now() - timedelta(days=1)).erased
    assert receive(contact=BEN, created_at=LONG_AGO).new


def test_who_came_back_can_be_erased_again():
    arrived()
    erased(external_id="ada-1")
    receive(external_id="ada-2", contact=ADA)
    assert erased(email=ADA["email"]).receipt.leads == 1
    assert receive(contact=ADA, created_at=now() - timedelta(seconds=5)).erased


def test_with_a_new_key_the_old_tombstones_still_count(settings):
    arrived()
    erased(external_id="ada-1")
    settings.SUBJECT_KEYS = ["another key", *settings.SUBJECT_KEYS]
    assert receive(external_id="ada-1").erased
    assert receive(contact=ADA, created_at=LONG_AGO).erased
    arrived("ada-2", ADA, created_at=now())
    assert erased(email=ADA["email"]).receipt.leads == 1


def test_tombstones_cost_no_round_trip(django_assert_max_num_queries):
    arrived()
    erased(external_id="ada-1")
    batch = [NewLead(external_id=f"x{number}", contact=BEN) for number in range(100)]
    with django_assert_max_num_queries(1):
        intake.receive(leads=batch, now=now())


# --- which versions had seen them


def test_versions_that_were_trained_later_are_listed():
    version = serve()
    mature = {"created_at": LONG_AGO, "matures_at": LONG_AGO + timedelta(days=1)}
    arrived("ada-1", **mature), arrived("young", BEN, created_at=now())
    spam = arrived("spam", {"email": "spam@example.com"}, **mature)
    Outcome.objects.create(lead=spam, state="spam", recorded_at=LONG_AGO)
    Lead.objects.update(recorded_at=LONG_AGO)
    assert erased(external_id="ada-1").receipt.model_versions == [version]
    assert erased(external_id="young").receipt.model_versions == []
    assert erased(external_id="spam").receipt.model_versions == []


# --- when something fails


def test_nothing_is_half_done_when_postgres_fails(monkeypatch):
    lead = with_traces(arrived())

    def broken(*args, **kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr(tombstones, "raise_stones", broken)
    with pytest.raises(DatabaseError):
        erased(lead=str(lead.pk))
    assert [model.objects.count() for model in (Lead, Outcome, Message)] == [1, 1, 1]
    assert not Erasure.objects.exists()
    assert len(memory.read(lead=lead.pk, now=now())) == 1
    assert not gravestones.file().exists()


def test_while_redis_is_away_postgres_is_done_and_redis_is_remembered(settings, monkeypatch):
    lead = with_traces(arrived())
    url = settings.REDIS_URL
    settings.REDIS_URL = "unix:///nowhere.sock"
    memory._store.cache_clear()
    receipt = erased(lead=str(lead.pk)).receipt
    assert not Lead.objects.exists()
    assert receipts.told(receipt)["redis"] == {"keys": None, "pending": True}
    assert tasks.finish_erasures() is False
    settings.REDIS_URL = url
    memory._store.cache_clear()
    monkeypatch.setattr(memory, "_away_until", 0.0)
    assert tasks.finish_erasures() is True
    receipt.refresh_from_db()
    assert receipts.told(receipt)["redis"] == {"keys": 1, "pending": False}
    assert receipts.is_genuine(receipt)
    assert memory.read(lead=lead.pk, now=now()) == []
    assert not Forgetting.objects.exists()
