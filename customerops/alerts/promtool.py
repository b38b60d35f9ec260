"""Prometheus's tools and what they say of rules: found on this machine, or unpacked from a Debian package.

Nothing is installed and root is not needed: apt downloads the package, which is unpacked below var/tools.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import yaml

from customerops.alerts.rules import Rule
from customerops.embedded.paths import ROOT

FOLDER = ROOT / "var" / "tools"
DOWNLOAD_SECONDS = 120
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
GOT = re.compile(r"got:\[\s*0:\s*Labels:(\{.*?\})\s*Annotations:(\{.*\})")


class ToolMissing(Exception):
    """The tool is not here and cannot be had; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class Page:
    """An alert as it would be delivered, and the test that raised it."""

    case: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


def tool(name: str) -> Path:
    """`promtool` or `prometheus`: from PROMETHEUS_BIN, PATH or Debian's package. Raises ToolMissing."""
    named = os.environ.get("PROMETHEUS_BIN")
    places = [Path(named) / name] if named else []
    if found := shutil.which(name):
        places.append(Path(found))
    places.append(FOLDER / "usr" / "bin" / name)
    for place in places:
        if place.is_file():
            return place
    _fetch(FOLDER)
    return places[-1]


def _fetch(folder: Path) -> None:
    """Download and unpack aside, then rename: two who do it at once get one whole folder."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="tools-") as aside:
        try:
            package = _downloaded(Path(aside))
            _run("dpkg-deb", "-x", package.name, "unpacked", folder=Path(aside))
            Path(aside, "unpacked").rename(folder)
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            if folder.is_dir():
                return
            why = getattr(error, "stderr", "") or str(error)
            raise ToolMissing(
                "promtool is neither on PATH nor in PROMETHEUS_BIN, and Debian's package prometheus "
                f"cannot be had ({' '.join(why.split())[:200]})"
            ) from error


def _downloaded(folder: Path) -> Path:
    """By the machine's lists of packages or, where it has none, by lists of our own."""
    try:
        _run("apt-get", "download", "prometheus", folder=folder)
    except subprocess.CalledProcessError:
        lists, cache = folder / "lists", folder / "cache"
        for made in (lists / "partial", cache / "archives" / "partial"):
            made.mkdir(parents=True)
        places = [f"-oDir::State::lists={lists}", f"-oDir::Cache={cache}"]
        ours = [*places, "-oDebug::NoLocking=1", "-oAPT::Sandbox::User="]
        _run("apt-get", *ours, "update", folder=folder)
        _run("apt-get", *ours, "download", "prometheus", folder=folder)
    [package] = folder.glob("prometheus_*.deb")
    return package


def _run(*command: str, folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS)


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


def write_rules(rules: Sequence[Rule], path: Path) -> None:
    """A rule file of alerts, in groups as they come."""
    groups = [
        {"name": name, "rules": [_entry(rule) for rule in of_group]} for name, of_group in _grouped(rules)
    ]
    path.write_text(json.dumps({"groups": groups}), encoding="utf-8")


def _grouped(rules: Sequence[Rule]) -> list[tuple[str, list[Rule]]]:
    return [(name, list(of_group)) for name, of_group in groupby(rules, key=lambda rule: rule.group)]


def _entry(rule: Rule) -> dict[str, object]:
    return {
        "alert": rule.name, "expr": rule.expr, "for": rule.wait,
        "labels": dict(rule.labels), "annotations": dict(rule.annotations),
    }  # fmt: skip


def place(rule: Rule, case: Mapping[str, Any], folder: Path) -> Path:
    """A test file in `folder` whose rule file holds nothing but `rule`: a fifteenth of the work."""
    folder.mkdir(parents=True, exist_ok=True)
    rules, test = folder / "rules.yml", folder / "test.yml"
    write_rules([rule], rules)
    test.write_text(json.dumps({**case, "rule_files": [rules.name]}), encoding="utf-8")
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
