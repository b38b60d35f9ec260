"""Reading PromQL: which series an expression names, inside which function, with which labels."""

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customerops.alerts import promql

NAMED = [
    ("up", [("up", "", False)]),
    ("rate(x_total[5m])", [("x_total", "rate", True)]),
    ("sum(rate(x_total[5m]))", [("x_total", "rate", True)]),
    ("sum by (le, job) (rate(x_bucket[5m]))", [("x_bucket", "rate", True)]),
    ("count by (by, job) (x == 0)", [("x", "count", False)]),
    ("(a) + (b)", [("a", "", False), ("b", "", False)]),
    ("sum(rate(x_total[5m])) by (job)", [("x_total", "rate", True)]),
    ("absent(a) or (b == 0)", [("a", "absent", False), ("b", "", False)]),
    ("time() - max(a) > 26 * 3600", [("a", "max", False)]),
    ("a and on (job) b unless ignoring (x) c", [("a", "", False), ("b", "", False), ("c", "", False)]),
    ("a / on (job) group_left (x) b", [("a", "", False), ("b", "", False)]),
    ("histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))", [("x_bucket", "rate", True)]),
    ('level:x:ratio_rate5m{a="b"} > bool 1e-3', [("level:x:ratio_rate5m", "", False)]),
    ("max_over_time(a[1h] offset 5m)", [("a", "max_over_time", True)]),
    ('x{a="}(by"}', [("x", "", False)]),
    ("sum(rate(x_total[$__rate_interval]))", [("x_total", "rate", True)]),
    ("vector(1) # not a_metric", []),
]


@pytest.mark.parametrize(("expr", "named"), NAMED)
def test_it_finds_every_series_and_the_function_around_it(expr, named):
    assert [(one.metric, one.function, one.ranged) for one in promql.selectors(expr)] == named


def test_it_reads_matchers_of_every_kind():
    [one] = promql.selectors('x{a="1", b!="2",c=~"3|4" , d!~\'5\'}')
    assert [(m.label, m.op, m.value) for m in one.matchers] == [
        ("a", "=", "1"),
        ("b", "!=", "2"),
        ("c", "=~", "3|4"),
        ("d", "!~", "5"),
    ]


@pytest.mark.parametrize("expr", ["sum(a", "a ? b", "a)", 'x{a="b'])
def test_what_cannot_be_read_is_refused(expr):
    with pytest.raises(promql.PromQLError):
        promql.tokens(expr)


LEAVES = st.sampled_from(["up", 'x{a="b"}', "rate(y_total[5m])", "absent(z)", "2", "sum by (a) (w)"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "/", ">"]), inner)
        | st.builds("max({})".format, inner.filter(lambda expr: not expr[0].isdigit()))
    ),
    max_leaves=6,
)


@given(EXPRESSIONS)
def test_tokens_leave_nothing_out(expr):
    words = promql.tokens(expr)
    assert "".join(word.text for word in words) == "".join(expr.split())
    assert all(expr[word.start : word.end] == word.text for word in words)


@pytest.mark.parametrize("expr", [expr for expr, _ in NAMED if "$" not in expr])
def test_the_examples_are_promql(expr):
    assert promql_parser.parse(expr) is not None
