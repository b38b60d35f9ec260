"""The commands that do a night's looking by hand."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from modeling.models import Decision, DriftReport, LiveQuality
from modeling.tests.served import VISITS, serve, serving, sloping

pytestmark = pytest.mark.django_db


def said(command: str) -> str:
    out = StringIO()
    call_command(command, stdout=out)
    return out.getvalue()


def test_live_quality_tells_when_there_is_nothing():
    assert "no matured lead" in said("live_quality")
    assert Decision.objects.get().kind == "rollback"


def test_live_quality_tells_the_figures_and_the_decision():
    version = serving(sloping()).version
    serve(300, by=version, now=now())
    text = said("live_quality")
    row = LiveQuality.objects.get(span="recent")
    assert f"Live AUC     {row.auc:.3f} (between {row.auc_low:.3f} and {row.auc_high:.3f})" in text
    assert f"version {version.version} on 300 leads" in text
    assert "Rollback     No other version has served before this one." in text


def test_live_quality_does_not_pretend_with_few_leads():
    serve(20, by=serving(sloping()).version, now=now())
    assert "too few leads to tell" in said("live_quality")


def test_drift_names_what_moved_and_tells_the_decision():
    version = serving(sloping(), days_ago=40).version
    serve(200, by=version, matured=(3, -9), visits=range(VISITS // 2, VISITS), now=now())
    text = said("drift")
    assert "between 2 and 3 17% → 0%" in text
    assert "DRIFT_RETRAIN is off" in text
    assert DriftReport.objects.count() == 1


def test_drift_tells_what_is_within_noise():
    version = serving(sloping(), days_ago=40).version
    serve(200, by=version, matured=(3, -9), now=now())
    assert "within noise" in said("drift")
    assert Decision.objects.get().acted is False


def test_drift_without_a_version():
    assert said("drift").strip() == "Retraining  No version serves."
