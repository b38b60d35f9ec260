"""Alerting and recording rules as Prometheus reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

import yaml


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; a recording rule has neither `wait` nor annotations."""

    name: str
    group: str
    expr: str
    wait: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    records: bool


def read(text: str) -> list[Rule]:
    """The rules of a file, in its order."""
    document = yaml.safe_load(text)
    return [_rule(rule, group["name"]) for group in document["groups"] for rule in group["rules"]]


def _rule(rule: Mapping[str, object], group: str) -> Rule:
    def strings(key: str) -> dict[str, str]:
        found = rule.get(key) or {}
        return {str(name): str(value) for name, value in dict(found).items()}  # type: ignore[call-overload]

    return Rule(
        name=str(rule.get("alert") or rule["record"]),
        group=group,
        expr=str(rule["expr"]).strip(),
        wait=str(rule.get("for", "0s")),
        labels=strings("labels"),
        annotations=strings("annotations"),
        records="record" in rule,
    )
