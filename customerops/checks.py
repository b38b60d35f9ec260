"""System checks of settings that are fine alone and contradict each other; each names what to change."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

SHORTEST_KEY = 32
LOCAL = {"localhost", "127.0.0.1", "[::1]"}


@register(Tags.security)
def contact_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Contact details are encrypted with these keys: without a good one no lead with a contact is stored."""
    if not settings.CONTACT_ENCRYPTION_KEYS:
        return [
            Error(
                "CONTACT_ENCRYPTION_KEYS is empty.",
                hint="Make a key with: python -c 'from cryptography.fernet import Fernet; "
                "print(Fernet.generate_key().decode())'",
                id="customerops.E001",
            )
        ]
    found: list[CheckMessage] = []
    for number, key in enumerate(settings.CONTACT_ENCRYPTION_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            found.append(
                Error(
                    f"Key {number} of CONTACT_ENCRYPTION_KEYS is not a Fernet key.",
                    hint="A key is 32 bytes in URL-safe base64: 44 characters.",
                    id="customerops.E002",
                )
            )
    return found


@register(Tags.security)
def subject_keys(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without a key nobody could be found by e-mail, erased, or kept away after an erasure."""
    found: list[CheckMessage] = []
    if not settings.SUBJECT_KEYS or min(map(len, settings.SUBJECT_KEYS)) < SHORTEST_KEY:
        found.append(
            Error(
                f"SUBJECT_KEYS is empty, or one of its keys is shorter than {SHORTEST_KEY} characters.",
                hint="Make a key with: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
                id="customerops.E007",
            )
        )
    return found


@register(Tags.security)
def tls(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What promises HTTPS must keep it."""
    found: list[CheckMessage] = []
    if settings.DEBUG and settings.HTTPS:
        found.append(
            Error(
                "DEBUG and HTTPS are both on.",
                hint="DEBUG shows settings and code to every visitor: set DEBUG=0 where HTTPS=1.",
                id="customerops.E003",
            )
        )
    if settings.SECURE_HSTS_SECONDS and not settings.HTTPS:
        found.append(
            Error(
                "HSTS_SECONDS is set while HTTPS is off.",
                hint="Browsers would refuse the plain site: set HTTPS=1, or HSTS_SECONDS=0.",
                id="customerops.E004",
            )
        )
    return found


@register(Tags.security, deploy=True)
def production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """With `--deploy`: what is fine for a demo only."""
    found: list[CheckMessage] = []
    if settings.SECRET_KEY_IS_THROWAWAY:
        found.append(
            Error(
                "SECRET_KEY is not set: each process makes up its own.",
                hint="Sessions would end with every process: set SECRET_KEY or SECRET_KEY_FILE.",
                id="customerops.E005",
            )
        )
    if set(settings.ALLOWED_HOSTS) <= LOCAL:
        found.append(
            Warning(
                "ALLOWED_HOSTS names this machine only.",
                hint="Set ALLOWED_HOSTS to the names callers use.",
                id="customerops.W001",
            )
        )
    if "*" in settings.ALLOWED_HOSTS:
        found.append(
            Warning(
                "ALLOWED_HOSTS lets any name in.",
                hint="Set ALLOWED_HOSTS to the names callers use.",
                id="customerops.W002",
            )
        )
    return found


@register
def tasks(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Times of the task queue that must fit into each other."""
    found: list[CheckMessage] = []
    visible = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if visible <= settings.CELERY_TASK_TIME_LIMIT:
        found.append(
            Error(
                "A task may run longer than the broker waits for it.",
                hint="The broker would hand a running task to a second worker: raise visibility_timeout.",
                id="customerops.E006",
            )
        )
    if settings.TRAINING_LEASE_SECONDS < 5 * settings.RELOAD_POLL_SECONDS:
        found.append(
            Warning(
                "TRAINING_LEASE_SECONDS is less than five times RELOAD_POLL_SECONDS.",
                hint="A busy worker could lose its run to another: raise TRAINING_LEASE_SECONDS.",
                id="customerops.W003",
            )
        )
    return found


@register
def retention(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What was removed from the record must not live on in the memory made from it."""
    days = settings.RETENTION_MESSAGE_DAYS
    if not 0 < days * 24 < settings.MEMORY_HOURS:
        return []
    return [
        Warning(
            "MEMORY_HOURS is longer than RETENTION_MESSAGE_DAYS.",
            hint="Redis would remember messages that retention has removed: shorten MEMORY_HOURS.",
            id="customerops.W004",
        )
    ]
