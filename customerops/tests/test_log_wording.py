"""What an on-call engineer reads of faults we expect."""

import json
import logging
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from billiard.einfo import ExceptionWithTraceback  # type: ignore[attr-defined]
from billiard.exceptions import WorkerLostError
from django.core.exceptions import DisallowedHost
from django.urls import Resolver404, resolve
from redis.exceptions import ConnectionError as RedisConnectionError

from customerops.embedded.paths import ROOT
from customerops.log_wording import QUIET_SECONDS, OncePerKind, word

OURS = SimpleNamespace(route="v1/leads", args=(), kwargs={})


def record(
    name: str, message: str, *args: object, cause: Exception | None = None, **more
) -> logging.LogRecord:
    exc_info = (type(cause), cause, None) if cause else None
    made = logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, exc_info)
    for key, value in more.items():
        setattr(made, key, value)
    return made


def worded(made: logging.LogRecord) -> dict[str, object]:
    event = {"event": made.getMessage(), "_record": made, "exc_info": made.exc_info}
    said = dict(word(None, "error", event))
    del said["_record"]
    return {key: value for key, value in said.items() if value is not None}


def refused(
    status: int, path: str = "/v1/leads", cause: Exception | None = None, match: object = OURS
) -> logging.LogRecord:
    request = SimpleNamespace(method="POST", path=path, resolver_match=match)
    return record("django.request", "%s: %s", "words", path, cause=cause, status_code=status, request=request)


def test_a_refused_request_is_an_event_with_its_status():
    told = {"status": 401, "method": "POST", "path": "/v1/leads"}
    assert worded(refused(401)) == {"event": "request_refused", **told}
    assert worded(refused(503)) == {"event": "request_failed", **told, "status": 503}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/v1/leads/ann@x.org", "an address that is not ours"),
        ("/ann@x.org", "an address that is not ours"),
        ("/admin/ann@x.org", "/admin/(?P<url>.*)$"),
        ("/admin/leads/lead/ann@x.org/change/", "/admin/leads/lead/<path:object_id>/change/"),
        ("/v1/leads/0190f3c2-0000-7000-8000-000000000000", "/v1/leads/0190f3c2-0000-7000-8000-000000000000"),
    ],
)
def test_an_address_is_told_without_what_callers_made_up(path, told):
    try:
        match = resolve(path)
    except Resolver404:
        match = None
    assert worded(refused(404, path, match=match))["path"] == told


@pytest.mark.parametrize(
    ("host", "told"), [("shop.example:8000", True), ("ann@x.org", False), ("o'neil@x.org", False)]
)
def test_a_refused_host_is_told_only_when_it_is_one(host, told):
    made = record(
        "django.security.DisallowedHost", "words", cause=DisallowedHost(f"Invalid header: {host!r}.")
    )
    assert (host in str(worded(made)["error"])) is told
    assert "x.org" not in str(worded(made)["error"])


def test_an_unexpected_failure_keeps_its_traceback():
    assert "exc_info" in worded(refused(500, cause=KeyError("bug")))
    assert "exc_info" in worded(record("celery.app.trace", "broke", cause=KeyError("bug")))


@pytest.mark.parametrize(
    ("made", "event", "error"),
    [
        (
            record("celery.worker.consumer.consumer", "Connection lost", cause=RedisConnectionError("gone")),
            "broker_lost",
            "gone",
        ),
        (
            record(
                "celery.worker.consumer.consumer",
                "consumer: Cannot connect to %s: %s.\n%s",
                "u",
                "no",
                "again",
            ),
            "broker_away",
            "u: no. again",
        ),
        (
            record(
                "celery.worker.request",
                "Task handler raised",
                cause=ExceptionWithTraceback(WorkerLostError("signal 9"), None),
            ),
            "task_lost",
            "signal 9",
        ),
        (
            record("django.security.DisallowedHost", "Invalid", cause=ValueError("Invalid 'evil'")),
            "host_refused",
            "Invalid 'evil'",
        ),
    ],
)
def test_an_expected_fault_is_one_event_without_a_traceback(made, event, error):
    assert worded(made) == {"event": event, "error": error}


def test_other_messages_become_one_line():
    assert worded(record("library", "one\n  two")) == {"event": "one two"}


def test_a_flood_of_one_kind_is_one_line_and_then_a_count():
    now = 100.0
    once = OncePerKind(clock=lambda: now)
    assert [once.filter(refused(503)) for _ in range(5)] == [True, False, False, False, False]
    assert once.filter(refused(401))
    assert once.filter(refused(500, "/a", KeyError("bug")))
    assert once.filter(refused(500, "/b", KeyError("bug")))
    now += QUIET_SECONDS
    later = refused(503, "/v1/predict")
    assert once.filter(later)
    assert worded(later)["held_back"] == 4


def test_it_forgets_kinds_before_they_become_too_many():
    once = OncePerKind(clock=lambda: 0.0)
    assert all(once.filter(refused(500, f"/{number}", KeyError("bug"))) for number in range(2500))
    assert len(once._seen) <= 1000


def test_the_formatter_of_a_process_words_what_libraries_log():
    configured = subprocess.run(
        [sys.executable, "-c", LOGS], cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "customerops.settings"},
    )  # fmt: skip
    lines = [json.loads(line) for line in configured.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["broker_away", "request_failed", "ours"]
    assert lines[-1]["error"] == "refused Is the server running?"


LOGS = """
import django, logging, structlog
django.setup()
log = logging.getLogger("celery.worker.consumer.consumer")
log.error("consumer: Cannot connect to %s: %s.\\n%s", "a", "b", "c")
for _ in range(3):
    logging.getLogger("django.request").error("%s: %s", "Bad", "/", extra={"status_code": 503})
structlog.get_logger("ours").warning("ours", error="refused\\n\\tIs the server running?")
"""
