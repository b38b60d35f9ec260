"""A rule without the recording rules it reads: their expressions stand where their names stood."""

from collections.abc import Iterable
from dataclasses import replace

from customerops.alerts import promql
from customerops.alerts.rules import Rule


def inlined(rule: Rule, *, among: Iterable[Rule]) -> Rule:
    """The same rule; it says at every moment what it says behind its recording rules."""
    recorded = {one.name: one.expr for one in among if one.records}
    expr = rule.expr
    for word in reversed(promql.tokens(expr)):
        if word.text in recorded:
            expr = f"{expr[: word.start]}({recorded[word.text]}){expr[word.end :]}"
    return replace(rule, expr=expr)
