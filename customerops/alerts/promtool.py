"""Prometheus's tools, and what they say of rules."""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import yaml

from customerops.alerts import debian
from customerops.alerts.rules import Rule

LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
GOT = re.compile(r"got:\[\s*0:\s*Labels:(\{.*?\})\s*Annotations:(\{.*\})")


@dataclass(frozen=True, slots=True)
class Page:
    """An alert as it would be delivered, and the test that raised it."""

    case: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


def tool(name: str) -> Path:
    """`promtool` or `prometheus`: from PROMETHEUS_BIN, PATH or Debian's package. Raises ToolMissing."""
    folder = os.environ.get("PROMETHEUS_BIN")
    return debian.program(name, package="prometheus", folder=folder, variable="PROMETHEUS_BIN")


def check_rules(paths: Sequence[Path]) -> str:
    """Empty when promtool can read the rules, else what it says."""
    told = subprocess.run(
        [tool("promtool"), "check", "rules", *paths], capture_output=True, text=True, check=False
    )
    return "" if told.returncode == 0 else told.stdout + told.stderr


def failed(tests: Sequence[Path]) -> dict[Path, str]:
    """The files with a test that fails, each with what promtool says of it."""
    told = subprocess.run(
        [tool("promtool"), "test", "rules", *tests], capture_output=True, text=True, check=False
    )
    parts = re.split(r"^Unit Testing:\s+(.*)$", told.stdout + told.stderr, flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {
        path: said.get(str(path), told.stderr) for path in tests if "SUCCESS" not in said.get(str(path), "")
    }


def cases(test: Path) -> list[dict[str, Any]]:
    """A file of tests as one document for each case."""
    document = yaml.safe_load(test.read_text("utf-8"))
    return [document | {"tests": [case]} for case in document["tests"]]


def cases_of(name: str, tests: Iterable[Path]) -> list[dict[str, Any]]:
    """Those that ask for one alert."""
    return [
        case
        for case in chain.from_iterable(map(cases, tests))
        if any(check["alertname"] == name for check in case["tests"][0]["alert_rule_test"])
    ]


def write_rules(rules: Sequence[Rule], path: Path) -> None:
    """A rule file, in groups as they come."""
    groups = [
        {"name": name, "rules": [_entry(rule) for rule in of_group]} for name, of_group in _grouped(rules)
    ]
    path.write_text(json.dumps({"groups": groups}), encoding="utf-8")


def _grouped(rules: Sequence[Rule]) -> list[tuple[str, list[Rule]]]:
    return [(name, list(of_group)) for name, of_group in groupby(rules, key=lambda rule: rule.group)]


def _entry(rule: Rule) -> dict[str, object]:
    if rule.records:
        return {"record": rule.name, "expr": rule.expr, "labels": dict(rule.labels)}
    return {
        "alert": rule.name, "expr": rule.expr, "for": rule.wait,
        "labels": dict(rule.labels), "annotations": dict(rule.annotations),
    }  # fmt: skip


def place(rules: Sequence[Rule], cases: Mapping[str, Any], folder: Path) -> Path:
    """A test file in `folder` whose rule file holds nothing but these: beside one rule it is little work."""
    folder.mkdir(parents=True, exist_ok=True)
    written, test = folder / "rules.yml", folder / "test.yml"
    write_rules(rules, written)
    test.write_text(json.dumps({**cases, "rule_files": [written.name]}), encoding="utf-8")
    return test


def page(rule: Rule, tests: Iterable[Path], rule_files: Sequence[Path]) -> Page | None:
    """What would be delivered in the first case that expects the alert; None when no case does."""
    for case in chain.from_iterable(map(cases, tests)):
        for check in case["tests"][0]["alert_rule_test"]:
            if check["alertname"] == rule.name and check["exp_alerts"]:
                return _delivered(case, check, rule_files)
    return None


def _delivered(case: Mapping[str, Any], check: Mapping[str, Any], rule_files: Sequence[Path]) -> Page | None:
    """Told to expect nothing, promtool shows what it got."""
    [asked] = case["tests"]
    told = {"tests": [{**asked, "alert_rule_test": [{**check, "exp_alerts": []}]}]}
    with tempfile.TemporaryDirectory() as folder:
        test = Path(folder, "test.yml")
        test.write_text(json.dumps({**case, **told, "rule_files": [str(path) for path in rule_files]}))
        got = GOT.search("".join(failed([test]).values()))
    if got is None:
        return None
    return Page(case=asked["name"], labels=_unquoted(got[1]), annotations=_unquoted(got[2]))


def _unquoted(text: str) -> dict[str, str]:
    return {name: re.sub(r"\\(.)", r"\1", value) for name, value in LABEL.findall(text)}
