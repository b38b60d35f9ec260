"""One run: everything started, killed over and over, left in peace until it is done, and judged."""

import contextlib
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from django.db.models.functions import Now
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from benchmarks.chaos import gathering, journal, killing, population
from benchmarks.chaos.calling import PATIENCE_SECONDS, Caller
from benchmarks.chaos.evidence import Evidence
from benchmarks.chaos.killing import Kill
from benchmarks.chaos.plan import WARM_UP, Plan
from benchmarks.chaos.servers import Servers
from benchmarks.chaos.traffic import Traffic
from benchmarks.ports import free_port
from benchmarks.product import Product
from customerops import house
from customerops.console import Console
from customerops.supervisor import Program, Supervisor
from followups.models import FollowUp, Status
from modeling import fleet

READY_SECONDS = 90.0
LOOK_SECONDS = 0.5
LONGEST_CALL = 2 * PATIENCE_SECONDS
DISPATCHERS = 2
GOODBYE_SECONDS = 1.0  # everything is known by then


class NotReadyError(Exception):
    """The product did not start; the log of its programs says why."""


class Run:
    """Holds what one run needs while it lasts. For the main thread: the supervisor lives there."""

    def __init__(self, plan: Plan, product: Product, log: TextIO) -> None:
        self._plan, self._product = plan, product
        self._http_port = free_port()
        self._ledger = product.folder / "sinks.jsonl"
        self._servers = Servers(product.folder)
        self._supervisor = Supervisor(Console(out=log, raw=True), chores=self._servers.keep)
        self._chance = random.Random(plan.seed)  # noqa: S311 - who dies
        self.kills: list[Kill] = []

    def evidence(self) -> Evidence:
        """Do it all."""
        step = self._supervisor.console.step
        with self._supervisor.signals(), self._started():
            with step("people have moved in"):
                racers = population.move_in(self._plan, began=time.time())
            traffic = Traffic(self._plan, self._caller(), racers)
            traffic.start()
            with step("the killing is over"):
                self._kill_until(time.time() + self._plan.seconds)
            traffic.stop()
            with step("everything has come to an end"):
                self._supervisor.wait_for(lambda: not traffic.goes_on, seconds=LONGEST_CALL)
                self._settle(traffic)
            waiting = (population.person_of(n, self._plan) for n in range(self._plan.due + self._plan.racers))
            found = gathering.gathered(
                ledger=self._ledger, kills=self.kills, traffic=traffic, waiting=waiting
            )
            return replace(found, longest_recovery=self._plan.recovery)

    @contextlib.contextmanager
    def _started(self) -> Iterator[None]:
        journal.keep()
        population.set_up(http_port=self._http_port, now=datetime.now(UTC))
        _hurry_beat()
        connections.close_all()
        try:
            for program in programs(self._sinks()):
                self._supervisor.start(program)
            with self._supervisor.console.step("the product runs"):
                if not self._supervisor.wait_for(_is_ready, seconds=READY_SECONDS):
                    raise NotReadyError(f"the product did not start in {READY_SECONDS:.0f} s")
            yield
        finally:
            self._supervisor.stop()

    def _sinks(self) -> Program:
        return sinks(
            self._ledger,
            http_port=self._http_port,
            smtp_port=settings.EMAIL_PORT,
            moody=self._plan.moody,
        )

    def _caller(self) -> Caller:
        return Caller(settings.PORT, self._product.key)

    def _kill_until(self, end: float) -> None:
        began = end - self._plan.seconds
        strikes = began + WARM_UP
        disasters = self._disasters(began)
        while time.time() < end:
            if disasters and time.time() >= disasters[0][0]:
                disasters.pop(0)[1]()
            if time.time() >= strikes:
                if kill := killing.strike(self._supervisor.children, self._chance):
                    self.kills.append(kill)
                strikes += self._plan.kill_every
            self._supervisor.pump()

    def _disasters(self, began: float) -> list[tuple[float, Callable[[], None]]]:
        plan, servers = self._plan, self._servers
        return [
            (began + plan.flush_at, servers.flush_redis),
            (began + plan.crash_at, lambda: self.kills.append(servers.crash_postgres())),
            (began + plan.redis_gone_at, servers.take_redis_away),
            (began + plan.redis_back_at, servers.give_redis_back),
        ]

    def _settle(self, traffic: Traffic) -> None:
        """Nobody is killed any more; what is left gets some time."""
        looked = 0.0

        def is_done() -> bool:
            nonlocal looked
            if time.monotonic() - looked < LOOK_SECONDS:
                return False
            looked = time.monotonic()
            return not _left_to_do()

        self._servers.give_redis_back()
        self._supervisor.wait_for(is_done, seconds=self._plan.settle)
        for _ in range(10):  # the web may just be starting again
            if page := self._caller().get("/metrics"):
                traffic.scrapes.add(page)
                return
            self._supervisor.wait_for(lambda: False, seconds=0.5)


def programs(sinks: Program) -> list[Program]:
    """The product as `manage.py up` runs it, without what learns; the dispatchers; and the sinks."""
    ours = {program.name: program for program in house.programs()}
    dispatcher = ours["dispatcher"]
    named = [ours[name] for name in ("web", "worker", "beat")]
    named += [replace(dispatcher, name=f"dispatcher {number}") for number in range(1, DISPATCHERS + 1)]
    talkative = {"LOG_LEVEL": "INFO"}
    return [
        sinks,
        *(
            replace(program, environment={**program.environment, **talkative}, patience=GOODBYE_SECONDS)
            for program in named
        ),
    ]


def sinks(ledger: Path, *, http_port: int, smtp_port: int, moody: float = 0.0) -> Program:
    """The receivers; nobody kills them."""
    command = [sys.executable, "-m", "benchmarks.chaos.sinks", "--ledger", str(ledger), "--moody", str(moody)]
    return Program("sinks", [*command, "--http", str(http_port), "--smtp", str(smtp_port)], 0)


def _hurry_beat() -> None:
    """Celery takes part all the time, not once a minute: changed as a person would in the admin."""
    each_second, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.SECONDS)
    task = PeriodicTask.objects.get(task="followups.tasks.send_due")
    task.interval = each_second
    task.save()


def _is_ready() -> bool:
    roles = list(fleet.alive().values_list("role", flat=True))
    return roles.count("web") >= 2 and roles.count("worker") >= 2


def _left_to_do() -> int:
    """How many steps have not ended. What would be tried again in minutes or hours is due now instead."""
    try:
        FollowUp.objects.filter(status=Status.PENDING, due_at__gt=Now()).update(due_at=Now())
        return FollowUp.objects.filter(status__in=[Status.PENDING, Status.CLAIMED, Status.SENDING]).count()
    except (DatabaseError, InterfaceError):
        connections.close_all()
        return 1
