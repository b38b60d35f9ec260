"""System checks: each complaint names what to change."""

import pytest

from followups import checks


@pytest.fixture(autouse=True)
def _set_up(settings):
    settings.EMAIL_HOST, settings.EMAIL_HOST_PASSWORD = "mail.example", "s3cret"
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = False, True
    settings.FOLLOWUP_FROM, settings.PUBLIC_URL = "ben@shop.example", "https://ops.example"
    settings.ALLOWED_HOSTS = ["ops.example"]


def ids() -> list[str | None]:
    return [message.id for check in (checks.mail, checks.links) for message in check(None)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"EMAIL_HOST": "", "EMAIL_HOST_PASSWORD": "", "FOLLOWUP_FROM": "", "PUBLIC_URL": ""}, []),
        ({"FOLLOWUP_FROM": ""}, ["followups.W001"]),
        ({"PUBLIC_URL": ""}, ["followups.W001"]),
        ({"EMAIL_USE_TLS": False}, ["followups.W002"]),
        ({"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}, []),
        ({"EMAIL_USE_TLS": False, "EMAIL_HOST": "localhost"}, []),
        ({"EMAIL_USE_TLS": False, "EMAIL_HOST_PASSWORD": ""}, []),
        ({"ALLOWED_HOSTS": ["other.example"]}, ["followups.W003"]),
        ({"ALLOWED_HOSTS": ["*"]}, []),
    ],
)
def test_it_finds_what_keeps_people_from_being_written_to(settings, changes, expected):
    for name, value in changes.items():
        setattr(settings, name, value)
    assert ids() == expected
