"""Runs programs side by side: passes on what they print, restarts those that die, stops all in order.

Every program leads a process group of its own, so that Ctrl-C reaches us alone and we decide the order. When
we are killed the kernel signals it (Linux), and the undertaker sees to those that do not listen.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FrameType

from customerops.console import Console
from customerops.embedded.paths import ROOT
from customerops.embedded.processes import launched

PULSE_SECONDS = 0.2
CHORES_SECONDS = 0.5
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 30.0
HEALTHY_SECONDS = 5.0  # a program that ran this long started well: the next start is soon
UNDERTAKER = ROOT / "customerops" / "undertaker.py"
UNDERTAKER_WAITS_SECONDS = 5.0
LONGEST_LINE = 1_000_000


class StopAskedFor(Exception):
    """Ctrl-C, SIGTERM or SIGHUP."""


@dataclass(frozen=True)
class Program:
    """What to run. Those of a higher stage are stopped first, those of one stage together."""

    name: str
    command: list[str]
    stage: int
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 10.0  # seconds between the polite signal and SIGKILL
    death_signal: signal.Signals = signal.SIGTERM
    restarts: bool = True


@dataclass(eq=False)
class Child:
    """A program and its newest process."""

    program: Program
    process: subprocess.Popen[bytes]
    output: int  # what it prints, to be read here
    started_at: float = field(default_factory=time.monotonic)
    runs: bool = True
    unfinished: bytes = b""
    restart_at: float = 0.0
    backoff: float = FIRST_BACKOFF_SECONDS


class Supervisor:
    """For the main thread only: signals arrive there, and children die with the thread that made them."""

    def __init__(self, console: Console, *, chores: Callable[[], None] | None = None) -> None:
        self.console = console
        self.children: list[Child] = []
        self._chores = chores
        self._chores_at = 0.0
        self._selector = selectors.DefaultSelector()
        self._undertaker: subprocess.Popen[bytes] | None = None
        self._asked = 0
        self._may_raise = False

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Listen for the signals that ask us to stop."""
        names = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
            names.append(signal.SIGHUP)
        before = {name: signal.signal(name, self._on_signal) for name in names}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Work of our own, which a signal breaks off at once."""
        self._check()
        self._may_raise = True
        try:
            yield
        finally:
            self._may_raise = False

    def start(self, program: Program) -> Child:
        """Start a program and look after it from now on."""
        child = Child(program, *_begun(program))
        self._tell_undertaker(child.process.pid)
        self.children.append(child)
        self._selector.register(child.output, selectors.EVENT_READ, child)
        return child

    def run(self, program: Program) -> int:
        """Start a program and look after everything until it ends; answers its exit status."""
        child = self.start(program)
        while child.runs:
            self.pump()
        self.children.remove(child)
        return child.process.returncode

    def wait_for(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Look after everything until `condition` holds, or for some time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.pump()
        return True

    def forever(self) -> None:
        """Look after everything until we are asked to stop."""
        while True:
            self.pump()

    def pump(self) -> None:
        """One pulse. Raises StopAskedFor."""
        self._check()
        self._read(PULSE_SECONDS)
        for child in list(self.children):
            self._look_after(child)
        if self._chores and time.monotonic() >= self._chores_at:
            self._chores()
            self._chores_at = time.monotonic() + CHORES_SECONDS

    def stop(self) -> None:
        """End every program, stage by stage. A signal from now on means: at once."""
        asked_before = self._asked
        for stage in sorted({child.program.stage for child in self.children}, reverse=True):
            ending = [child for child in self.children if child.program.stage == stage and child.runs]
            for child in ending:
                self.console.event("stopping", process=child.program.name)
                child.process.terminate()
            self._see_off(ending, lambda: self._asked > asked_before)
        self.children.clear()
        if self._undertaker is not None:
            self._undertaker.communicate()
            self._undertaker = None

    def _see_off(self, ending: list[Child], in_a_hurry: Callable[[], bool]) -> None:
        began = time.monotonic()
        while waiting := [child for child in ending if child.runs]:
            self._read(PULSE_SECONDS / 4)
            for child in waiting:
                if child.process.poll() is not None:
                    self._bury(child)
                elif in_a_hurry() or time.monotonic() - began > child.program.patience:
                    _kill_group(child.process.pid)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1
        if self._may_raise:
            self._may_raise = False
            raise StopAskedFor

    def _check(self) -> None:
        if self._asked or self.console.hung_up:
            raise StopAskedFor

    def _read(self, seconds: float) -> None:
        if not self._selector.get_map():
            time.sleep(seconds)
            return
        for key, _ in self._selector.select(seconds):
            if self._pass_on(key.data) == b"":
                self._selector.unregister(key.fileobj)

    def _pass_on(self, child: Child) -> bytes | None:
        """Pass on what the child printed: empty at the end of its output, None when there is nothing now."""
        try:
            data = os.read(child.output, 65536)
        except BlockingIOError:
            return None
        *lines, child.unfinished = (child.unfinished + data).split(b"\n")
        if child.unfinished and (not data or len(child.unfinished) > LONGEST_LINE):
            lines, child.unfinished = [*lines, child.unfinished], b""
        for line in lines:
            # A progress bar rewrites its line: its last state is the one to show.
            if text := line.decode(errors="replace").rstrip("\r").rsplit("\r", 1)[-1].rstrip():
                self.console.line(child.program.name, text)
        return data

    def _look_after(self, child: Child) -> None:
        if child.runs and child.process.poll() is not None:
            self._bury(child)
            if child.program.restarts:
                self._plan_restart(child)
        elif not child.runs and child.program.restarts and time.monotonic() >= child.restart_at:
            child.process, child.output = _begun(child.program)
            child.started_at, child.runs = time.monotonic(), True
            self._tell_undertaker(child.process.pid)
            self._selector.register(child.output, selectors.EVENT_READ, child)

    def _plan_restart(self, child: Child) -> None:
        lasted = time.monotonic() - child.started_at
        if lasted > HEALTHY_SECONDS:
            child.backoff = FIRST_BACKOFF_SECONDS
        child.restart_at = time.monotonic() + child.backoff
        self.console.event(
            "process_died", level="error", process=child.program.name, status=child.process.returncode,
            lasted_seconds=round(lasted, 1), restarts_in_seconds=child.backoff,
        )  # fmt: skip
        child.backoff = min(child.backoff * 2, LONGEST_BACKOFF_SECONDS)

    def _bury(self, child: Child) -> None:
        """The process has ended: take along what it left of its group, and pass on its last words."""
        _kill_group(child.process.pid)
        while self._pass_on(child):
            pass
        with contextlib.suppress(KeyError):
            self._selector.unregister(child.output)
        os.close(child.output)
        self._tell_undertaker(-child.process.pid)
        child.runs = False

    def _tell_undertaker(self, number: int) -> None:
        if self._undertaker is None or self._undertaker.poll() is not None:
            self._undertaker = subprocess.Popen(
                [sys.executable, "-S", "-E", str(UNDERTAKER), str(UNDERTAKER_WAITS_SECONDS)],
                stdin=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
            others = [child.process.pid for child in self.children if child.runs]
        else:
            others = []
        assert self._undertaker.stdin is not None  # noqa: S101 - for the type checker
        with contextlib.suppress(BrokenPipeError):
            for known in [*others, number]:
                self._undertaker.stdin.write(b"%+d\n" % known)
            self._undertaker.stdin.flush()


def _begun(program: Program) -> tuple[subprocess.Popen[bytes], int]:
    """Its process, and the end of the pipe where its output arrives."""
    ours, its = os.pipe()
    os.set_blocking(ours, False)
    process = subprocess.Popen(
        launched(*program.command, death_signal=program.death_signal), cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(program.environment),
        stdin=subprocess.DEVNULL, stdout=its, stderr=its, start_new_session=True,
    )  # fmt: skip
    os.close(its)
    return process, ours


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
