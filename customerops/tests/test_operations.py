"""The page for whoever is on call tells what /metrics tells."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client

from customerops import operations, wording
from customerops.alerts import files, rules
from customerops.embedded.paths import ROOT
from customerops.health import Finding
from customerops.metrics import exposition
from modeling.tests.cast import promoted

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUIET = """
lead_model_version 0
lead_model_live_auc{bound="point"} NaN
"""
BUSY = """
lead_model_version 1795428000
lead_model_loaded_version{role="web",pid="1"} 1795428000
lead_model_loaded_version{role="worker",pid="2"} 1795428000
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
lead_outcomes_total{outcome="ghosted"} 20
lead_outcomes_total{outcome="qualified"} 50
lead_outcomes_total{outcome="spam"} 500
django_http_responses_total_by_status_view_method_total{status="200",view="leads"} 990
django_http_responses_total_by_status_view_method_total{status="503",view="leads"} 10
django_http_responses_total_by_status_view_method_total{status="503",view="readyz"} 9000
"""
WELL = {"postgres": Finding(True, "answered in 1.0 ms")}


def page(text: str, **findings: Finding) -> list[operations.Group]:
    return operations.groups(text, now=NOW, limits=files.limits(), findings=WELL | findings)


def told(text: str) -> dict[str, str]:
    """What the page says, by the names of its lines."""
    return {fact.name: fact.value for group in page(text) for fact in group.facts}


def wrong(text: str, **findings: Finding) -> list[str]:
    """The lines that stand on top."""
    return [fact.name for _, fact in operations.in_state(page(text, **findings), operations.State.WRONG)]


def test_it_says_so_where_there_is_nothing_to_tell():
    found = told(QUIET)
    assert found["Serving version was trained"] == "never"
    assert found["Processes, by the version they score with"] == "none reports"
    assert found["Live AUC"] == "too few matured leads to tell"
    assert found["Drift, the largest of all features"] == "too few new leads to tell"
    assert found["95 of 100 scores take at most"] == "not measured"
    assert found["Overdue"] == "none"
    assert found["of these with a status from 500"] == "too few to tell"
    assert told("") == found


def test_what_has_not_happened_yet_is_unknown_and_not_wrong():
    assert wrong(QUIET) == wrong("") == []
    unknown = {fact.name for _, fact in operations.in_state(page(QUIET), operations.State.UNKNOWN)}
    assert unknown == {
        "Serving version was trained",
        "Last training run that came to a verdict",
        "Live quality was last measured",
        "Drift was last measured",
        "The canary came home clean",
    }


def test_it_tells_figures_as_people_read_them():
    found = told(BUSY)
    assert found["Postgres"] == "answered in 1.0 ms"
    assert found["Serving version was trained"] == "2026-11-23 10:00 UTC, 2.0 h ago"
    assert found["Processes, by the version they score with"] == "2 on 1795428000"
    assert found["Live AUC"] == "0.770 (0.740 to 0.800) on 1,234 leads"
    assert found["95 of 100 scores take at most"] == "10 ms"
    assert found["Overdue"] == "3, the oldest for 12 s"
    assert found["Ended since the start"] == "1,000 sent, none failed, 1 in doubt, none cancelled"
    assert found["Leaks, as the canary found"].startswith("YES")
    assert found["Booked of these, spam left out"] == "30.0%"
    assert found["Ghosted of these, spam left out"] == "20.0%"
    assert found["of these with a status from 500"] == "1.0%"
    assert wrong(BUSY) == ["Leaks, as the canary found"]


@pytest.mark.parametrize(
    ("series", "line"),
    [
        ("lead_model_n_train 99", "Leads it learned from"),
        ('lead_model_loaded_version{pid="3"} 0', "Processes, by the version they score with"),
        ('lead_model_loaded_version{pid="3"} 1795427999', "Processes, by the version they score with"),
        ("lead_model_forced 1\nlead_model_auc 0.64", "Hold-out AUC"),
        ('lead_model_live_auc{bound="high"} 0.64\nlead_model_live_matured 200', "Live AUC"),
        ("lead_model_drift 0.26\nlead_model_drift_leads 200", "Drift, the largest of all features"),
        (
            "lead_model_retrain_last_completed_timestamp_seconds 1795341599",
            "Last training run that came to a verdict",
        ),
        ("lead_model_drift_measured_timestamp_seconds 1795341599", "Drift was last measured"),
        ("followup_overdue 1001", "Overdue"),
        ("followup_overdue 1\nfollowup_oldest_overdue_seconds 3601", "Overdue"),
        ("followup_in_doubt 1", "In doubt: a person has to look"),
        (
            'followup_attempts_total{result="sent"} 7\nfollowup_attempts_total{result="retry"} 3',
            "Attempts that did not go out, since the start",
        ),
        ("pii_canary_last_success_timestamp_seconds 1795433399", "The canary came home clean"),
        (
            'pii_redactions_total{kind="EMAIL"} 0\npii_messages_scanned_total{surface="message"} 501',
            "Personal details taken out since the start",
        ),
        (
            'pii_redaction_failures_total{reason="error"} 1',
            "Texts withheld because looking failed, since the start",
        ),
        ("pii_erasures_pending_leads 1", "Erased leads that Redis still has to forget"),
        ('lead_outcomes_total{outcome="ghosted"} 100', "Ghosted of these, spam left out"),
        (
            'lead_outcomes_total{outcome="booked"} 1\nlead_outcomes_total{outcome="nurture"} 60',
            "Booked of these, spam left out",
        ),
        (
            'django_http_responses_total_by_status_view_method_total{status="500",view="leads"} 100',
            "of these with a status from 500",
        ),
    ],
)
def test_a_line_is_wrong_where_its_alert_would_fire(series, line):
    changed = {one.rpartition(" ")[0] for one in series.splitlines()} | {"pii_canary_leaking"}
    calm = [one for one in BUSY.splitlines() if one.rpartition(" ")[0] not in changed]
    assert wrong("\n".join([*calm, *series.splitlines(), ""])) == [line]


def test_what_it_depends_on_comes_first():
    found = page("", redis=Finding(False, "refused"))[0]
    assert [(fact.name, fact.value, fact.state) for fact in found.facts] == [
        ("Postgres", "answered in 1.0 ms", ""),
        ("Redis", "refused", "wrong"),
    ]
    assert wrong("", redis=Finding(False, "refused")) == ["Redis"]


def test_drift_names_what_moved_farthest():
    text = """
