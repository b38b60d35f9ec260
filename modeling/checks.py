"""System checks of the settings of learning and serving."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

PROMISED_SECONDS = 3.0  # within which every process follows a promotion


@register
def learning_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Values that are fine alone and contradict each other."""
    found: list[CheckMessage] = []
    if 2 * settings.MODEL_MIN_CONVERTED > settings.MODEL_MIN_LEADS:
        found.append(
            Error(
                "MODEL_MIN_CONVERTED is more than half of MODEL_MIN_LEADS.",
                hint="As many leads that did not convert are needed: raise MODEL_MIN_LEADS.",
                id="modeling.E001",
            )
        )
    if settings.TUNING_SECONDS > settings.CELERY_TASK_SOFT_TIME_LIMIT / 2:
        found.append(
            Error(
                "TUNING_SECONDS is more than half of the time a task may take.",
                hint="A run would be ended before it comes to a verdict: lower TUNING_SECONDS.",
                id="modeling.E002",
            )
        )
    if settings.RELOAD_POLL_SECONDS > PROMISED_SECONDS:
        found.append(
            Warning(
                "RELOAD_POLL_SECONDS is more than 3.",
                hint="While Redis is down, processes would follow a rollback later than promised.",
                id="modeling.W001",
            )
        )
    return found
