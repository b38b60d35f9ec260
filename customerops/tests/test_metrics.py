"""/metrics with many processes, killed ones, and no Postgres."""

import os
import subprocess
import sys

import pytest
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from customerops import metrics, scoring
from customerops.tests.cast import client, post, serve

COUNTING = """
from prometheus_client import Counter, Gauge, Histogram
Counter("seen", "", ["by"]).labels(by="all").inc(7)
Gauge("loaded", "", multiprocess_mode="liveall").set(1)
Histogram("took", "", buckets=(1, 2)).observe(1.5)
print("ready", flush=True); input()
"""


def counting(folder) -> subprocess.Popen[str]:
    """A process that counted seven and lives until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTING],
        env={"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def scraped(folder) -> dict[str, list[float]]:
    registry = CollectorRegistry()
    registry.register(metrics.ProcessFiles(folder))
    return values(generate_latest(registry).decode())


def values(text: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.value)
    return found


def test_a_scrape_adds_up_the_living_and_the_dead(tmp_path):
    living, dying = counting(tmp_path), counting(tmp_path)
    try:
        before = scraped(tmp_path)
        kill(dying)
        after = scraped(tmp_path)
    finally:
        kill(living)
    assert before["seen_total"] == after["seen_total"] == [14]
    assert before["took_count"] == after["took_count"] == [2]
    assert (before["loaded"], after["loaded"]) == ([1, 1], [1])
    assert scraped(tmp_path)["seen_total"] == [14]


def test_a_file_that_is_just_being_made_is_no_error(tmp_path):
    kill(counting(tmp_path))
    (tmp_path / "counter_999999.db").touch()
    assert scraped(tmp_path)["seen_total"] == [7]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="this system reserves no space")
def test_a_scrape_gives_the_files_of_the_living_their_space_on_disk(tmp_path):
    process = counting(tmp_path)
    scraped(tmp_path)
    files = [path.stat() for path in tmp_path.glob("*.db")]
    kill(process)
    assert files
    assert all(found.st_blocks * 512 >= found.st_size for found in files)


@pytest.mark.django_db
def test_the_models_facts_are_scraped_without_a_key():
    version = serve()
    answer = Client().get("/metrics")
    found = values(answer.content.decode())
    assert answer["Content-Type"].startswith("text/plain")
    assert found["lead_model_version"] == [version]
    assert found["lead_model_auc"] == [0.78]
    assert found["customerops_collector_up"] == [1]
    assert "lead_predictions_total" in found
    assert "lead_outcomes_total" in found


@pytest.mark.django_db
def test_without_postgres_the_processes_are_still_scraped(monkeypatch):
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", away)
    found = values(metrics.exposition().decode())
    assert found["customerops_collector_up"] == [0]
    assert "lead_model_version" not in found
    assert "lead_predictions_total" in found


@pytest.mark.django_db
def test_an_invented_method_adds_no_series_of_its_own():
    Client().generic("QWERTY", "/v1/leads")
    Client().generic("ASDFGH", "/v1/leads")
    text = metrics.exposition().decode()
    assert "QWERTY" not in text
    assert "ASDFGH" not in text
    assert 'method="<invalid method>"' in text


@pytest.mark.django_db
def test_a_request_that_ends_in_a_fault_is_timed_and_counted_once(monkeypatch):
    def broken(**question: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(scoring, "score", broken)
    view = {"view": "predict", "method": "POST"}
    names = [
        ("django_http_requests_latency_seconds_by_view_method_count", view),
        ("django_http_responses_total_by_status_view_method_total", {**view, "status": "500"}),
        ("django_http_exceptions_total_by_view_total", {"view": "predict"}),
        ("django_http_exceptions_total_by_type_total", {"type": "RuntimeError"}),
    ]
    before = [REGISTRY.get_sample_value(*name) or 0 for name in names]
    assert post(client("read"), "/v1/predict", {}).status_code == 500
    assert [REGISTRY.get_sample_value(*name) for name in names] == [count + 1 for count in before]


@pytest.mark.django_db
def test_api_latency_has_the_bounds_the_alerts_need():
    post(client("read"), "/v1/predict", {})
    text = metrics.exposition().decode()
    for bound in ("0.05", "0.1", "0.5", "1.0", "2.0"):
        assert f'django_http_requests_latency_seconds_by_view_method_bucket{{le="{bound}"' in text
