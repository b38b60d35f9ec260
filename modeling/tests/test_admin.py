"""The pages operators work with."""

import pytest
from celery import current_app
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from leads.models import Lead
from modeling import artifact, registry
from modeling.models import FeatureRule, Prediction, RetrainRun, ServingProcess
from modeling.tests.cast import archived, card_bytes, promoted, the

pytestmark = pytest.mark.django_db

VERSIONS = "admin:modeling_modelversion_changelist"
RUNS = "admin:modeling_retrainrun_changelist"
LEAD = "admin:leads_lead_change"
RULES = "admin:modeling_featurerule_changelist"
REPORT = {
    "rows": {"known": 1200, "converted": 300, "spam": 7},
    "features": ["visits"],
    "left_out": {"closed_by": "it appears only after the outcome"},
    "look_at": {"visits": "it alone reaches AUC 0.812"},
    "recipe": {"pairs": 3},
    "tried": [],
    "comparison": {"candidate": {"auc": 0.7812, "auc_low": 0.75, "auc_high": 0.81, "brier": 0.1523}},
}


@pytest.fixture
def ada(admin_user) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def viewer(django_user_model) -> Client:
    """Somebody who may log in and do nothing."""
    client = Client()
    client.force_login(django_user_model.objects.create_user("vera", is_staff=True))
    return client


def page(client: Client, name: str, *args: object) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def serve(version: int) -> str:
    return reverse("admin:modeling_modelversion_serve", args=[version])


def test_the_list_of_versions_offers_the_way_back_to_each_but_the_champion(ada):
    first, second = promoted(base=0.1), promoted(base=0.2)
    text = page(ada, VERSIONS)
    assert serve(first.version_id) in text
    assert serve(second.version_id) not in text
    assert "0.780" in text


def test_rolling_back_asks_why_and_adds_a_line(ada):
    first = promoted(base=0.1)
    promoted(base=0.2)
    assert "Roll back to version" in page(ada, "admin:modeling_modelversion_serve", first.version_id)
    assert ada.post(serve(first.version_id), {"reason": " "}).status_code == 200
    assert registry.champion() != first
    response = ada.post(serve(first.version_id), {"reason": "it scores all alike"})
    assert response.status_code == 302
    line = the(registry.champion())
    assert (line.version_id, line.kind, line.actor) == (first.version_id, "rollback", "admin (admin)")
    assert line.reason == "it scores all alike"


def test_a_version_that_never_served_is_forced_and_shown_so(ada):
    held = archived(verdict="hold")
    assert "shown as forced" in page(ada, "admin:modeling_modelversion_serve", held.version)
    ada.post(serve(held.version), {"reason": "the gate waits too long"})
    assert the(registry.champion()).kind == "force"
    assert "force" in page(ada, "admin:modeling_deployment_changelist")


def test_the_action_leads_to_the_same_page(ada):
    first = promoted(base=0.1)
    promoted(base=0.2)
    chosen = {"action": "serve", "_selected_action": [first.version_id]}
    response = ada.post(reverse(VERSIONS), chosen)
    assert response["location"] == serve(first.version_id)


def test_the_action_wants_one_version(ada):
    chosen = [promoted(base=base).version_id for base in (0.1, 0.2)]
    response = ada.post(reverse(VERSIONS), {"action": "serve", "_selected_action": chosen}, follow=True)
    assert "Choose one version." in response.content.decode()
    assert the(registry.champion()).version_id == chosen[-1]


def test_only_those_who_may_deploy_roll_back(viewer):
    version = promoted().version_id
    assert viewer.get(serve(version)).status_code == 403
    assert viewer.post(serve(version), {"reason": "mine"}).status_code == 403


