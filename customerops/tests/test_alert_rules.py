"""The rules of alerts: rendered from thresholds, fifteen of them, each with a test and a runbook."""

import re
from io import StringIO

import promql_parser
import pytest
import yaml
from django.core.management import CommandError, call_command

from customerops.alerts import durations, exported, files, promql, rendering, rules
from customerops.alerts.rules import Rule

# The name of each with its group and how long it waits: people have dashboards and routes that use them.
PROMISED = {
    "LeadModelAUCDegraded": ("model", "30m"),
    "LeadModelAUCCritical": ("model", "10m"),
    "LeadPredLatencyHigh": ("model", "10m"),
    "LeadModelNotLoaded": ("model", "5m"),
    "LeadModelTrainDataLow": ("model", "1h"),
    "LeadModelStale": ("model", "30m"),
    "PIIRedactionSpike": ("pii", "15m"),
    "PIIRedactionsZero": ("pii", "5m"),
    "FollowUpJobFailureRate": ("followup", "15m"),
    "FollowUpQueueBackedUp": ("followup", "1h"),
    "FollowUpJobsStalled": ("followup", "1h"),
    "LeadConversionRateDrop": ("conversion", "6h"),
    "LeadGhostRateHigh": ("conversion", "3h"),
    "APIErrorRateHigh": ("api", "10m"),
    "APILatencyHigh": ("api", "10m"),
}
ALERTS = [rule for rule in files.all_rules() if not rule.records]
EVERY_RULE = pytest.mark.parametrize("rule", files.all_rules(), ids=lambda rule: rule.name)
EVERY_ALERT = pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule.name)
SITUATIONS = (
    "fires",
    "stays silent",
    "without any series|absent|no process reports|no run is known",
    "restart",
    "without traffic|quiet night",
    "before the first model",
)


@pytest.fixture
def deploy(tmp_path, monkeypatch):
    """A folder of rule files that may be spoiled."""
    for name in ("RULES", "THRESHOLDS"):
        paths = getattr(files, name)
        copies = [tmp_path / path.name for path in (paths if name == "RULES" else [paths])]
        for copy, path in zip(copies, paths if name == "RULES" else [paths], strict=True):
            copy.write_text(path.read_text())
        monkeypatch.setattr(files, name, tuple(copies) if name == "RULES" else copies[0])
    return tmp_path


def test_the_main_file_has_the_fifteen_promised_alerts_and_nothing_else():
    found = rules.read(files.RULES[0].read_text())
    assert {rule.name: (rule.group, rule.wait) for rule in found} == PROMISED
    assert len(found) == 15
    assert list(dict.fromkeys(rule.group for rule in found)) == [
        "model",
        "pii",
        "followup",
        "conversion",
        "api",
    ]


@EVERY_ALERT
def test_every_alert_says_who_should_look_what_it_means_and_where_to_read_on(rule):
    assert rule.labels["severity"] in {"critical", "warning", "none"}
    assert rule.labels["team"]
    assert rule.annotations.keys() == {"summary", "description", "runbook_url"}
    assert rule.annotations["runbook_url"] == f"docs/troubleshooting.md#{rule.name.lower()}"
    assert not rule.annotations["summary"].endswith(".")
    assert rule.annotations["description"].endswith(".")


def test_no_two_rules_share_a_name():
    names = [rule.name for rule in files.all_rules()]
    assert len(names) == len(set(names))


@EVERY_RULE
def test_every_expression_can_be_read_and_names_what_another_reader_finds(rule):
    assert [one.metric for one in promql.selectors(rule.expr)] == list(names(promql_parser.parse(rule.expr)))


