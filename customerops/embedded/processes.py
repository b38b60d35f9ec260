"""What both embedded servers need: one starter at a time, a clean environment, and a way to end."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from customerops.embedded.paths import socket_dir, var_dir

TRAMPOLINE = Path(__file__).with_name("trampoline.py")
_started: list[subprocess.Popen[bytes]] = []  # servers may outlive us: a dropped Popen of one would warn


class ServerDidNotStart(Exception):
    """An embedded server did not come up; the message names its log."""


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
    path.mkdir(parents=True, exist_ok=True)
    if path.stat().st_uid != os.geteuid():
        raise ServerDidNotStart(f"{path} belongs to another user; set VAR_DIR to a folder of your own")
    path.chmod(0o700)
    return path


def environment() -> dict[str, str]:
    """The environment without PG* variables, which would lead Postgres elsewhere."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"}


def launched(*command: str | Path) -> list[str]:
    """`command`, run through the trampoline."""
    return [sys.executable, "-S", "-E", str(TRAMPOLINE), *map(str, command)]


def spawn(*command: str | Path, log: Path, dies_with_us: bool = False) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C reaches the application before it reaches its data."""
    extra = {"DEATH_SIGNAL": str(int(signal.SIGINT))} if dies_with_us else {}
    with open(log, "ab") as out:
        server = subprocess.Popen(
            launched(*command), env=environment() | extra, cwd="/", start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    _started.append(server)
    return server


def wait_until(ready: Callable[[], bool], *, server: subprocess.Popen[bytes], log: Path, seconds: float = 30) -> None:
    """Wait for `ready`, or say that the server ended or took too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise ServerDidNotStart(f"{log.stem} did not start; its log is {log}")
        time.sleep(0.02)


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


def end(pid: int, how: signal.Signals, *, seconds: float = 20) -> None:
    """Signal a server and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)
    deadline = time.monotonic() + seconds
    while not is_gone(pid) and time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.02)
