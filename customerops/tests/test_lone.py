"""`manage.py run` with real processes: each program by itself, measured, and stopped within its patience."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.conf import settings

from customerops import house
from customerops.embedded.paths import ROOT
from customerops.tests.servers import free_port, wait_for
from modeling.tests.cast import promoted
from modeling.tests.processes import environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# How many processes of a program score: one that is told to stop while it still starts hears it late.
SCORING = {"web": 2, "worker": 2, "training": 1}


@dataclass
class Running:
    """A process with the port it is scraped at."""

    process: subprocess.Popen[bytes]
    port: int

    def page(self, path: str) -> str:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except URLError:
            return ""

    def stops(self, how: signal.Signals) -> float:
        """How long it took; it must have ended well."""
        began = time.monotonic()
        self.process.send_signal(how)
        assert self.process.wait(60) == 0
        return time.monotonic() - began


@contextlib.contextmanager
def running(name: str, folder: Path) -> Iterator[Running]:
    """`manage.py run NAME` on this test's database; nothing of it is left at the end."""
    port = free_port()
    given = environment(
        VAR_DIR=str(folder), METRICS_PORT=str(port), PORT=str(free_port()), REDIS_URL=settings.REDIS_URL,
        LOG_FORMAT="json", LOG_LEVEL="ERROR",
    )  # fmt: skip
    process = subprocess.Popen([sys.executable, "manage.py", "run", name], cwd=ROOT, env=given)
    try:
        yield Running(process, port)
    finally:
        process.kill()
        process.wait()


def is_at_work(name: str, page: str) -> bool:
    if name in SCORING:
        return page.count("lead_model_loaded_version{") == SCORING[name]
    return "followup_jobs_total{" in page


@pytest.mark.parametrize("name", house.names())
def test_each_program_runs_by_itself_is_measured_and_stops_when_asked(name, tmp_path):
    promoted()
    program = house.one(name)
    with running(name, tmp_path) as alone:
        wait_for(lambda: is_at_work(name, alone.page("/metrics")), seconds=60)
        assert alone.page("/healthz") == "ok\n"
        # what Postgres holds is told by the web server's container alone
        assert ("lead_model_version " in alone.page("/metrics")) == (name == "web")
        assert alone.stops(signal.SIGTERM) < program.patience + 5
    assert (tmp_path / f"metrics-{name}").is_dir()


def test_it_ends_with_its_program_and_says_so(tmp_path):
    with running("beat", tmp_path) as alone:
        wait_for(lambda: beats(alone) != [], seconds=30)
        os.kill(beats(alone)[0], signal.SIGKILL)
        assert alone.process.wait(30) == 128 + signal.SIGKILL


def beats(alone: Running) -> list[int]:
    """Celery's beats that it started."""
    seen = ["ps", "-o", "pid=,args=", "--ppid", str(alone.process.pid)]
    told = subprocess.run(seen, capture_output=True, text=True, check=False).stdout
    return [int(line.split()[0]) for line in told.splitlines() if "-m celery" in line]


def test_a_program_nobody_knows_is_refused_with_the_names_of_those_there_are():
    refused = subprocess.run(
        [sys.executable, "manage.py", "run", "cook"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert all(f"'{name}'" in refused.stderr for name in house.names())


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path):
    with running("beat", tmp_path) as alone:
        wait_for(lambda: alone.page("/healthz") != "", seconds=30)
        given = environment(VAR_DIR=str(tmp_path / "other"), METRICS_PORT=str(alone.port))
        refused = subprocess.run(
            [sys.executable, "manage.py", "run", "beat"],
            cwd=ROOT,
            env=given,
            capture_output=True,
            text=True,
            check=False,
        )
        stop = [sys.executable, "manage.py", "services", "stop"]  # it started what VAR_DIR lacked
        subprocess.run(stop, cwd=ROOT, env=given, capture_output=True, check=True)
    assert refused.returncode == 1
    assert refused.stderr.startswith("CommandError: METRICS_PORT or VAR_DIR cannot be used: ")
