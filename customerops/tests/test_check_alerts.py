"""What alerts and dashboards name is exported, by the right type, before anybody has called."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from customerops.alerts import exported, expressions, files, fresh
from modeling.tests.processes import environment

EXPOSITION = """\
# TYPE seen_total counter
seen_total{by="ada",kind="a"} 1
seen_total{by="ben",kind="b"} 0
# TYPE level gauge
level 3
# TYPE unknown_yet gauge
# TYPE took_seconds histogram
took_seconds_bucket{le="0.5"} 0
took_seconds_bucket{le="2.0"} 0
took_seconds_bucket{le="+Inf"} 0
took_seconds_count 0
took_seconds_sum 0
"""
THERE = exported.series(EXPOSITION)


def test_every_name_has_its_type_and_values():
    assert THERE["seen_total"] == exported.Series("counter", {"by": {"ada", "ben"}, "kind": {"a", "b"}})
    assert THERE["took_seconds_bucket"].values == {"le": {"0.5", "2.0", "+Inf"}}
    assert THERE["unknown_yet"].type == "gauge"
    assert THERE["level"].type == "gauge"


@pytest.mark.parametrize(
    "expr",
    [
        'sum(rate(seen_total{by="ada"}[5m])) > 1',
        'increase(seen_total{by!="ada", kind=~"a|b"}[5m])',
        "absent(seen_total)",
        "count by (by) (seen_total)",
        "max(level) > 3 or unknown_yet == 1",
        "histogram_quantile(0.95, sum by (le) (rate(took_seconds_bucket[5m]))) > 2",
        "histogram_quantile(0.95, sum by (le) (rate(took_seconds_bucket[5m]))) >= 0",
        'rate(took_seconds_bucket{le="0.5"}[5m]) / rate(took_seconds_count[5m])',
        'up{job="whatever"} == 0',
        'rate(seen_total{by="$who"}[$__rate_interval])',
    ],
)
def test_what_is_there_is_no_fault(expr):
    assert list(exported.faults(expr, THERE)) == []


@pytest.mark.parametrize(
    ("expr", "fault"),
    [
        ("rate(sen_total[5m])", "nothing exports sen_total"),
        ('rate(seen_total{by="cleo"}[5m])', 'seen_total has no by "cleo"; there are ada, ben'),
        ('rate(seen_total{by!="cleo"}[5m])', 'seen_total has no by "cleo"; there are ada, ben'),
        ('rate(seen_total{by=~"ada|cleo"}[5m])', 'seen_total has no by "cleo"; there are ada, ben'),
        ('rate(seen_total{bye="ada"}[5m])', "seen_total has no label bye"),
        ("rate(level[5m])", "rate() of level, which is a gauge"),
        (
            "max(seen_total) > 1",
            "seen_total is a counter: its value says nothing without rate() or increase()",
        ),
        (
            "histogram_quantile(0.95, sum by (le) (rate(took_seconds_bucket[5m]))) > 1",
            "1 is no bound of took_seconds_bucket; there are 0.5, 2.0, +Inf",
        ),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(expr, fault):
    assert list(exported.faults(expr, THERE)) == [fault]


def test_a_dashboard_may_show_how_many_there_were_in_all():
    assert list(exported.faults("max(seen_total)", THERE, totals=True)) == []
    assert list(exported.faults("rate(level[5m])", THERE, totals=True)) != []


@pytest.fixture
def this_database(monkeypatch):
    """Processes that a command starts use the database of the test."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("this_database")
def test_a_fresh_start_exports_everything_that_alerts_and_dashboards_name():
    told = call_command("check_alerts", stdout=StringIO())
    assert told.endswith("all they name is exported, with its type.")
    assert int(told.split()[0]) >= len(files.all_rules())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("this_database")
def test_a_name_nobody_exports_ends_the_command_with_the_rule_that_names_it(tmp_path, monkeypatch):
    rules = tmp_path / "rules.yml"
    rules.write_text("groups: [{name: g, rules: [{alert: A, expr: nobody == 0}, {alert: B, expr: up == 0}]}]")
    monkeypatch.setattr(files, "RULES", (rules,))
    monkeypatch.setattr(files, "dashboards", list)  # they name what the rules record
    with (
        fresh.application() as url,
        pytest.raises(CommandError, match=r"^A: nothing exports nobody$"),
    ):
        call_command("check_alerts", "--url", url)


def test_an_application_that_does_not_answer_is_said_to():
    with pytest.raises(CommandError, match="there is nothing to compare with"):
        call_command("check_alerts", "--url", f"http://127.0.0.1:{fresh.free_port()}")


def test_the_queries_of_dashboards_are_found_wherever_they_stand(tmp_path, monkeypatch):
    board = {
        "title": "Board",
        "templating": {"list": [{"name": "who", "query": "label_values(seen_total, by)"}]},
        "panels": [
            {"title": "Seen", "targets": [{"expr": "rate(seen_total[5m])"}, {"expr": "level"}]},
            {"title": "Row", "panels": [{"title": "Inner", "targets": [{"expr": "level > 1"}]}]},
        ],
    }
    (tmp_path / "grafana").mkdir()
    (tmp_path / "grafana" / "board.json").write_text(json.dumps(board))
    monkeypatch.setattr(files, "DEPLOY", tmp_path)
    assert [(one.asked_by, one.expr) for one in expressions.of_dashboards()] == [
        ("board.json: who", "seen_total"),
        ("board.json: Seen", "rate(seen_total[5m])"),
        ("board.json: Seen", "level"),
        ("board.json: Inner", "level > 1"),
    ]
