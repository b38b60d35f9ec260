"""Ports of this machine: one that is free, and the wait until a server listens on it."""

import socket
import subprocess
import time
from pathlib import Path


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_open(port: int, server: subprocess.Popen[bytes], log: Path, *, seconds: float = 120) -> None:
    """Until the server takes connections; raises when it ended instead."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"a server did not start: {log.read_text()[-2000:]}")