lead_model_drift 0.4
lead_model_drift_leads 1500
lead_model_feature_drift{feature="visits"} 0.4
lead_model_feature_drift{feature="source"} 0.1
lead_model_feature_drift{feature="device"} 0
"""
    assert told(text)["Drift, the largest of all features"] == "0.400 (visits, source) on 1,500 new leads"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0421, "42 ms"),
        (1, "1 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "120 min"),
        (7200, "2.0 h"),
        (float("nan"), "not measured"),
        (float("inf"), "more than the longest bucket"),
    ],
)
def test_times_are_told_in_the_unit_that_people_use(seconds, said):
    assert wording.duration(seconds) == said


def test_every_alert_it_names_is_a_rule_and_all_fifteen_are_named():
    fifteen, extra = ({rule.name for rule in rules.read(path.read_text())} for path in files.RULES)
    named = {alert for group in page("") for fact in group.facts for alert in fact.alerts}
    assert fifteen <= named <= fifteen | extra


@pytest.mark.django_db
def test_every_series_it_reads_is_exported():
    source = (ROOT / "customerops" / "operations.py").read_text()
    series = set(re.findall(r'"((?:lead|pii|followup|django)_[a-z_]+)"', source))
    Client().get("/healthz")  # the middleware makes its series with the first request
    text = exposition().decode()
    families = set(re.findall(r"# TYPE (\S+)", text))
    assert len(series) > 15
    assert series - families <= files.limits().keys()  # which have such names too


@pytest.mark.django_db
def test_staff_read_it_and_others_do_not():
    promoted()
    staff = User.objects.create_user("ada", is_staff=True)
    browser = Client()
    assert browser.get("/admin/operations/").status_code == 302
    browser.force_login(staff)
    shown = browser.get("/admin/operations/").content.decode()
    assert "LeadModelNotLoaded" in shown
    assert "cannot be reached" not in shown
    assert shown.index("Wrong now") < shown.index("What it depends on")
    assert "Operations" in browser.get("/admin/").content.decode()


@pytest.mark.django_db
def test_without_postgres_nobody_is_known_and_the_answer_says_why(monkeypatch):
    def away(store: SessionStore) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(SessionStore, "load", away)
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "a" * 32
    answer = browser.get("/admin/operations/")
    assert answer.status_code == 503
    assert answer["Retry-After"] == "1"
    assert "the database cannot be reached" in answer.content.decode()
