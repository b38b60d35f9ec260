"""What many web processes counted while they are replaced: exactly what was answered, each in one series."""

import contextlib
import http.client
import os
import signal
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.utils.timezone import now
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from customerops.tests.cast import key
from customerops.tests.servers import serving_web, wait_for
from modeling import fleet
from modeling.tests.cast import promoted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKERS = 8
ROUNDS = 5
KILLED = 4  # in each round: half of the workers, twenty in all
GROWN_SECONDS = 6
REQUESTS = 10_000
CALLERS = 4
SCORED = ("lead_predictions_total", {"result": "scored"})
ANSWERED = (
    "django_http_responses_total_by_status_view_method_total",
    {"status": "200", "view": "predict", "method": "POST"},
)
TIMED = ("django_http_requests_latency_seconds_by_view_method_count", {"view": "predict", "method": "POST"})


def ask(port: int, api_key: str, times: int, heard: Counter[int]) -> None:
    """One caller on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"x-api-key": api_key, "content-type": "application/json"}
    for _ in range(times):
        connection.request("POST", "/v1/predict", '{"attributes": {"visits": 3}}', headers)
        answer = connection.getresponse()
        answer.read()
        heard[answer.status] += 1
    connection.close()


def scraped(port: int) -> list[Metric]:
    """What Prometheus would read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return list(text_string_to_metric_families(text))


def value(families: list[Metric], name: str, labels: dict[str, str]) -> float:
    """Of the one series with these labels and no others."""
    [found] = [
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    return found


def grown() -> list[int]:
    """Workers that live for some time: granian takes the death of a new one for a loop, and ends."""
    before = now() - timedelta(seconds=GROWN_SECONDS)
    web = fleet.alive().filter(role="web", since__lt=before).order_by("since")
    return list(web.values_list("pid", flat=True))


def kill_some() -> None:
    """As the kernel does when memory ends; granian replaces them."""
    wait_for(lambda: len(grown()) >= KILLED, seconds=60)
    victims = grown()[:KILLED]
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not fleet.alive().filter(pid__in=victims).exists(), seconds=30)
    wait_for(lambda: fleet.alive().filter(role="web").count() == WORKERS, seconds=60)


def test_ten_thousand_requests_are_counted_exactly_while_twenty_workers_are_killed(tmp_path):
    version = promoted().version_id
    api_key, heard = key("read"), Counter[int]()
    with serving_web(tmp_path, workers=WORKERS) as port:
        for _ in range(ROUNDS):
            callers = [
                threading.Thread(target=ask, args=(port, api_key, REQUESTS // ROUNDS // CALLERS, heard))
                for _ in range(CALLERS)
            ]
            for caller in callers:
                caller.start()
            for caller in callers:
                caller.join()
            kill_some()
        families = scraped(port)
    assert heard == {200: REQUESTS}
    assert value(families, *SCORED) == REQUESTS
    assert value(families, *ANSWERED) == REQUESTS
    assert value(families, *TIMED) == REQUESTS
    assert value(families, "lead_prediction_latency_seconds_count", {}) == REQUESTS
    assert value(families, "lead_model_version", {}) == version
    loaded = next(family for family in families if family.name == "lead_model_loaded_version").samples
    assert [sample.value for sample in loaded] == [version] * WORKERS
    assert repeated(families) == []


def repeated(families: list[Metric]) -> list[str]:
    """Gauges with more than one series for the same thing; what each process says of itself aside."""
    gauges = [f for f in families if f.type == "gauge" and f.name != "lead_model_loaded_version"]
    told = Counter((s.name, *sorted(s.labels.items())) for family in gauges for s in family.samples)
    split = [f.name for f in gauges if any("pid" in sample.labels for sample in f.samples)]
    return split + [str(name) for (name, *_), times in told.items() if times > 1]


def test_made_up_methods_and_addresses_add_no_series_of_their_own(tmp_path):
    promoted()
    with serving_web(tmp_path, workers=2) as port:
        strange(port, "QWERTY", "/v1/predict")
        before = series(scraped(port))
        for number in range(10):
            strange(port, f"QWERTY{number}", "/v1/predict")
            strange(port, "GET", f"/nowhere/{number}")
        strange(port, "QWERTY", "/nowhere")
        known = series(scraped(port)) - before
        for number in range(10, 20):
            strange(port, f"QWERTY{number}", f"/nowhere/{number}")
        assert series(scraped(port)) - before == known
    assert not [one for one in known if "QWERTY" in str(one) or "nowhere" in str(one)]


def strange(port: int, method: str, path: str) -> None:
    """As `curl -X` sends it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    connection.getresponse().read()
    connection.close()


def series(families: list[Metric]) -> set[tuple[object, ...]]:
    """Every name with its labels."""
    return {(s.name, *sorted(s.labels.items())) for family in families for s in family.samples}
