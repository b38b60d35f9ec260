"""Where the rules, their thresholds, their tests and the dashboards lie in a checkout."""

from pathlib import Path

from customerops.alerts import rendering, rules
from customerops.embedded.paths import ROOT

DEPLOY = ROOT / "deploy"
THRESHOLDS = DEPLOY / "prometheus_thresholds.yml"
TEMPLATES = DEPLOY / "templates"
TESTS = DEPLOY / "tests"
RULES = (DEPLOY / "prometheus_alerts.yml", DEPLOY / "prometheus_alerts_extra.yml")
RUNBOOKS = ROOT / "docs" / "troubleshooting.md"


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


def dashboards() -> list[Path]:
    """Grafana's, wherever below deploy/grafana."""
    return sorted((DEPLOY / "grafana").rglob("*.json"))
