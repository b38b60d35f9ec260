"""Processes that scrub batches of keys side by side: judging texts is work for the processor.

Answers come back in the order of the batches, so that what came before an answer is done.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from types import TracebackType

import redis

from privacy import lexicon
from privacy.scrubbing.keyspace import Scrubber
from privacy.scrubbing.link import Link
from privacy.scrubbing.tally import Tally
from privacy.scrubbing.values import Judge

AHEAD = 2  # batches that one process has before it
ORPHAN_SECONDS = 1.0


class CrewLost(Exception):
    """A process of the crew ended before its work."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Keys, and the cursor that SCAN gave with the last of them."""

    cursor: str
    keys: list[bytes]


@dataclass(frozen=True, slots=True)
class Order:
    """Where Redis is, whether it may be written to, and whose phone numbers need no prefix."""

    url: str
    database: int | None
    write: bool
    region: str = "US"


class Crew:
    """`with Crew(order, processes=2) as crew: for batch, tally in crew.scrub(batches): …`"""

    def __init__(self, order: Order, *, processes: int) -> None:
        self.order = order
        self.processes = processes
        self._links: list[Connection] = []
        self._started: list[multiprocessing.process.BaseProcess] = []

    def __enter__(self) -> "Crew":
        lexicon.load()  # once, before the fork
        if self.processes > 1:
            forking = multiprocessing.get_context("fork")
            for _ in range(self.processes):
                ours, theirs = forking.Pipe()
                worker = forking.Process(
                    target=_work, args=(theirs, [*self._links, ours], self.order, os.getpid()), daemon=True
                )
                worker.start()
                theirs.close()
                self._links.append(ours)
                self._started.append(worker)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for link in self._links:
            link.close()
        for worker in self._started:
            worker.join(timeout=0 if error else 2)
            if worker.is_alive():
                worker.terminate()
                worker.join()

    def scrub(self, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Tally]]:
        """Scrub every batch; raises redis.RedisError or CrewLost."""
        return self._apart(batches) if self._links else self._here(batches)

    def _here(self, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Tally]]:
        with Link(self.order.url, self.order.database) as link:
            scrubber = Scrubber(link, Judge(region=self.order.region), write=self.order.write)
            for batch in batches:
                yield batch, scrubber.scrub(batch.keys)

    def _apart(self, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Tally]]:
        waiting: deque[tuple[int, Batch]] = deque()
        done: dict[int, Tally] = {}
        load = dict.fromkeys(self._links, 0)
        more = iter(batches)
        number, exhausted = 0, False
        while waiting or not exhausted:
            link = min(load, key=load.__getitem__)
            if not exhausted and load[link] < AHEAD and len(waiting) < 4 * AHEAD * len(load):
                batch = next(more, None)
                if batch is None:
                    exhausted = True
                    continue
                waiting.append((number, batch))
                self._give(link, number, batch)
                load[link] += 1
                number += 1
                continue
            for ready in wait(self._links):
                index, tally = self._taken(ready)
                load[ready] -= 1  # type: ignore[index]
                done[index] = tally
            while waiting and waiting[0][0] in done:
                index, batch = waiting.popleft()
                yield batch, done.pop(index)

    def _give(self, link: Connection, number: int, batch: Batch) -> None:
        try:
            link.send((number, batch.keys))
        except OSError as error:
            raise CrewLost("a process of the scrub ended") from error

    def _taken(self, link: object) -> tuple[int, Tally]:
        assert isinstance(link, Connection)  # noqa: S101 - for the type checker
        try:
            index, tally = link.recv()
        except (EOFError, OSError) as error:
            raise CrewLost("a process of the scrub ended") from error
        if isinstance(tally, str):
            raise redis.RedisError(tally)
        return index, tally


def _work(link: Connection, inherited: list[Connection], order: Order, parent: int) -> None:
    """One process: scrub what is sent until nothing more comes or the sender is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the sender hears it and ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in inherited:
        other.close()
    with Link(order.url, order.database) as redis_link:
        scrubber = Scrubber(redis_link, Judge(region=order.region), write=order.write)
        while os.getppid() == parent:
            if not link.poll(ORPHAN_SECONDS):
                continue
            try:
                number, keys = link.recv()
            except (EOFError, OSError):
                return
            link.send(_answer(scrubber, number, keys))


def _answer(scrubber: Scrubber, number: int, keys: list[bytes]) -> tuple[int, Tally | str]:
    try:
        return number, scrubber.scrub(keys)
    except redis.RedisError as error:
        return number, str(error)
