"""Probes: what takes traffic away, and what only says so."""

import socket
import time

import pytest
from django.db import connection, connections

from customerops import beat_tick, health
from customerops.tests.cast import serve


@pytest.fixture(autouse=True)
def _unasked(monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)


def test_it_answers_healthz_without_a_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_it_is_ready_when_all_is_well(client, transactional_db):
    version = serve()
    beat_tick.record()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready"), answer.json()
    assert answer.json()["checks"]["model"] == {"ok": True, "detail": f"version {version}"}


@pytest.mark.django_db
def test_it_is_degraded_but_takes_traffic_without_a_model(client):
    beat_tick.record()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["model"] == {"ok": False, "detail": "no version is loaded"}


@pytest.mark.django_db
def test_it_is_degraded_when_beat_is_late(client, monkeypatch):
    monkeypatch.setattr(health, "BEAT_LATE_SECONDS", -1.0)
    beat_tick.record()
    answer = client.get("/readyz")
    assert answer.json()["checks"]["beat"]["ok"] is False
    assert answer.status_code == 200


@pytest.mark.django_db
def test_it_is_degraded_when_redis_is_away(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert not answer.json()["checks"]["redis"]["ok"]


@pytest.mark.django_db
def test_it_is_unready_when_a_migration_is_missing(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'customerops'")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert "manage.py migrate" in answer.json()["checks"]["migrations"]["detail"]


@pytest.mark.django_db
def test_it_is_unready_when_postgres_is_away(client, monkeypatch):
    nowhere = connections.create_connection("default")
    nowhere.settings_dict = nowhere.settings_dict | {"HOST": "127.0.0.1", "PORT": "1"}
    monkeypatch.setattr(health, "connection", nowhere)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert "127.0.0.1" in answer.json()["checks"]["postgres"]["detail"]


@pytest.mark.django_db
def test_it_is_unready_soon_when_postgres_hangs(client, monkeypatch):
    with socket.socket() as hanging:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen()  # the kernel takes the connection, and nobody ever answers
        silent = connections.create_connection("default")
        port = str(hanging.getsockname()[1])
        silent.settings_dict = silent.settings_dict | {"HOST": "127.0.0.1", "PORT": port}
        monkeypatch.setattr(health, "connection", silent)
        began = time.monotonic()
        answer = client.get("/readyz")
    assert time.monotonic() - began < 3 * health.PATIENCE_SECONDS
    assert (answer.status_code, answer.json()["checks"]["postgres"]["ok"]) == (503, False)
    assert answer.json()["checks"]["migrations"]["detail"] == "not asked"
