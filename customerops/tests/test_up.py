"""`manage.py up`, from an empty folder, as a person starts it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from customerops.embedded.paths import ROOT
from customerops.embedded.processes import is_gone
from customerops.tests.servers import free_port

pytestmark = pytest.mark.slow


class Up:
    """One `manage.py up` with a folder and a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.log = folder.with_name(f"{folder.name}.log")
        self.environment = os.environ | {"VAR_DIR": str(folder), "PORT": str(self.port), "DEMO": "0"}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=ROOT, env=self.environment, stdout=out, stderr=out
            )
        assert self.shows("Ctrl-C stops everything", count=self.text().count("Ctrl-C stops") + 1)

    def text(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def shows(self, words: str, *, count: int = 1, seconds: float = 60) -> bool:
        deadline = time.monotonic() + seconds
        while self.text().count(words) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.text().count(words) >= count

    def ends(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def processes(self) -> list[int]:
        """Every living process that names this folder in its command line or environment."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and not is_gone(int(entry.name)):
                try:
                    told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                except OSError:
                    continue
                if os.fsencode(self.folder) in told:
                    found.append(int(entry.name))
        return found

    def is_left_by_all(self, seconds: float = 20) -> bool:
        deadline = time.monotonic() + seconds
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        return not self.processes()


@pytest.fixture
def up(tmp_path) -> Iterator[Up]:
    found = Up(tmp_path / "a folder")
    yield found
    if found.process is not None and found.process.poll() is None:
        found.ends(signal.SIGTERM)


def answers(up: Up, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{up.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.2)
    return False


def tried(text: str) -> list[dict[str, Any]]:
    """What the calls answer that a newcomer is told to try, typed as they are printed."""
    calls = re.findall(r"curl -s (?:.*\\\n)*.*", text.replace("  Try ", ""))
    answered = (subprocess.run(["bash", "-euc", call], capture_output=True, check=True) for call in calls)
    return [json.loads(answer.stdout) for answer in answered]


def test_it_starts_tells_its_secrets_once_and_stops_in_order(up):
    up.start()
    assert answers(up)
    assert re.search(r"admin / \S{16} ", up.text())
    assert re.search(r"API key +[A-Za-z0-9]{8}\.[A-Za-z0-9]{32} ", up.text())
    if shutil.which("curl"):
        score, lead, status = tried(up.text())
        assert score["reason"] == lead["reason"] == "no_model"  # DEMO=0: nothing to learn from
        assert lead["lead_id"]
        assert status["champion"] is None
    assert up.ends(signal.SIGINT) == 0
    order = re.findall(r"stopp(?:ing|ed) process=(\w+)", up.text())
    assert order == ["beat", "worker", "training", "dispatcher", "web", "valkey", "postgres"]
    assert up.is_left_by_all()

    up.start()
    assert up.text().count("(shown once") == 2  # the password and the key, both of the first start
    assert "create_api_key" in up.text()
    second = subprocess.run(
        [sys.executable, "manage.py", "up"], cwd=ROOT, env=up.environment | {"PORT": str(free_port())},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "runs already with its data in" in second.stderr
    assert up.ends(signal.SIGTERM) == 0


def test_it_brings_back_whatever_is_killed_and_leaves_nothing_when_it_is_killed_itself(up):
    up.start()
    postmaster = int((up.folder / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert up.shows("servers_revived")
    assert answers(up)
    for pid in up.processes():
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if any(name in command for name in (b"granian", b"celery", b"send_due")):
            os.kill(pid, signal.SIGKILL)
    assert up.shows("process_died", count=5)
    assert answers(up)
    up.ends(signal.SIGKILL)
    assert up.is_left_by_all()


def test_it_says_in_one_sentence_that_the_port_is_taken(up):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", up.port))
        taken.listen()
        refused = subprocess.run(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=up.environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert refused.returncode == 1
    sentence = f"port {up.port} of 127.0.0.1 cannot be used (Address already in use): choose another"
    assert sentence in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
