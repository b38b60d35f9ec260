"""JSON logs: one object a line, an event name first, never personal data and never a formatted sentence."""

import logging
import logging.config
from collections.abc import MutableMapping
from typing import Any

import structlog

from customerops import log_wording


def _one_line(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drivers explain their errors in several lines; a log line is read, and searched, as one."""
    if isinstance(error := event.get("error"), str):
        event["error"] = " ".join(error.split())
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    structlog.processors.format_exc_info,
    _one_line,
]


def configure(options: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: every logger, ours or a library's, writes JSON lines to standard error."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [log_wording.word, *SHARED],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.EventRenamer("event"),
            structlog.processors.JSONRenderer(),
        ],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": formatter},
            "filters": {"once": {"()": log_wording.OncePerKind}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                "django.server": {"handlers": [], "propagate": True},
                "django": {"handlers": [], "propagate": True},
                "urllib3": {
                    "level": "ERROR"
                },  # below, it writes addresses of receivers, which may hold secrets
                "django.request": {"filters": ["once"]},
                "django.security.DisallowedHost": {"filters": ["once"]},
            },
        }
    )
