"""What libraries log of faults we expect, as one event with values instead of a traceback or a flood."""

import logging
import re
import time
from collections.abc import Callable, MutableMapping
from typing import Any

from billiard.exceptions import WorkerLostError
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

Event = MutableMapping[str, Any]
CANNOT_CONNECT = "consumer: Cannot connect to "
SERVER_ERROR = 500
QUIET_SECONDS = 10.0
MOST_KINDS = 1000  # of faults told apart at a time
NOWHERE = "an address that is not ours"
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,253}")


class OncePerKind(logging.Filter):
    """Lets one refused request of a kind through in ten seconds; the next says how many were held back.

    While Postgres is away every request fails alike. Failures with a traceback are told apart by their path.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._seen: dict[object, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this one is written."""
        status = getattr(record, "status_code", None)
        exception = record.exc_info[0] if record.exc_info else None
        kind = (record.name, status, exception, _path(record) if exception else None)
        now = self._clock()
        since, held_back = self._seen.get(kind, (0.0, -1))
        if held_back >= 0 and now - since < QUIET_SECONDS:
            self._seen[kind] = (since, held_back + 1)
            return False
        if len(self._seen) >= MOST_KINDS:
            self._seen.clear()
        self._seen[kind] = (now, 0)
        record.held_back = max(held_back, 0)
        return True


def word(logger: Any, method: str, event: Event) -> Event:
    """A processor for records of libraries."""
    record: logging.LogRecord = event["_record"]
    text = event["event"] = " ".join(str(event["event"]).split())  # one event is one line
    cause: object = record.exc_info[1] if record.exc_info else None
    cause = getattr(cause, "exc", cause)  # Celery wraps what happened in another process
    if record.name == "django.request":
        _request(event, record)
    elif record.name == "django.security.DisallowedHost":
        _expected(event, "host_refused", _without_header(cause))
    elif isinstance(cause, WorkerLostError):
        _expected(event, "task_lost", cause)
    elif record.name.startswith("celery.") and isinstance(cause, RedisError | OperationalError | OSError):
        _expected(event, "broker_lost", cause)
    elif text.startswith(CANNOT_CONNECT):
        _expected(event, "broker_away", text.removeprefix(CANNOT_CONNECT))
    if held_back := getattr(record, "held_back", 0):
        event["held_back"] = held_back
    return event


def _request(event: Event, record: logging.LogRecord) -> None:
    status = getattr(record, "status_code", SERVER_ERROR)
    event["event"] = "request_failed" if status >= SERVER_ERROR else "request_refused"
    request = getattr(record, "request", None)
    event.update(status=status, method=getattr(request, "method", None), path=_path(record))


def _expected(event: Event, name: str, cause: object) -> None:
    event["event"] = name
    event["error"] = " ".join(str(cause).split())
    event.pop("exc_info", None)


def _path(record: logging.LogRecord) -> str | None:
    """What callers wrote into an address of ours, or invented, can be anybody's name or e-mail."""
    request = getattr(record, "request", None)
    if request is None:
        return None
    match = getattr(request, "resolver_match", None)
    if match is None:
        return NOWHERE
    free = [value for value in (*match.args, *match.kwargs.values()) if isinstance(value, str)]
    return f"/{match.route}" if free else str(request.path)


def _without_header(cause: object) -> str:
    """Django repeats the header; a name of a host is needed to allow it, anything else is not."""
    text = str(cause)
    quoted = text.split("'")[1::2]
    return text if all(HOST.fullmatch(host) for host in quoted) else "the header Host holds no name of a host"
