"""Grafana's dashboards: provisioned, asking for series that exist, and drawn without overlaps."""

import json
import re
from itertools import combinations

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from customerops.alerts import files, rendering
from customerops.alerts.expressions import filled_in
from customerops.tests.deploy.files import DEPLOY, services

TEAMS = {"model": {"ml"}, "followups": {"growth", "sales"}, "privacy": {"privacy"}, "api": {"platform"}}
GRAFANA = DEPLOY / "grafana"
BOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((GRAFANA / "dashboards").glob("*.json"))}
OURS = re.compile(r"\b((?:lead|pii|followup|customerops|django)_[a-z_]+)\b")
GRID = 24
UNITS = {
    "bool_yes_no",
    "h",
    "locale",
    "none",
    "ops",
    "percentunit",
    "reqps",
    "s",
    "short",
}  # of Grafana's list
# The colours of a panel change where its alert fires.
LIMITS = {
    ("model", "Hold-out AUC"): ["auc_critical", "auc_degraded"],
    ("model", "Live AUC"): ["auc_critical", "auc_degraded"],
    ("model", "Since the last verdict"): ["stale_hours"],
    ("model", "Drift"): ["drift"],
    ("followups", "Overdue"): ["followup_overdue"],
    ("followups", "Did not go out, last hour"): ["followup_failed_share"],
    ("privacy", "Since the last clean canary"): ["canary_silent_seconds"],
    ("api", "Errors"): ["api_error_share"],
    ("api", "p95"): ["api_p95_seconds"],
    ("api", "Time to answer"): ["api_p95_seconds"],
    ("api", "Error budget, requests"): ["slow_burn", "fast_burn"],
    ("api", "Error budget, scores"): ["slow_burn", "fast_burn"],
}
# Told of by nightly measurements.
LIVE = {"lead_model_live_auc", "lead_model_live_matured", "lead_model_drift", "lead_model_feature_drift"}
LIVE |= {"lead_model_score_drift", "lead_model_drift_leads"}


def provisioned(kind: str) -> dict:
    [path] = (GRAFANA / "provisioning" / kind).glob("*.yml")
    return yaml.safe_load(path.read_text())


def expressions(board: dict) -> list[str]:
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def test_the_four_are_there_each_under_a_name_of_its_own():
    assert set(BOARDS) == {"model", "followups", "privacy", "api"}
    assert {board["uid"] for board in BOARDS.values()} == {f"customerops-{name}" for name in BOARDS}


def test_grafana_finds_them_and_the_source_they_ask():
    [source] = provisioned("datasources")["datasources"]
    [provider] = provisioned("dashboards")["providers"]
    mounts = dict(volume.split(":")[:2] for volume in services()["grafana"]["volumes"])
    assert mounts["./grafana/dashboards"] == provider["options"]["path"]
    assert mounts["./grafana/provisioning"] == "/etc/grafana/provisioning"
    assert source["url"] == "http://prometheus:9090"
    asked = {
        target["datasource"]["uid"]
        for board in BOARDS.values()
        for panel in board["panels"]
        for target in panel["targets"]
    }
    assert asked == {source["uid"]}


@pytest.mark.django_db
def test_every_series_asked_for_is_exported():
    exported = set()
    for family in text_string_to_metric_families(Client().get("/metrics").content.decode()):
        exported |= {f"{family.name}{suffix}" for suffix in ("", "_total", "_bucket", "_count", "_sum")}
    asked = {name for board in BOARDS.values() for expr in expressions(board) for name in OURS.findall(expr)}
    assert asked - exported <= LIVE
    assert len(asked) > 25


@pytest.mark.parametrize("name", BOARDS)
def test_what_postgres_holds_is_never_summed_over_containers_that_all_tell_it(name):
    rows = re.compile(
        r"\b(followup_(?:overdue|scheduled|in_doubt|oldest\w+)|lead_model_(?!loaded|reloads)\w+|pii_(?:canary|erasures_pending)\w+)"
    )
    for expr in expressions(BOARDS[name]):
        for found in rows.finditer(expr):
            before = expr[: found.start()]
            assert re.search(r"max( by \(\w+\) )?\($", before), expr


@pytest.mark.parametrize("name", BOARDS)
def test_panels_are_titled_explained_and_do_not_overlap(name):
    panels = BOARDS[name]["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert panel["description"].endswith((".", "?"))
        assert place["x"] + place["w"] <= GRID
        assert [target["refId"] for target in panel["targets"]] == [
            chr(65 + number) for number in range(len(panel["targets"]))
        ]
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above


def panel(board: str, title: str) -> dict:
    [found] = [one for one in BOARDS[board]["panels"] if one["title"] == title]
    return found


@pytest.mark.parametrize(("board", "title"), LIMITS)
def test_colours_change_where_the_alert_fires(board, title):
    values = rendering.thresholds(files.THRESHOLDS.read_text())
    limits = [float(values[name]) * (3600 if name.endswith("_hours") else 1) for name in LIMITS[board, title]]
    steps = panel(board, title)["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert [step["value"] for step in steps[-len(limits) :]] == limits


@pytest.mark.parametrize("title", ["Error budget, requests", "Error budget, scores"])
def test_budgets_are_those_of_the_alerts(title):
    values = rendering.thresholds(files.THRESHOLDS.read_text())
    name = "availability_objective" if "requests" in title else "scoring_objective"
    for target in panel("api", title)["targets"]:
        assert target["expr"].endswith(f"/ (1 - {values[name]})")


@pytest.mark.parametrize("name", BOARDS)
def test_figures_have_a_unit_and_lines_a_name(name):
    for one in BOARDS[name]["panels"]:
        assert one["fieldConfig"]["defaults"]["unit"] in UNITS, one["title"]
        legends = [target["legendFormat"] for target in one["targets"]]
        assert one["type"] == "stat" or (all(legends) and len(set(legends)) == len(legends)), one["title"]


@pytest.mark.parametrize("name", BOARDS)
def test_each_tells_first_which_of_its_alerts_fire(name):
    first = BOARDS[name]["panels"][0]
    teams = re.search(r'team=~"([^"]+)"', first["targets"][0]["expr"])
    assert first["title"] == "Firing"
    assert teams is not None
    assert set(teams[1].split("|")) == TEAMS[name]


def test_every_alert_is_on_a_dashboard():
    assert {rule.labels["team"] for rule in files.all_rules() if not rule.records} == set.union(
        *TEAMS.values()
    )


@pytest.mark.parametrize("name", BOARDS)
def test_lines_follow_the_zoom(name):
    for one in BOARDS[name]["panels"]:
        zooms = [target for target in one["targets"] if "$__rate_interval" in target["expr"]]
        assert bool(zooms) is (one.get("interval") == "1m")
        assert all(one["type"] == "timeseries" and len(zooms) == len(one["targets"]) for _ in zooms)


@pytest.mark.parametrize("expr", sorted({expr for board in BOARDS.values() for expr in expressions(board)}))
def test_every_query_is_promql(expr):
    promql = pytest.importorskip("promql_parser")
    assert promql.parse(filled_in(expr))
