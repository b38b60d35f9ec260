"""What operators write about versions and features: only what is not personal reaches Postgres."""

from io import StringIO

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from modeling import registry
from modeling.models import Deployment, FeatureRule, ModelVersion
from modeling.tests.cast import archived, card_bytes, promoted, the

pytestmark = pytest.mark.django_db

WHY = "Sarah Miller (sarah@example.org, 415-555-0134) says it scores all alike"
SAFE = "[PERSON] ([EMAIL], [PHONE]) says it scores all alike"

RAW = ("Miller", "example.org", "0134", "4111")


def kept() -> str:
    """The newest reason, when no table of ours and no line of the admin's log holds what was typed."""
    for model in (Deployment, ModelVersion, FeatureRule, LogEntry):
        assert [raw for raw in RAW if raw in str(list(model.objects.values()))] == []
    return the(registry.champion()).reason


@pytest.fixture
def two() -> int:
    first = promoted(base=0.1).version_id
    promoted(base=0.2)
    return first


@pytest.mark.usefixtures("two")
def test_through_the_api():
    _, key = apps.get_model("customerops", "ApiKey").objects.create_key(name="ci", scopes=["ops"])
    caller = Client(headers={"x-api-key": key})
    answer = caller.post("/ops/rollback", {"reason": WHY}, "application/json")
    assert kept() == SAFE
    assert "Miller" not in answer.content.decode()


@pytest.mark.usefixtures("two")
def test_through_the_command_line():
    out = StringIO()
    call_command("rollback_model", "--reason", WHY, stdout=out)
    assert kept() == SAFE


def test_through_the_admin(boss, two):
    boss.post(reverse("admin:modeling_modelversion_serve", args=[two]), {"reason": WHY})
    assert kept() == SAFE


def test_forced_in_the_admin(boss):
    held = archived(verdict="hold").version
    boss.post(reverse("admin:modeling_modelversion_serve", args=[held]), {"reason": WHY})
    assert kept() == SAFE


def test_forced_from_a_file(tmp_path):
    model = tmp_path / "model.json"
    model.write_bytes(card_bytes())
    call_command("register_model", str(model), "--force", "--reason", WHY, stdout=StringIO())
    assert kept() == SAFE


@pytest.mark.usefixtures("two")
def test_the_note_of_a_rule(boss):
    fields = {"name": "visits", "use": "ban", "direction": "free", "phrase": "", "note": WHY}
    assert boss.post(reverse("admin:modeling_featurerule_add"), fields).status_code == 302
    kept()
    assert FeatureRule.objects.get().note == SAFE


def test_a_long_reason_is_made_safe_before_it_is_cut():
    promoted(base=0.1)
    promoted(base=0.2)
    registry.roll_back(actor="ada", reason="x " * 244 + "card 4111 1111 1111 1111")
    assert "4111" not in kept()
