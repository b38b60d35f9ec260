"""The supervisor, with small real programs."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from customerops.console import Console
from customerops.embedded.paths import ROOT
from customerops.embedded.processes import is_gone
from customerops.supervisor import Program, StopAskedFor, Supervisor

SLEEPS = "import time; print('awake', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPS


def program(name: str, code: str, *, stage: int = 1, **more) -> Program:
    return Program(name=name, command=[sys.executable, "-c", code], stage=stage, **more)


@pytest.fixture
def house() -> Iterator[tuple[Supervisor, io.StringIO]]:
    out = io.StringIO()
    supervisor = Supervisor(Console(out=out))
    with supervisor.signals():
        yield supervisor, out
        supervisor.stop()


def test_it_runs_a_program_to_its_end_and_shows_what_it_printed(house):
    supervisor, out = house
    assert (
        supervisor.run(program("hello", "print('one'); print('two', end=''); exit(3)", restarts=False)) == 3
    )
    assert [line.split(None, 2)[1:] for line in out.getvalue().splitlines()] == [
        ["hello", "one"],
        ["hello", "two"],
    ]


def test_it_shows_the_last_state_of_a_progress_bar(house):
    supervisor, out = house
    supervisor.run(program("bar", r"print('1%\r50%\r100%')", restarts=False))
    assert out.getvalue().split()[-1] == "100%"


def test_it_restarts_a_program_that_was_killed_with_all_it_started(house):
    supervisor, out = house
    forks = "import os, time; os.fork() or print('fork', os.getpid(), flush=True); time.sleep(60)"
    child = supervisor.start(program("forks", forks))
    assert supervisor.wait_for(lambda: "fork " in out.getvalue(), seconds=5)
    killed, fork = child.process.pid, int(out.getvalue().split()[-1])
    os.kill(killed, signal.SIGKILL)
    assert supervisor.wait_for(lambda: child.process.pid != killed, seconds=5)
    assert is_gone(fork)
    assert "process_died process=forks status=-9" in out.getvalue()


def test_it_waits_longer_after_each_death(house):
    supervisor, _ = house
    child = supervisor.start(program("dies", "exit(1)"))
    assert supervisor.wait_for(lambda: child.backoff >= 2, seconds=10)


def test_it_stops_the_highest_stage_first_and_kills_the_stubborn(house):
    supervisor, out = house
    supervisor.start(program("web", SLEEPS, stage=1))
    supervisor.start(program("beat", STUBBORN, stage=2, patience=0.3))
    assert supervisor.wait_for(lambda: out.getvalue().count("awake") == 2, seconds=5)
    processes = [child.process for child in supervisor.children]
    supervisor.stop()
    assert all(process.returncode is not None for process in processes)
    assert out.getvalue().index("process=beat") < out.getvalue().index("process=web")


def test_it_is_asked_to_stop_by_a_signal(house):
    supervisor, _ = house
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()
    with pytest.raises(StopAskedFor):
        supervisor.forever()


def test_it_breaks_off_its_own_work_at_a_signal(house):
    supervisor, _ = house
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(StopAskedFor), supervisor.interruptible():
        time.sleep(10)


def test_it_kills_at_once_at_a_second_signal(house):
    supervisor, out = house
    supervisor.start(program("stubborn", STUBBORN, patience=30))
    assert supervisor.wait_for(lambda: "awake" in out.getvalue(), seconds=5)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("sleeper", [SLEEPS, STUBBORN])
def test_it_leaves_nothing_when_it_is_killed(sleeper):
    code = (
        "import sys; from customerops.console import Console; from customerops.supervisor import *;"
        f"s = Supervisor(Console()); c = s.start(Program('p', [sys.executable, '-c', {sleeper!r}], 1));"
        "print(c.process.pid, flush=True); s.forever()"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    child = int(supervisor.stdout.readline())
    assert "awake" in supervisor.stdout.readline()
    supervisor.kill()
    supervisor.communicate()
    deadline = time.monotonic() + 8
    while not is_gone(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert is_gone(child)


def test_it_stops_when_its_terminal_hangs_up(house):
    supervisor, _ = house
    supervisor.start(program("sleeps", SLEEPS))
    supervisor.console.hung_up = True
    with pytest.raises(StopAskedFor):
        supervisor.forever()


def test_it_outlives_its_terminal_under_nohup():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Supervisor(Console(out=io.StringIO())).signals():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
