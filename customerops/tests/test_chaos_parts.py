"""What the chaos run is made of: receivers that write down what they did, and a choice of victims."""

import contextlib
import http.client
import io
import json
import random
import signal
import smtplib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.chaos import gathering, killing, running
from benchmarks.chaos.evidence import Delivery
from customerops.console import Console
from customerops.supervisor import Program, Supervisor
from customerops.tests.servers import free_port, started, wait_for

FORKS = "import os, time; [os.fork() or time.sleep(60) for _ in range(2)]; time.sleep(60)"
SLEEPS = "import time; time.sleep(60)"


class Sinks:
    """The receivers, and what they wrote down."""

    def __init__(self, folder: Path) -> None:
        self.http_port, self.smtp_port = free_port(), free_port()
        self.ledger = folder / "sinks.jsonl"

    def program(self, **changes: float) -> list[str]:
        return running.sinks(
            self.ledger, http_port=self.http_port, smtp_port=self.smtp_port, **changes
        ).command

    def post(self, path: str, key: str) -> int | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=5)
        body = json.dumps({"data": {"external_id": f"person of {key}"}})
        try:
            connection.request("POST", path, body, {"webhook-id": key})
            return connection.getresponse().status
        except http.client.RemoteDisconnected:
            return None
        finally:
            connection.close()

    def effects(self) -> Counter[str]:
        return Counter(one.key for one in self.told() if one.effect)

    def told(self) -> list[Delivery]:
        return list(gathering.deliveries(self.ledger))

    def is_open(self) -> bool:
        with contextlib.suppress(OSError), smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=5):
            return True
        return False


@pytest.fixture
def sinks(tmp_path) -> Sinks:
    return Sinks(tmp_path)


def test_one_sink_does_the_same_id_once_the_other_each_time(sinks, db):
    with started(sinks.program()):
        wait_for(sinks.is_open, seconds=20)
        assert [sinks.post("/once", "a") for _ in range(3)] == [200] * 3
        assert [sinks.post("/each", "b") for _ in range(3)] == [200] * 3
        with smtplib.SMTP("127.0.0.1", sinks.smtp_port) as server:
            for _ in range(2):
                server.sendmail("shop@shop.example", ["ada@people.example"], "Message-ID: <c>\r\n\r\nhi")
    assert sinks.effects() == {"a": 1, "b": 3, "<c>": 2}
    assert len(sinks.told()) == 3 + 1 + 2 * 3 + 2 * 2  # requests, and their effects
    assert {one.person for one in sinks.told()} == {"person of a", "person of b", "ada"}


def test_a_sink_that_was_started_again_knows_what_it_did(sinks, db):
    for _ in range(2):
        with started(sinks.program()):
            wait_for(sinks.is_open, seconds=20)
            assert sinks.post("/once", "a") == 200
    assert sinks.effects() == {"a": 1}


def test_a_moody_sink_refuses_or_hangs_up_at_the_first_request_alone(sinks, db):
    with started(sinks.program(moody=0.5)):
        wait_for(sinks.is_open, seconds=20)
        first = {key: sinks.post("/once", str(key)) for key in range(24)}
        again = {sinks.post("/once", str(key)) for key in range(24)}
    assert set(first.values()) == {503, None}
    assert again == {200}
    assert sinks.effects() == {str(key): 1 for key in range(24)}


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    found = Supervisor(Console(out=io.StringIO()))
    yield found
    found.stop()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks for its victims in /proc")
def test_it_kills_what_is_named_and_the_workers_of_what_forks_never_their_main_process(supervisor):
    chance = random.Random(1)
    programs = {"dispatcher 1": SLEEPS, "beat": SLEEPS, "worker": FORKS, "web": FORKS, "sinks": SLEEPS}
    pids = {
        name: supervisor.start(Program(name, [sys.executable, "-c", code], 1)).process.pid
        for name, code in programs.items()
    }
    wait_for(lambda: len(killing.victims(supervisor.children, chance)) == 5, seconds=10)
    victims = killing.victims(supervisor.children, chance)
    assert Counter(name for name, _ in victims) == {"dispatcher 1": 1, "beat": 1, "worker": 2, "web": 1}
    assert {pid for _, pid in victims} & set(pids.values()) == {pids["dispatcher 1"], pids["beat"]}
    kill = killing.strike([child for child in supervisor.children if child.program.name == "beat"], chance)
    beat = next(child.process for child in supervisor.children if child.program.name == "beat")
    assert (kill.name, kill.pid, beat.wait(5)) == ("beat", pids["beat"], -signal.SIGKILL)
    assert time.time() - kill.at < 60
