"""Live quality, drift and decisions in the admin: read, never written."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from modeling import registry
from modeling.measuring import measure
from modeling.models import Decision, DriftReport, LiveQuality, Measurement
from modeling.retreating import consider
from modeling.tests.served import NOW, VISITS, serve, serving, sloping
from modeling.watching import watch

pytestmark = pytest.mark.django_db

PAGES = ("livequality", "driftreport", "decision", "measurement")


@pytest.fixture
def watched():
    serving(sloping(), days_ago=200)
    version = serving(sloping(0.4), days_ago=60).version
    serve(120, by=version, matured=(100, 61), seed=2)
    serve(500, by=version, matured=(55, 5))
    serve(200, by=version, matured=(3, -9), visits=range(VISITS // 2, VISITS), seed=4)
    measure(now=NOW)
    consider(now=NOW)
    watch(now=NOW)
    Measurement.objects.create(kind="drift", slot=NOW, trigger="beat")
    return version


def page(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(f"admin:modeling_{name}", args=args)).content.decode()


def test_the_plot_has_three_lines_and_the_interval(boss, watched):
    text = page(boss, "livequality_changelist")
    for style in ("live", "holdout", "expected"):
        assert f'class="line {style}"' in text
        assert f'<i class="{style}"></i>' in text
    assert 'class="band live"' in text
    assert "<script" not in text.partition("<figure")[2].partition("</figure>")[0]


def test_an_empty_list_has_no_plot(boss):
    assert (
        "<svg" not in page(boss, "livequality_changelist").partition('id="content"')[2].partition("<form")[0]
    )


def test_figures_stand_beside_each_other(boss, watched):
    text = page(boss, "livequality_changelist")
    row = LiveQuality.objects.get(span="recent")
    assert f"{row.auc:.3f} ({row.auc_low:.3f} to {row.auc_high:.3f})" in text
    assert f"{row.expected_auc:.3f}" in text
    assert "what served" in text
    assert "too few leads to tell" in text  # of the newest weeks


def test_a_version_shows_what_it_is_worth_now(boss, watched):
    text = page(boss, "modelversion_change", watched.version)
    row = LiveQuality.objects.get(span="recent")
    assert f"{row.auc:.3f} ({row.auc_low:.3f} to {row.auc_high:.3f}), {row.leads} leads" in text
    assert 'class="band live"' in text


def test_a_version_that_was_never_measured_says_so(boss, watched):
    earlier = registry.previous_version()
    assert "not measured yet" in page(boss, "modelversion_change", earlier)


def test_a_drift_report_names_feature_and_segment(boss, watched):
    text = page(boss, "driftreport_change", DriftReport.objects.get().pk)
    assert "between 2 and 3: 17% → 0%" in text
    assert "the score" in text
    assert "visits" in page(boss, "driftreport_changelist")


def test_decisions_say_why_nothing_was_done(boss, watched):
    text = page(boss, "decision_changelist")
    assert "DRIFT_RETRAIN is off" in text
    assert "No reason to go back" in text
    evidence = page(boss, "decision_change", Decision.objects.get(kind="rollback").pk)
    assert "serving auc: low" in evidence


def test_a_decision_links_to_what_came_of_it(boss, watched, settings):
    settings.DRIFT_RETRAIN = True
    run = watch(now=NOW).decision.run
    address = reverse("admin:modeling_retrainrun_change", args=[run.pk])
    assert f'<a href="{address}">asked for a run</a>' in page(boss, "decision_changelist")


@pytest.mark.parametrize("name", PAGES)
def test_nobody_writes_them_and_only_those_who_may_view_read_them(boss, watched, name):
    assert boss.get(reverse(f"admin:modeling_{name}_add")).status_code == 403
    row = apps.get_model("modeling", name)._default_manager.first()
    change = reverse(f"admin:modeling_{name}_change", args=[row.pk])
    assert boss.post(change, {"leads": 1}).status_code == 403
    assert boss.post(reverse(f"admin:modeling_{name}_delete", args=[row.pk])).status_code == 403

    user = User.objects.create_user("ben", is_staff=True)
    client = Client()
    client.force_login(user)
    listed = reverse(f"admin:modeling_{name}_changelist")
    assert client.get(listed).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename=f"view_{name}"))
    assert client.get(listed).status_code == 200
    assert client.get(change).status_code == 200


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"started_at": NOW, "completed_at": NOW + timedelta(seconds=3.2)}, ["measured", "3.2 s"]),
        ({"started_at": NOW}, ["being measured, or its worker died"]),
        ({"error": "RuntimeError: the disk is full"}, ["failed: RuntimeError: the disk is full"]),
        ({}, ["waiting"]),
    ],
)
def test_a_measurement_says_what_became_of_it(boss, row, told):
    Measurement.objects.create(kind="drift", slot=NOW, trigger="catch-up", **row)
    found = page(boss, "measurement_changelist")
    assert all(words in found for words in ["2026-03-02 04:20", "catch-up", *told])


@pytest.mark.parametrize("name", PAGES)
def test_every_column_can_be_sorted_by(boss, watched, name):
    listed = reverse(f"admin:modeling_{name}_changelist")
    columns = len(boss.get(listed).context["cl"].list_display)
    answers = [boss.get(listed, {"o": f"{way}{column}"}) for column in range(columns) for way in ("", "-")]
    assert {answer.status_code for answer in answers} == {200}


def test_what_grew_or_shrank_stands_before_the_figures_a_narrow_screen_cuts_off(boss, watched):
    found = page(boss, "driftreport_change", DriftReport.objects.get().pk)
    assert found.index("What grew or shrank") < found.index("Noise reaches")
    row = found[found.index('<tr class="moved">') :]
    assert row.index("→") < row.index("1,200")
