"""Every query of every dashboard, asked of a real Prometheus that reads running processes."""

import json
import math
import re
import sys
import time
from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now

from benchmarks.alerts import faults
from benchmarks.alerts.callers import Caller, repeating
from benchmarks.alerts.stack import Stack
from customerops.alerts import files, prometheus, scaling
from customerops.alerts.expressions import filled_in
from customerops.alerts.prometheus import Watch
from customerops.canary import flight
from customerops.tests import tools
from customerops.tests.cast import key
from customerops.tests.servers import serving_web, started
from followups import enrolling, policies
from followups.models import FollowUp, Status
from modeling import measuring, watching
from modeling.models import RetrainRun
from modeling.tests import served
from privacy.models import CanaryFlight

Target = tuple[str, dict[str, str]]
TARGETS: list[Target] = [
    (f"{path.stem}: {panel['title']}", target)
    for path in files.dashboards()
    for panel in json.loads(path.read_text("utf-8"))["panels"]
    for target in panel["targets"]
]
JOB = "customerops"
OF_ERRORS = ("api: Firing", "api: Our errors, a minute")
LEGEND = re.compile(r"\{\{(\w+)\}\}")
SECONDS = 60.0
LONGEST = 3.0  # windows and `for` of alerts, so that some fire
DISPATCH = [sys.executable, "manage.py", "send_due", "--loop"]


def a_past() -> None:
    """A version that learned long ago, leads that matured since, and two nights' measurements of them."""
    moment = now()
    version = served.serving(served.sloping(), days_ago=40 - (moment - served.NOW).days).version
    served.serve(300, by=version, matured=(120, 41), now=moment)
    served.serve(400, by=version, matured=(28, 1), now=moment, seed=4)
    served.serve(200, by=version, matured=(3, -9), now=moment, seed=5)
    measuring.measure(now=moment)
    watching.watch(now=moment)
    faults.settle()
    RetrainRun.objects.update(completed_at=moment - timedelta(hours=27))
    flight.fly(now=moment)
    CanaryFlight.objects.update(at=moment - timedelta(hours=1))


def a_policy() -> None:
    """That sends to nobody."""
    steps = [{"after": "1m", "channel": "console", "body": "Still there?"}]
    document = {"steps": steps, "hours": {"quiet": []}}
    made = policies.create(name="nudge", document=document, author="ada", now=now()).policy
    policies.throw_switch(policy=made, on=True, actor="ada", now=now())
    enrolling.known.forget()


def a_round(caller: Caller) -> None:
    """Leads come, write, end and are erased; their follow-ups fall due; somebody sends nonsense."""
    caller.leads(4)  # who say nothing are followed up
    for lead in caller.leads(4):
        caller.post(f"/v1/leads/{lead}/messages", {"text": "call me: ada@example.org"})
    FollowUp.objects.filter(status=Status.PENDING).update(due_at=now() - timedelta(minutes=1))
    time.sleep(0.5)
    connection.close()  # of this thread
    ended = caller.leads(12)
    for lead, state in zip(ended, ("ghosted", "ghosted", "booked") * 4, strict=True):
        caller.post(f"/v1/leads/{lead}/outcome", {"state": state})
    caller.delete(f"/v1/leads/{ended[0]}")
    caller.post("/v1/predict", {"attributes": 3})


def finds(watch: Watch, target: dict[str, str]) -> bool:
    """Whether there is a number, with every label that its legend names."""
    found = [one for one in watch.asked(filled_in(target["expr"])) if not math.isnan(one.value)]
    named = LEGEND.findall(target["legendFormat"])
    return bool(found) and all(label in one.labels for one in found for label in named)


def still_silent(watch: Watch, targets: list[Target], *, but: Iterable[str] = ()) -> list[Target]:
    """Those that found nothing all the time that was given them."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        targets = [one for one in targets if not finds(watch, one[1])]
        if {title for title, _ in targets} <= set(but):
            break
        time.sleep(0.5)
    return targets


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_query_of_every_dashboard_finds_something(tmp_path):
    tools.needed()
    for name in ("metrics", "prometheus"):
        (tmp_path / name).mkdir()
    rules = [scaling.compressed(rule, longest=LONGEST) for rule in files.all_rules()]
    with (
        serving_web(tmp_path / "metrics", workers=1) as port,
        started(DISPATCH, PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "metrics")),
        prometheus.watching(f"http://127.0.0.1:{port}", rules, tmp_path / "prometheus", job=JOB) as watch,
    ):
        stack = Stack(Caller(f"http://127.0.0.1:{port}", key("read", "write", "ops")), watch, tmp_path)
        before = [target for target in TARGETS if not finds(watch, target[1])]
        a_past()
        a_policy()
        with stack.caller.calling("/v1/predict", {"attributes": {"visits": 3}}, each=0.05):
            with repeating(lambda: a_round(stack.caller), each=0.1):
                left = still_silent(watch, before, but=OF_ERRORS)
            with faults.missing_table(stack):
                left = still_silent(watch, left)
    assert [f"{title}: {target['expr']}" for title, target in left] == []
