"""Rules with one thing wrong, and whether the tests of the rules notice."""

from dataclasses import replace

import promql_parser
import pytest

from customerops.alerts import files, mutation, promql
from customerops.alerts.inlining import inlined
from customerops.alerts.mutants import mutants
from customerops.alerts.rules import Rule
from customerops.tests import tools

EVERYTHING = files.all_rules()
ALERTS = [inlined(rule, among=EVERYTHING) for rule in EVERYTHING if not rule.records]


def changed(expr: str, wait: str = "0s") -> dict[str, tuple[str, str]]:
    """What was done, and what came of it."""
    rule = Rule("A", "g", expr, wait, {}, {}, records=False)
    return {one.change: (one.rule.expr, one.rule.wait) for one in mutants(rule)}


@pytest.mark.parametrize(
    ("expr", "mutant"),
    [
        ("a > 10", "a > 5"),
        ("a > 10", "a > 20"),
        ("a > 0", "a > 1"),
        ("a > 10", "a < 10"),
        ("a <= 1", "a >= 1"),
        ("a == 1", "a != 1"),
        ("rate(a[5m])", "rate(a[150s])"),
        ("rate(a[5m])", "rate(a[600s])"),
        ('a{b="c", d!="e"}', 'a{d!="e"}'),
        ('a{b="c", d!="e"}', 'a{b="c"}'),
        ("(a) and (b)", "(a) "),
        ("(a) and (b)", "(b)"),
        ("(a) or (b)", "(a) "),
        ("(a and on (x) (b)) or c", "(a ) or c"),
        ("(a and on (x) (b)) or c", "( (b)) or c"),
        ("(a and on (x) (b)) or c", "(a and on (x) (b)) "),
        ("(a and on (x) (b)) or c", "c"),
        ("a and b and c", "a and c"),
        ("a or\nb(c) or d", "a or d"),
        ("a or b or c(d)", "a or c(d)"),
    ],
)
def test_each_kind_of_mistake_is_made(expr, mutant):
    assert mutant.split() in [expr.split() for expr, _ in changed(expr).values()]


def test_waiting_is_halved_doubled_and_left_out():
    assert [wait for _, wait in changed("a", "30m").values()] == ["900s", "3600s", "0s"]
    assert [wait for _, wait in changed("a", "0s").values()] == ["5m"]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule.name)
def test_every_mutant_is_a_rule_prometheus_would_take_and_another_one(rule):
    made = list(mutants(rule))
    assert len(made) > 2
    for one in made:
        assert promql_parser.parse(one.rule.expr) is not None
        assert (one.rule.expr, one.rule.wait) != (rule.expr, rule.wait)


def test_a_rule_says_the_same_without_the_recording_rules_it_reads():
    recorded = Rule("a:b", "g", "sum(b)\n/ sum(a)", "0s", {}, {}, records=True)
    alert = Rule("A", "g", "(a:b > 2) and (a:b:c or a:b)", "0s", {}, {}, records=False)
    found = inlined(alert, among=[recorded, replace(alert, name="a")])
    assert found == replace(alert, expr="((sum(b)\n/ sum(a)) > 2) and (a:b:c or (sum(b)\n/ sum(a)))")


def test_no_alert_reads_a_recording_rule_behind_another():
    recorded = {rule.name for rule in EVERYTHING if rule.records}
    for alert in ALERTS:
        assert not {one.metric for one in promql.selectors(alert.expr)} & recorded


def test_a_rule_without_cases_has_mutants_that_nobody_notices():
    tools.needed()
    [stale] = [rule for rule in ALERTS if rule.name == "LeadModelStale"]
    untested = mutation.judged([replace(stale, name="NobodyTestsThis")])
    assert len(untested.survivors) == untested.tried > 5
    assert untested.killed == 0
    tested = mutation.judged([stale])
    assert (tested.survivors, tested.killed) == ([], 1)


@pytest.mark.slow
def test_at_least_95_of_100_mutants_are_noticed():
    tools.needed()
    fifteen = [rule for rule in ALERTS if (files.TESTS / f"{rule.name}.yml").exists()]
    extra = [rule for rule in ALERTS if rule not in fifteen]
    for rules in (fifteen, extra):
        verdict = mutation.judged(rules)
        assert verdict.tried > 200
        left = [f"{one.rule.name}: {one.change}" for one in verdict.survivors]
        assert verdict.killed >= mutation.ENOUGH, left
