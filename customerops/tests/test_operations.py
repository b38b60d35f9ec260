"""The page for whoever is on call tells what /metrics tells."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from customerops import operations
from customerops.alerts import rules
from customerops.embedded.paths import ROOT
from customerops.metrics import exposition
from modeling.tests.cast import promoted

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUIET = """
lead_model_version 0
lead_model_live_auc{bound="point"} NaN
"""
BUSY = """
lead_model_version 1795428000
lead_model_auc 0.781
lead_model_live_auc{bound="point"} 0.77
lead_model_live_auc{bound="low"} 0.74
lead_model_live_auc{bound="high"} 0.8
lead_model_live_matured 1234
lead_prediction_latency_seconds_bucket{le="0.001"} 90
lead_prediction_latency_seconds_bucket{le="0.01"} 96
lead_prediction_latency_seconds_bucket{le="+Inf"} 100
followup_overdue 3
followup_oldest_overdue_seconds 12
followup_jobs_total{result="sent"} 1000
followup_jobs_total{result="in_doubt"} 1
pii_canary_leaking 1
lead_outcomes_total{outcome="booked"} 30
lead_outcomes_total{outcome="ghosted"} 70
django_http_responses_total_by_status_total{status="200"} 990
django_http_responses_total_by_status_total{status="503"} 10
"""


def told(text: str) -> dict[str, str]:
    """What the page says, by the names of its lines."""
    return {fact.name: fact.value for group in operations.groups(text, now=NOW) for fact in group.facts}


def test_it_says_so_where_there_is_nothing_to_tell():
    found = told(QUIET)
    assert found["serving version was trained"] == "never"
    assert found["live AUC"] == "too few matured leads to tell"
    assert found["95 of 100 scores take at most"] == "not measured"
    assert found["of these with a status from 500"] == "too few to tell"
    assert told("") == found


def test_it_tells_figures_as_people_read_them():
    found = told(BUSY)
    assert found["serving version was trained"] == "2026-11-23 10:00 UTC, 2.0 h ago"
    assert found["live AUC"] == "0.770 (0.740 to 0.800) on 1,234 leads"
    assert found["95 of 100 scores take at most"] == "10 ms"
    assert found["overdue"] == "3, the oldest for 12 s"
    assert found["ended since the start"] == "1,000 sent, none failed, 1 in doubt, none cancelled"
    assert found["the canary came home clean"] == "never; IT LEAKED SINCE"
    assert (found["booked of these"], found["ghosted of these"]) == ("30.0%", "70.0%")
    assert found["of these with a status from 500"] == "1.0%"


def test_every_alert_it_names_is_a_rule_and_all_fifteen_are_named():
    files = [ROOT / "deploy" / f"prometheus_alerts{end}.yml" for end in ("", "_extra")]
    fifteen, extra = ({rule.name for rule in rules.read(file.read_text())} for file in files)
    named = {
        alert for group in operations.groups("", now=NOW) for fact in group.facts for alert in fact.alerts
    }
    assert fifteen <= named <= fifteen | extra


@pytest.mark.django_db
def test_every_series_it_reads_is_exported():
    source = (ROOT / "customerops" / "operations.py").read_text()
    series = set(re.findall(r'"((?:lead|pii|followup|django)_[a-z_]+)"', source))
    Client().get("/healthz")  # the middleware makes its series with the first request
    text = exposition().decode()
    families = set(re.findall(r"# TYPE (\S+)", text))
    assert len(series) > 15
    assert {name for name in series if name not in families} == set()


@pytest.mark.django_db
def test_staff_read_it_and_others_do_not():
    promoted()
    staff = User.objects.create_user("ada", is_staff=True)
    browser = Client()
    assert browser.get("/admin/operations/").status_code == 302
    browser.force_login(staff)
    page = browser.get("/admin/operations/").content.decode()
    assert "LeadModelNotLoaded" in page
    assert "cannot be reached" not in page
    assert "Operations" in browser.get("/admin/").content.decode()
