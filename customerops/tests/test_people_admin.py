"""Erasure, export and legal holds on the lead's page, each with a permission of its own."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from customerops.tests.people import ADA, BEN, arrived, erased, with_traces
from leads.models import Lead
from privacy.models import Erasure, LegalHold, RetentionRun

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def person(*permissions: str) -> Client:
    user = User.objects.create_user(f"officer{User.objects.count()}", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def officer() -> Client:
    return person("view_lead", "erase_subject", "export_subject", "place_hold", "lift_hold")


def page(name: str, lead: Lead) -> str:
    return reverse(f"admin:leads_lead_{name}", args=[lead.pk])


def test_it_tells_what_would_go_asks_why_and_erases():
    lead, other = with_traces(arrived()), arrived("ada-2")
    boss = officer()
    asked = boss.get(page("erase", lead)).content.decode()
    assert "<th>outcomes</th><td>1</td>" in asked
    assert str(other.pk) in asked
    assert "required" in boss.post(page("erase", lead), {"reason": ""}).content.decode()
    answer = boss.post(page("erase", lead), {"reason": "letter of ada@example.org"}, follow=True)
    receipt = Erasure.objects.get()
    assert f"Receipt {receipt.pk}" in answer.content.decode()
    assert (receipt.reason, receipt.actor.endswith("(admin)")) == ("letter of [EMAIL]", True)
    assert list(Lead.objects.all()) == [other]
    assert boss.get(page("erase", lead)).status_code == 404


def test_a_hold_is_placed_stands_in_the_way_and_is_lifted():
    lead, boss = arrived(), officer()
    boss.post(page("hold", lead), {"reason": "claim 12"})
    shown = boss.get(page("change", lead)).content.decode()
    assert "claim 12" in shown
    assert page("release", lead) in shown
    assert page("hold", lead) not in shown
    refused = boss.post(page("erase", lead), {"reason": "x"}).content.decode()
    assert "Nothing was erased: legal hold of" in refused
    assert Lead.objects.exists()
    assert "held already" in boss.post(page("hold", lead), {"reason": "again"}).content.decode()
    boss.post(page("release", lead))
    assert LegalHold.objects.get().lifted_by.endswith("(admin)")
    assert page("hold", lead) in boss.get(page("change", lead)).content.decode()


def test_looking_at_the_way_out_of_a_hold_lifts_nothing():
    lead, boss = arrived(), officer()
    boss.post(page("hold", lead), {"reason": "claim 12"})
    asked = boss.get(page("release", lead)).content.decode()
    assert "claim 12" in asked
    assert 'value="Lift the legal hold"' in asked
    assert LegalHold.objects.get().lifted_at is None


def test_a_hold_that_is_gone_is_told_instead_of_lifted():
    lead, boss = arrived(), officer()
    answer = boss.post(page("release", lead), follow=True).content.decode()
    assert "errornote" in answer or "errorlist" in answer
    assert "may be erased again" not in answer


def test_no_button_of_the_lead_form_lifts_a_hold():
    lead, boss = arrived(), officer()
    boss.post(page("hold", lead), {"reason": "claim 12"})
    assert "formaction" not in boss.get(page("change", lead)).content.decode()


def test_the_history_of_a_lead_tells_who_did_what_to_it():
    lead, boss = arrived(), officer()
    boss.post(page("hold", lead), {"reason": "claim 12"})
    boss.post(page("release", lead))
    boss.get(page("export", lead))
    history = boss.get(page("history", lead)).content.decode()
    for done in ("Placed a legal hold.", "Lifted the legal hold.", "Downloaded the data."):
        assert done in history


def test_the_data_can_be_taken_away():
    lead = arrived()
    answer = officer().get(page("export", lead))
    assert answer.json()["leads"][0]["contact"] == ADA
    assert "no-store" in answer.headers["Cache-Control"]
    assert "attachment" in answer.headers["Content-Disposition"]


def test_whoever_may_only_see_leads_sees_no_button_and_gets_no_page():
    lead, reader = arrived(), person("view_lead")
    shown = reader.get(page("change", lead)).content.decode()
    for name in ("erase", "hold", "release", "export"):
        assert page(name, lead) not in shown
        assert reader.post(page(name, lead), {"reason": "x"}).status_code == 403
    assert person("erase_subject").post(page("erase", lead), {"reason": "x"}).status_code == 403
    assert Lead.objects.exists()


def test_from_the_list_one_lead_at_a_time():
    lead, _ = arrived(), arrived("ben-1", BEN)
    boss, listed = officer(), reverse("admin:leads_lead_changelist")
    every = list(Lead.objects.values_list("pk", flat=True))
    both = boss.post(listed, {"action": "erase", "_selected_action": every}, follow=True)
    assert "Choose one lead." in both.content.decode()
    one = boss.post(listed, {"action": "erase", "_selected_action": [lead.pk]})
    assert one.headers["Location"] == page("erase", lead)


def test_records_are_read_and_never_changed():
    arrived()
    receipt = erased(external_id="ada-1").receipt
    night = RetentionRun.objects.create(periods={"messages": 365, "leads": 0})
    Erasure.objects.filter(pk=receipt.pk).update(actor="somebody else")
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss", password="x"))
    for model in ("erasure", "legalhold", "retentionrun"):
        assert boss.get(reverse(f"admin:privacy_{model}_changelist")).status_code == 200
        assert boss.get(reverse(f"admin:privacy_{model}_add")).status_code == 403
    shown = boss.get(reverse("admin:privacy_erasure_change", args=[receipt.pk])).content.decode()
    assert "icon-no" in shown  # changed by hand
    told = boss.get(reverse("admin:privacy_retentionrun_change", args=[night.pk])).content.decode()
    assert "leads for ever, messages 365 days" in told
    assert boss.get(reverse("admin:privacy_erasure_delete", args=[receipt.pk])).status_code == 403
