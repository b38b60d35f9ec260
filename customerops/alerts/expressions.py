"""Every expression an operator relies on: those of the rules, and those of the dashboards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from customerops.alerts import files

LABEL_VALUES = "label_values("
# What Grafana puts for its own variables into a panel of 24 hours that is read every 15 seconds.
OF_GRAFANA = {"$__rate_interval": "5m", "$__interval": "2m", "$__range": "24h"}


@dataclass(frozen=True, slots=True)
class Expression:
    """PromQL and who asks it."""

    asked_by: str
    expr: str
    shows_totals: bool = False  # a person may want to see how many there were in all


def of_rules() -> list[Expression]:
    """One for each rule."""
    return [Expression(rule.name, rule.expr) for rule in files.all_rules()]


def of_dashboards() -> list[Expression]:
    """One for each query of each panel, and for each variable."""
    return [
        Expression(f"{path.name}: {title}", expr, shows_totals=True)
        for path in files.dashboards()
        for title, expr in _queries(json.loads(path.read_text("utf-8")), path.stem)
    ]


def _queries(node: Any, title: str) -> Iterator[tuple[str, str]]:
    """Grafana nests panels in rows; a panel's title stands beside its targets."""
    if isinstance(node, list):
        for item in node:
            yield from _queries(item, title)
    elif isinstance(node, dict):
        title = str(node.get("title") or node.get("name") or title)
        for key, value in node.items():
            if key == "expr" and isinstance(value, str):
                yield title, value
            elif isinstance(value, str) and value.startswith(LABEL_VALUES):
                yield title, value.removeprefix(LABEL_VALUES).rpartition(",")[0]
            else:
                yield from _queries(value, title)


def filled_in(expr: str) -> str:
    """As Grafana would ask it."""
    for variable, value in OF_GRAFANA.items():
        expr = expr.replace(variable, value)
    return expr
