"""Real servers for tests, started by the command lines of the product: web processes and Celery workers."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from kombu import Queue

from customerops import house, web
from customerops.celery import app
from modeling import fleet
from modeling.tests.processes import ROOT, environment


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(holds: Callable[[], bool], *, seconds: float) -> float:
    """How long it took."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - started


@contextlib.contextmanager
def started(*commands: list[str], **changes: str) -> Iterator[None]:
    """Programs on this test's database, each a group of its own; none is left at the end.

    They are ended as the supervisor ends them: asked, and killed when they do not listen. Celery's warm
    shutdown can hang while a child is being replaced.
    """
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=environment(**changes), start_new_session=True)
        for command in commands
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _empty_queues() -> None:
    with app.connection_for_write() as broker:
        for name in (settings.CELERY_TASK_DEFAULT_QUEUE, "training"):
            Queue(name, channel=broker.default_channel).purge()


@contextlib.contextmanager
def serving_web(folder: Path, *, workers: int, **more: str) -> Iterator[int]:
    """granian as the supervisor starts it; yields its port."""
    port = free_port()
    changes = {"PROMETHEUS_MULTIPROC_DIR": str(folder), "LOG_LEVEL": "ERROR", "RELOAD_POLL_SECONDS": "1"}
    with started(web.command("127.0.0.1", port, workers), **changes | more):
        wait_for(lambda: fleet.alive().filter(role="web").count() == workers, seconds=60)
        # a process of an earlier test may have said that it lives while it ended
        wait_for(lambda: _listens(port), seconds=60)
        yield port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def serving_celery(**changes: str) -> Iterator[int]:
    """Both workers as the supervisor starts them; yields how many children they have."""
    programs = [program for program in house.programs() if program.name in ("worker", "training")]
    quiet = {"LOG_LEVEL": "ERROR", "RELOAD_POLL_SECONDS": "1", **house.AS_ROOT}
    _empty_queues()  # other tests hand over work and have nobody do it
    children = sum(int(program.command[program.command.index("-c") + 1]) for program in programs)
    with started(*(program.command for program in programs), **quiet | changes):
        wait_for(lambda: fleet.alive().filter(role="worker").count() == children, seconds=60)
        yield children
