"""Where the rules, their thresholds, their tests and the dashboards lie in a checkout."""

import contextlib
import re
from pathlib import Path

from customerops.alerts import rendering, rules
from customerops.embedded.paths import ROOT

DEPLOY = ROOT / "deploy"
THRESHOLDS = DEPLOY / "prometheus_thresholds.yml"
TEMPLATES = DEPLOY / "templates"
TESTS = DEPLOY / "tests"
RULES = (DEPLOY / "prometheus_alerts.yml", DEPLOY / "prometheus_alerts_extra.yml")
RUNBOOKS = ROOT / "docs" / "troubleshooting.md"


def limits() -> dict[str, float]:
    """The thresholds that are numbers."""
    found = {}
    for name, value in rendering.thresholds(THRESHOLDS.read_text(encoding="utf-8")).items():
        with contextlib.suppress(ValueError):
            found[name] = float(value)
    return found


def rendered() -> dict[Path, str]:
    """Each rule file as thresholds and templates say it should be. Raises RenderingError."""
    texts = rendering.rendered(
        templates={path.name: (TEMPLATES / path.name).read_text(encoding="utf-8") for path in RULES},
        values=rendering.thresholds(THRESHOLDS.read_text(encoding="utf-8")),
    )
    return {path: texts[path.name] for path in RULES}


def all_rules() -> list[rules.Rule]:
    """Those that are committed, extras included."""
    return [rule for path in RULES for rule in rules.read(path.read_text(encoding="utf-8"))]


def alert(name: str) -> rules.Rule | None:
    """The alert of that name."""
    return next((rule for rule in all_rules() if rule.name == name and not rule.records), None)


def tests_of(name: str) -> list[Path]:
    """Where cases of an alert are: in a file of its own, or in one of those for several."""
    own = TESTS / f"{name}.yml"
    return [own] if own.exists() else sorted(TESTS.glob("[a-z]*.yml"))


def runbook(name: str) -> str:
    """The section of the guide that an alert links to; empty when there is none."""
    found = re.search(rf"^## {name}\n(.*?)(?=^#|\Z)", RUNBOOKS.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def dashboards() -> list[Path]:
    """Grafana's, wherever below deploy/grafana."""
    return sorted((DEPLOY / "grafana").rglob("*.json"))
