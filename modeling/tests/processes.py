"""Real processes for tests: each serves, as a web worker or a Celery child does, until it is told to end."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

Process = subprocess.Popen[str]

ROOT = Path(__file__).resolve().parent.parent.parent

SERVE = """
import django; django.setup()
from modeling import serving
serving.start(role="web")
loaded = serving.current()
print(loaded.version if loaded else None, flush=True)
{then}
input()
"""
FORK = """
import os, signal
child = os.fork()
if child == 0:
    serving.start(role="worker")
    signal.pause()
"""


def environment(**changes: str) -> dict[str, str]:
    """This test's database and folder for a process of its own."""
    database = connection.settings_dict
    url = f"postgres://{database['USER']}@{quote(database['HOST'], safe='')}/{database['NAME']}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "customerops.settings",
        "DATABASE_URL": url,
        "VAR_DIR": str(settings.VAR_DIR),
        "RELOAD_POLL_SECONDS": "0.5",
        **changes,
    }


@contextlib.contextmanager
def running(code: str, **changes: str) -> Iterator[Process]:
    """A Python process that runs `code`; killed at the end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(**changes),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # a group of its own, so that what it forks ends with it
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@contextlib.contextmanager
def serving_processes(
    number: int, *, then: str = "", **changes: str
) -> Iterator[list[subprocess.Popen[str]]]:
    """`number` processes that have looked at the ledger once."""
    with contextlib.ExitStack() as stack:
        code = SERVE.format(then=then)
        started = [stack.enter_context(running(code, **changes)) for _ in range(number)]
        for process in started:
            first_words(process)
        yield started


def first_words(process: Process) -> str:
    """The first line a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()
