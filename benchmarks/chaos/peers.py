"""The same job done with countdowns of Celery on Redis, for the record: what is lost, what is sent again.

Its children are killed as often, Redis is flushed once and away once; nothing happens to Postgres.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.chaos import killing, running
from benchmarks.chaos.gathering import deliveries
from benchmarks.chaos.servers import Servers
from benchmarks.ports import free_port
from customerops.celery import broker_url
from customerops.console import Console
from customerops.embedded.paths import redis_url
from customerops.supervisor import Program, Supervisor

TASKS = 200
SECONDS = 40.0
LONGEST_COUNTDOWN = 35.0
REST_SECONDS = 25.0  # for what comes late
KILL_EVERY = 2
CHILDREN = 2
WARM_UP = 3.0
APP = "benchmarks.peers.celery_countdown"
SHORT_VISIBILITY = {"visibility_timeout": 10, "unacked_restore_interval": 1, "unacked_restore_throttle": 1}
LATE = {"PEER_TRANSPORT": orjson.dumps(SHORT_VISIBILITY).decode(), "PEER_LATE": "1"}
IN_PEACE = "Celery, acks late, visible after 10 s, left in peace"
CONTENDERS: Mapping[str, Mapping[str, str]] = {
    "Celery countdown, as it comes": {"PEER_TRANSPORT": "{}"},
    "Celery countdown, acks late, visible after 10 s": LATE,
    IN_PEACE: LATE,
}


@dataclass(frozen=True, slots=True)
class Fared:
    """Of so many tasks."""

    name: str
    lost: int
    repeated: int  # done more than once
    most: int

    def line(self) -> str:
        """For the table."""
        return (
            f"{self.name:<56}{self.lost:>6} of {TASKS} lost, {self.repeated} more than once"
            f" (up to {self.most} times)"
        )


def fared(folder: Path) -> Iterator[Fared]:
    """Each contender in turn."""
    for number, (name, settings) in enumerate(CONTENDERS.items()):
        effects = _effects(folder, number, settings, in_peace=name == IN_PEACE)
        repeated = sum(times > 1 for times in effects.values())
        yield Fared(name, TASKS - len(effects), repeated, max(effects.values(), default=0))


def _effects(folder: Path, number: int, settings: Mapping[str, str], *, in_peace: bool) -> Counter[str]:
    ledger, port = folder / f"peer-{number}.jsonl", free_port()
    environment = {**settings, "PEER_BROKER": _broker(number), "PEER_SINK": str(port)}
    environment["DJANGO_SETTINGS_MODULE"] = ""  # Celery would take it for its own
    servers = Servers(folder)
    with (folder / f"peer-{number}.log").open("w", encoding="utf-8") as log:
        supervisor = Supervisor(Console(out=log, raw=True), chores=servers.keep)
        try:
            supervisor.start(running.sinks(ledger, http_port=port, smtp_port=free_port()))
            worker = supervisor.start(
                Program("worker", _celery("worker", "-c", str(CHILDREN)), 1, environment)
            )
            if not supervisor.wait_for(
                lambda: len(killing.workers(worker.process.pid)) == CHILDREN, seconds=30
            ):
                raise RuntimeError("Celery's worker did not start")
            supervisor.wait_for(lambda: False, seconds=WARM_UP)
            subprocess.run(_handing_over(), env=os.environ | environment, check=True)
            if in_peace:
                supervisor.wait_for(lambda: False, seconds=SECONDS)
            else:
                _mistreat(supervisor, servers)
            supervisor.wait_for(lambda: False, seconds=REST_SECONDS)
        finally:
            supervisor.stop()
    return Counter(one.person for one in deliveries(ledger) if one.effect)


def _broker(number: int) -> str:
    return broker_url(redis_url().replace("db=0", f"db={number + 4}"))


def _celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", APP, *arguments]


def _handing_over() -> list[str]:
    later = f"countdown=random.uniform({LONGEST_COUNTDOWN / 5}, {LONGEST_COUNTDOWN})"
    code = f"for number in range({TASKS}): send.apply_async((number,), {later})"
    return [sys.executable, "-c", f"import random; from {APP} import send\n{code}"]


def _mistreat(supervisor: Supervisor, servers: Servers) -> None:
    chance = random.Random(TASKS)  # noqa: S311 - who dies
    began = time.monotonic()
    events = [
        (SECONDS * 0.2, servers.flush_redis),
        (SECONDS * 0.5, servers.take_redis_away),
        (SECONDS * 0.7, servers.give_redis_back),
        *(
            (at, lambda: killing.strike(supervisor.children, chance))
            for at in range(2, int(SECONDS), KILL_EVERY)
        ),
    ]
    for at, event in sorted(events, key=lambda each: each[0]):
        supervisor.wait_for(lambda at=at: time.monotonic() - began > at, seconds=SECONDS)  # type: ignore[misc]
        event()
