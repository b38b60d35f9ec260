"""A web process that has answered nothing but probes, started for a question and ended after it."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from customerops import web
from customerops.embedded.paths import ROOT

START_SECONDS = 30.0
PROBES = ("/healthz", "/readyz")


class NoStart(Exception):
    """The process did not come up; the message has its last words."""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> str:
    """The body, whatever the status. Raises OSError."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - http only
            return str(answer.read().decode())
    except urllib.error.HTTPError as refused:
        return str(refused.read().decode())


@contextlib.contextmanager
def application() -> Iterator[str]:
    """The product's web server with one worker and no past; yields its URL. Raises NoStart."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            web.command("127.0.0.1", port, 1), cwd=ROOT, stdout=said, stderr=said,
            env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": folder, "LOG_LEVEL": "ERROR"},
        )  # fmt: skip
        try:
            if not _answers(url, process):
                said.seek(0)
                raise NoStart(f"the application did not start: {said.read()[-500:].decode(errors='replace')}")
            yield url
        finally:
            process.terminate()
            process.wait(START_SECONDS)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            for probe in PROBES:
                get(url + probe)
            return True
        time.sleep(0.1)
    return False


def exposition(url: str) -> str:
    """What a second scrape reads: the first is counted too, as a scrape."""
    get(f"{url}/metrics")
    return get(f"{url}/metrics")
