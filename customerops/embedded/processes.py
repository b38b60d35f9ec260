"""What both embedded servers need: one starter at a time, a clean environment, and a way to end."""

import atexit
import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from customerops.embedded.paths import socket_dir, var_dir
from customerops.embedded.runner import TRAMPOLINE, ServerDidNotStart, own, runner

_started: list[subprocess.Popen[bytes]] = []


@atexit.register
def _let_go() -> None:
    # Reap the dead. The living outlive us on purpose: mark them as done, or Popen would warn.
    for server in _started:
        if server.poll() is None:
            server.returncode = 0


@contextlib.contextmanager
def starting(name: str) -> Iterator[None]:
    """Hold the lock under which one process at a time may start `name`."""
    var_dir().mkdir(parents=True, exist_ok=True)
    with open(var_dir() / f".{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_socket_dir() -> Path:
    """The sockets' folder, closed to everybody else: who reaches the socket is trusted."""
    path = socket_dir()
    own(path)
    path.chmod(0o700)
    return path


def listens(path: Path) -> bool:
    """Whether a server is behind the socket at `path`, be it starting, full or hanging; asks it nothing."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.5)  # a full backlog makes us wait, and is full of a server's callers
        try:
            probe.connect(str(path))
        except TimeoutError:
            return True
        except OSError:
            return False
    return True


def environment() -> dict[str, str]:
    """The environment without PG* variables, which would lead Postgres elsewhere."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"}


def launched(
    *command: str | Path, as_runner: bool = False, death_signal: signal.Signals | None = None
) -> list[str]:
    """`command`, run through the trampoline. The death signal is tied to the thread that starts it."""
    options = [*runner().options] if as_runner else []
    if death_signal is not None:
        options += ["--death-signal", str(int(death_signal)), "--parent", str(os.getpid())]
    return [sys.executable, "-S", "-E", str(TRAMPOLINE), *options, *map(str, command)]


def spawn(*command: str | Path, log: Path, dies_with_us: bool = False) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C reaches the application before its data."""
    death_signal = signal.SIGINT if dies_with_us else None
    with open(log, "ab") as out:
        server = subprocess.Popen(
            launched(*command, as_runner=True, death_signal=death_signal), env=environment(), cwd="/",
            start_new_session=True, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    _started.append(server)
    return server


def start_until(
    ready: Callable[[], bool], start: Callable[[], subprocess.Popen[bytes]], *, log: Path, seconds: float = 30
) -> None:
    """Start a server and wait for `ready`; one that ends at once is tried again.

    After a kill -9 the old server's last processes and locks may be around for a moment longer.
    """
    deadline = time.monotonic() + seconds
    tries = 1
    server = start()
    while not ready():
        if server.poll() is not None and tries < 10:
            tries += 1
            time.sleep(0.1 * tries)
            server = start()
        elif server.poll() is not None or time.monotonic() > deadline:
            raise ServerDidNotStart(f"{log.stem} did not start; its log is {log}")
        time.sleep(0.02)


def wait_until(ready: Callable[[], bool], *, log: Path, seconds: float = 30) -> None:
    """Wait for a server that somebody else is starting."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise ServerDidNotStart(f"{log.stem} runs but does not answer; its log is {log}")
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    """Whether no such process runs; a killed one that nobody has reaped yet is gone too."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] in "ZX"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def runs(pid: int, mark: str) -> bool:
    """Whether `pid` runs and has `mark` in its command line (where the system tells command lines)."""
    if is_gone(pid):
        return False
    with contextlib.suppress(OSError):
        return os.fsencode(mark) in Path(f"/proc/{pid}/cmdline").read_bytes()
    return True


def end(pid: int, how: signal.Signals | None, *, seconds: float = 20) -> None:
    """Signal a server and wait until it is gone, then reap it if it was our child."""
    if how is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
    deadline = time.monotonic() + seconds
    while not is_gone(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    for server in _started:
        if server.pid == pid:
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=1)