def names(node):
    """Of every series below a node of the other reader's tree, in its order."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node.name
    for part in ("vector_selector", "expr", "args", "lhs", "rhs"):
        inner = getattr(node, part, None)
        for one in inner if isinstance(inner, list) else [inner] if inner is not None else []:
            yield from names(one)


@EVERY_ALERT
def test_the_runbook_of_every_alert_is_there(rule):
    text = files.runbook(rule.name)
    for part in ("**Meaning.**", "**First.**", "**Then.**", "**Ignore it**"):
        assert part in text
    assert "```sh" in text


@pytest.mark.parametrize("name", PROMISED)
def test_every_promised_alert_is_tested_in_every_situation(name):
    document = yaml.safe_load((files.TESTS / f"{name}.yml").read_text())
    told = [case["name"] for case in document["tests"]]
    for situation in SITUATIONS:
        assert any(re.search(situation, case) for case in told), situation


def test_what_is_told_only_once_names_alerts_that_exist():
    routes = yaml.safe_load((files.DEPLOY / "alertmanager.yml").read_text())
    names = {rule.name for rule in ALERTS}
    sides = [side for rule in routes["inhibit_rules"] for side in rule.values()]
    matched = re.findall(r'alertname =~? "([^"]+)"', str(sides + routes["route"]["routes"]))
    assert len(matched) == 7
    for pattern in "|".join(matched).split("|"):
        assert any(re.fullmatch(pattern, name) for name in names), pattern
    receivers = {receiver["name"] for receiver in routes["receivers"]}
    assert {routes["route"]["receiver"], *(one["receiver"] for one in routes["route"]["routes"])} == receivers


def test_the_committed_files_are_what_the_thresholds_say():
    assert call_command("alert_rules", "--check", stdout=StringIO()).startswith("The rule files agree")


def test_a_changed_threshold_reaches_the_rule_and_its_words(deploy):
    files.THRESHOLDS.write_text(
        files.THRESHOLDS.read_text().replace("auc_degraded: 0.65", "auc_degraded: 0.7")
    )
    with pytest.raises(CommandError, match=r"prometheus_alerts\.yml: not what the thresholds say"):
        call_command("alert_rules", "--check")
    assert call_command("alert_rules", stdout=StringIO()) == "Written: prometheus_alerts.yml."
    degraded = files.alert("LeadModelAUCDegraded")
    assert "< 0.7)" in degraded.expr
    assert "below 0.7:" in degraded.annotations["description"]
    assert call_command("alert_rules", "--check", stdout=StringIO()).startswith("The rule files agree")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\n", "no rule uses b"),
        ("{}", "no threshold is called a"),
        ("- 1\n", "not one list"),
        ("a: [1]\n", "not one list"),
    ],
)
def test_thresholds_that_do_not_fit_are_refused_by_name(text, said):
    with pytest.raises(rendering.RenderingError, match=said):
        rendering.rendered(templates={"x.yml": "expr: up > %{a}"}, values=rendering.thresholds(text))


def test_a_command_whose_thresholds_do_not_fit_says_so(deploy):
    files.THRESHOLDS.write_text(files.THRESHOLDS.read_text() + "spare: 1\n")
    with pytest.raises(CommandError, match="no rule uses spare"):
        call_command("alert_rules")


def test_what_is_rendered_keeps_numbers_as_they_are_written():
    values = rendering.thresholds("share: 0.10\nwait: 1h\n")
    texts = rendering.rendered(templates={"x.yml": "expr: a > %{share}\nfor: %{wait}\n"}, values=values)
    assert texts["x.yml"].endswith("expr: a > 0.10\nfor: 1h\n")


def test_a_recording_rule_has_no_words():
    text = "groups: [{name: g, rules: [{record: 'a:b', expr: up}, {alert: A, expr: up == 0}]}]"
    recorded, alert = rules.read(text)
    assert recorded == Rule("a:b", "g", "up", "0s", {}, {}, records=True)
    assert (alert.name, alert.wait, alert.records) == ("A", "0s", False)


@pytest.mark.parametrize(
    ("duration", "factor", "becomes"),
    [("30m", 2, "3600s"), ("5m", 0.5, "150s"), ("1h30m", 1, "5400s"), ("1s", 0.5, "500ms"), ("0s", 2, "0s")],
)
def test_durations_grow_and_shrink(duration, factor, becomes):
    assert durations.times(duration, factor) == becomes
    assert durations.seconds(becomes) == durations.seconds(duration) * factor


def test_what_prometheus_itself_provides_is_not_asked_of_us():
    assert list(exported.faults('up{job="customerops"} == 0', {})) == []
