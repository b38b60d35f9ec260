"""System checks and refused settings: each complaint names what to change."""

import pytest
from cryptography.fernet import Fernet

from customerops import checks


def ids(check) -> list[str | None]:
    return [message.id for message in check(None)]


def test_it_is_content_with_the_defaults():
    assert ids(checks.contact_keys) == ids(checks.tls) == ids(checks.tasks) == []
    assert ids(checks.subject_keys) == ids(checks.retention) == []


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


def test_it_wants_long_keys_for_digests(settings):
    for keys in ([], ["k" * 50, "short"]):
        settings.SUBJECT_KEYS = keys
        assert ids(checks.subject_keys) == ["customerops.E007"]


def test_memory_may_not_outlive_the_record(settings):
    settings.RETENTION_MESSAGE_DAYS, settings.MEMORY_HOURS = 10, 241
    assert ids(checks.retention) == ["customerops.W004"]
    settings.RETENTION_MESSAGE_DAYS = 0
    assert ids(checks.retention) == []