def test_rolling_back_needs_a_csrf_token(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    version = promoted().version_id
    assert client.post(serve(version), {"reason": "a forged form"}).status_code == 403


def test_a_version_shows_its_reasons_and_gives_away_its_bytes(ada):
    version = archived(base=0.3).version
    assert "better by 0.031 AUC" in page(ada, "admin:modeling_modelversion_change", version)
    response = ada.get(reverse("admin:modeling_modelversion_artifact", args=[version]))
    assert response.content == card_bytes(base=0.3)


def test_only_those_who_may_see_versions_get_the_bytes(viewer):
    version = archived().version
    assert viewer.get(reverse("admin:modeling_modelversion_artifact", args=[version])).status_code == 403


@pytest.mark.parametrize("model", ["modelversion", "deployment", "retrainrun", "servingprocess"])
def test_history_cannot_be_edited(ada, model):
    promoted()
    assert ada.get(reverse(f"admin:modeling_{model}_add")).status_code == 403
    text = page(ada, f"admin:modeling_{model}_changelist")
    assert "delete_selected" not in text


def test_retrain_now_asks_for_one_run_however_often_it_is_pressed(ada, monkeypatch):
    monkeypatch.setattr("modeling.tasks.hand_over", lambda run: True)
    assert "Retrain now" in page(ada, RUNS)
    for _ in range(2):
        assert ada.post(reverse("admin:modeling_retrainrun_now")).status_code == 302
    assert RetrainRun.objects.get().trigger == "admin (admin)"


@pytest.mark.parametrize(
    ("status", "broker", "told"),
    [
        ("running", None, "is running already"),
        (
            "queued",
            "redis+socket:///nowhere/valkey.sock",
            "The broker cannot be reached; the next check starts",
        ),
    ],
)
def test_retrain_now_says_why_nothing_begins_at_once(ada, monkeypatch, status, broker, told):
    if broker:
        monkeypatch.setattr(current_app.conf, "broker_write_url", broker)
    RetrainRun.objects.create(slot="a", trigger="ben", status=status)
    assert told in ada.post(reverse("admin:modeling_retrainrun_now"), follow=True).content.decode()
    assert RetrainRun.objects.count() == 1


def test_retrain_now_is_a_button_and_not_a_link(ada, viewer):
    assert ada.get(reverse("admin:modeling_retrainrun_now")).status_code == 405
    assert viewer.post(reverse("admin:modeling_retrainrun_now")).status_code == 403


def test_the_runs_page_renews_itself_while_a_run_is_open(ada):
    run = RetrainRun.objects.create(slot="a", trigger="ada", status="running", phase="tuning", progress=0.4)
    for text in (page(ada, RUNS), page(ada, "admin:modeling_retrainrun_change", run.pk)):
        assert 'http-equiv="refresh"' in text
        assert 'value="40"' in text
    RetrainRun.objects.update(status="completed", phase="done")
    assert 'http-equiv="refresh"' not in page(ada, RUNS)


def test_a_run_tells_what_it_read_left_out_and_how_it_was_judged(ada):
    run = RetrainRun.objects.create(slot="a", trigger="ada", status="completed", report=REPORT)
    text = page(ada, "admin:modeling_retrainrun_change", run.pk)
    for words in ("1,200", "spam", "closed_by", "appears only after the outcome", "0.781 (0.750 to 0.810)"):
        assert words in text


def test_the_features_of_the_last_run_are_one_click_from_a_rule(ada):
    RetrainRun.objects.create(slot="a", trigger="ada", status="completed", report=REPORT)
    FeatureRule.objects.create(name="visits", use="ban")
    text = page(ada, RULES)
    assert "add/?name=closed_by&amp;use=allow" in text
    assert "change its rule" in text
    assert ada.get(reverse("admin:modeling_featurerule_add") + "?name=closed_by&use=allow").status_code == 200


def test_processes_are_listed_while_they_live(ada):
    ServingProcess.objects.create(
        host="old", pid=1, role="web", version=5, since="2026-01-01T00:00Z", seen_at="2026-01-01T00:00Z"
    )
    assert "old" not in page(ada, "admin:modeling_servingprocess_changelist").split("changelist-form")[-1]


def test_a_lead_shows_why_it_scored_as_it_did(ada):
    version = promoted(base=0.1).version
    lead = Lead.objects.create(external_id="ben", attributes={"visits": 9})
    assert "no model served" in page(ada, LEAD, lead.pk)
    card = artifact.load(bytes(version.artifact), version.sha256)
    Prediction.objects.create(lead=lead, version=version, probability=0.5, grade="B", features={"visits": 9})
    Lead.objects.update(model_version=version.version)
    text = page(ada, LEAD, lead.pk)
    reasons = card.score({"visits": 9}, lead.created_at).reasons
    assert reasons
    for reason in reasons:
        assert escape(reason.text) in text
    assert reverse("admin:modeling_modelversion_change", args=[version.version]) in text
