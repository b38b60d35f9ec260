"""A real Prometheus on real web processes: a fault raises its alert alone. `benchmarks.alerts` tries all."""

import pytest

from benchmarks.alerts import faults, trial
from benchmarks.alerts.callers import Caller
from benchmarks.alerts.stack import LONGEST_SECONDS, Stack, watched
from customerops.alerts import files, scaling
from customerops.alerts.durations import seconds
from customerops.tests import tools
from customerops.tests.cast import key
from customerops.tests.servers import serving_web
from modeling.tests.cast import promoted

TRIED = "APIErrorRateHigh"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_fault_of_running_processes_raises_its_alert_and_no_other(tmp_path):
    tools.needed()
    promoted()
    faults.settle()
    (tmp_path / "metrics").mkdir()
    (tmp_path / "prometheus").mkdir()
    with serving_web(tmp_path / "metrics", workers=1) as port:
        url = f"http://127.0.0.1:{port}"
        caller = Caller(url, key("read", "write"))
        with (
            caller.calling("/v1/predict", {}, each=0.1),
            watched(url, tmp_path / "prometheus", longest=3.0) as watch,
        ):
            stack = Stack(caller, watch, tmp_path / "metrics")
            fault = next(fault for fault in faults.FAULTS if fault.alert == TRIED)
            found = trial.tried(stack, fault)
    assert found.right, found.told()


def test_a_rule_for_a_drill_judges_in_seconds_what_it_judged_in_hours():
    for rule in files.all_rules():
        quick = scaling.compressed(rule, longest=LONGEST_SECONDS)
        assert seconds(quick.wait) <= LONGEST_SECONDS
        assert max(map(seconds, scaling.WINDOW.findall(quick.expr)), default=0) <= LONGEST_SECONDS
        assert scaling.WINDOW.sub("", quick.expr) == scaling.WINDOW.sub("", rule.expr)
        assert (quick.name, quick.labels, quick.annotations) == (rule.name, rule.labels, rule.annotations)


@pytest.mark.parametrize(
    ("name", "wait"),
    [("LeadModelAUCDegraded", 6), ("LeadConversionRateDrop", 1.5), ("PIIRedactionsZero", 1)],
)
def test_what_waits_longest_waits_as_long_as_allowed(name, wait):
    assert seconds(scaling.compressed(files.alert(name), longest=6).wait) == wait


def test_a_rule_that_does_not_wait_still_does_not():
    assert scaling.compressed(files.alert("PIICanaryLeaking"), longest=6).wait == "0s"


def test_a_fault_is_right_when_its_alert_fired_and_what_rightly_comes_with_it():
    critical = next(fault for fault in faults.FAULTS if fault.alert == "LeadModelAUCCritical")
    both = frozenset({"LeadModelAUCCritical", "LeadModelAUCDegraded"})
    assert trial.Trial(critical, both).right
    assert trial.Trial(critical, frozenset({"LeadModelAUCCritical"})).right
    assert not trial.Trial(critical, both | {"LeadModelStale"}).right
    assert not trial.Trial(critical, missed="it did not fire").right
    assert "with LeadModelStale" in trial.Trial(critical, both | {"LeadModelStale"}).told()
