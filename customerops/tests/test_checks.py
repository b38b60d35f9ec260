"""System checks and refused settings: each complaint names what to change."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from customerops import checks
from customerops.embedded.paths import ROOT


def ids(check) -> list[str | None]:
    return [message.id for message in check(None)]


def test_it_is_content_with_the_defaults():
    assert ids(checks.contact_keys) == ids(checks.tls) == ids(checks.tasks) == []


def test_it_wants_keys_for_contacts(settings):
    settings.CONTACT_ENCRYPTION_KEYS = []
    assert ids(checks.contact_keys) == ["customerops.E001"]
    settings.CONTACT_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), "short"]
    assert ids(checks.contact_keys) == ["customerops.E002"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"DEBUG": True, "HTTPS": True, "SECURE_HSTS_SECONDS": 1}, ["customerops.E003"]),
        ({"HTTPS": False, "SECURE_HSTS_SECONDS": 3600}, ["customerops.E004"]),
        ({"HTTPS": True, "SECURE_HSTS_SECONDS": 3600}, []),
    ],
)
def test_it_finds_contradictions_about_https(settings, values, expected):
    for name, value in values.items():
        setattr(settings, name, value)
    assert ids(checks.tls) == expected


@pytest.mark.parametrize(
    ("throwaway", "hosts", "expected"),
    [
        (True, ["leads.example.com"], ["customerops.E005"]),
        (False, ["localhost"], ["customerops.W001"]),
        (False, ["*"], ["customerops.W002"]),
        (False, ["leads.example.com"], []),
    ],
)
def test_it_finds_what_only_a_demo_may_have(settings, throwaway, hosts, expected):
    settings.SECRET_KEY_IS_THROWAWAY = throwaway
    settings.ALLOWED_HOSTS = hosts
    assert ids(checks.production) == expected


def test_it_finds_task_times_that_do_not_fit(settings):
    settings.CELERY_TASK_TIME_LIMIT = 10_000
    settings.RELOAD_POLL_SECONDS = 30.0
    assert ids(checks.tasks) == ["customerops.E006", "customerops.W003"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "99999", "PORT must be between 1 and 65535, not 99999"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL must be one of DEBUG, ERROR, INFO, WARNING, not 'loud'"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT must be one of json, readable, not 'xml'"),
        ("RELOAD_POLL_SECONDS", "0", "RELOAD_POLL_SECONDS must be between 0.1 and 60.0, not 0.0"),
        ("TUNING_SECONDS", "nan", "TUNING_SECONDS"),
        ("DATABASE_URL", "sqlite:///x.db", "DATABASE_URL must be a postgres:// URL"),
        ("REDIS_URL", "memcached://x", "REDIS_URL must start with redis://"),
        ("SECRET_KEY_FILE", "/nowhere/key", "SECRET_KEY_FILE names /nowhere/key, which cannot be read"),
        ("OUTCOME_REWARDS", "won=1", "OUTCOME_REWARDS has 'won'; it takes booked"),
        ("DEBUG", "perhaps", "DEBUG"),
        ("WEB_WORKERS", "two", "WEB_WORKERS"),
    ],
)
def test_it_refuses_nonsense_at_start_and_names_the_variable(name, value, sentence):
    started = subprocess.run(
        [sys.executable, "manage.py", "help"], cwd=ROOT, env=os.environ | {name: value},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert started.returncode == 1
    assert sentence in started.stderr
    assert "Traceback" not in started.stderr
    assert len(started.stderr.strip().splitlines()) == 1
