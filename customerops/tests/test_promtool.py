"""promtool's own word on every rule and every case, and what a page reads."""

import subprocess
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from customerops.alerts import debian, files, promtool
from customerops.tests import tools

ALERTS = [rule for rule in files.all_rules() if not rule.records]


@pytest.fixture(scope="module", autouse=True)
def _promtool():
    tools.needed()


def drilled(*arguments: str) -> str:
    return str(call_command("alert_drill", *arguments, stdout=StringIO()))


def test_prometheus_can_read_the_rules():
    assert promtool.check_rules(files.RULES) == ""


def test_rules_prometheus_cannot_read_are_told_of(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text("groups: [{name: g, rules: [{alert: A, expr: 'sum('}]}]")
    assert "parse error" in promtool.check_rules([broken])


def test_the_configuration_is_one_prometheus_takes():
    told = subprocess.run(
        [promtool.tool("promtool"), "check", "config", "--syntax-only", files.DEPLOY / "prometheus.yml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    text = (files.DEPLOY / "prometheus.yml").read_text()
    for path in files.RULES:
        assert f"- /etc/prometheus/{path.name}\n" in text


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule.name)
def test_a_drill_shows_the_page_as_it_would_read(rule):
    told = drilled(rule.name)
    assert told.startswith(f"[{rule.labels['severity'].upper()}] {rule.name}: ")
    assert f"runbook: docs/troubleshooting.md#{rule.name.lower()}\n" in told
    assert f"team: {rule.labels['team']}\n" in told
    assert "{{" not in told
    assert "%!" not in told
    assert "<error" not in told
    assert files.runbook(rule.name) in told
    assert f"it {rule.name}" not in told


def test_a_drill_fills_in_what_was_measured():
    assert "25% of the attempts by email in 10m did not go out" in drilled("FollowUpJobFailureRate")


def test_a_drill_lists_every_alert():
    assert [line.split()[0] for line in drilled("--list").splitlines()] == [rule.name for rule in ALERTS]


def test_an_alert_nobody_knows_is_refused():
    with pytest.raises(CommandError, match="there is no alert Nope"):
        drilled("Nope")


@pytest.mark.slow
def test_every_case_of_every_alert_holds(tmp_path):
    recorded = [rule for rule in files.all_rules() if rule.records]
    placed, found = [], 0
    for alert in ALERTS:
        cases = promtool.cases_of(alert.name, files.tests_of(alert.name))
        found += len(cases)
        joined = {**cases[0], "tests": [case["tests"][0] for case in cases]}
        rules = [*(rule for rule in recorded if rule.name in alert.expr), alert]  # a tenth of all: faster
        placed.append(promtool.place(rules, joined, tmp_path / alert.name))
    assert found == sum(len(promtool.cases(path)) for path in files.TESTS.glob("*.yml"))
    assert promtool.failed(placed) == {}


def test_a_case_that_fails_is_told_with_its_name(tmp_path):
    [rule] = [rule for rule in ALERTS if rule.name == "LeadModelTrainDataLow"]
    case = promtool.cases(files.TESTS / "LeadModelTrainDataLow.yml")[0]
    case["tests"][0]["alert_rule_test"][-1]["exp_alerts"] = []
    [said] = promtool.failed([promtool.place([rule], case, tmp_path)]).values()
    assert "fires an hour after" in said


def test_a_machine_that_cannot_have_it_is_told_what_was_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(debian, "TOOLS", tmp_path / "tools")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PROMETHEUS_BIN", raising=False)
    with pytest.raises(debian.ToolMissing, match="promtool is neither on PATH nor in PROMETHEUS_BIN"):
        promtool.tool("promtool")
    with pytest.raises(CommandError, match="Debian's package"):
        drilled("LeadModelStale")


def test_ci_never_skips(tmp_path, monkeypatch):
    monkeypatch.setattr(debian, "TOOLS", tmp_path / "tools")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PROMETHEUS_BIN", raising=False)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI runs every test"):
        tools.needed()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="the alerts were not tested"):
        tools.needed()


def test_a_tool_that_is_named_goes_before_all(tmp_path, monkeypatch):
    Path(tmp_path, "promtool").touch()
    monkeypatch.setenv("PROMETHEUS_BIN", str(tmp_path))
    assert promtool.tool("promtool") == tmp_path / "promtool"
