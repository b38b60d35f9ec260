"""Grafana's dashboards: provisioned, asking for series that exist, and drawn without overlaps."""

import json
import re
from itertools import combinations

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from customerops.tests.deploy.files import DEPLOY, services

GRAFANA = DEPLOY / "grafana"
BOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((GRAFANA / "dashboards").glob("*.json"))}
OURS = re.compile(r"\b((?:lead|pii|followup|customerops|django)_[a-z_]+)\b")
GRID = 24
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


@pytest.mark.parametrize("expr", sorted({expr for board in BOARDS.values() for expr in expressions(board)}))
def test_every_query_is_promql(expr):
    promql = pytest.importorskip("promql_parser")
    assert promql.parse(expr)
