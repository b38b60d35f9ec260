"""The dispatcher: claims what is due, begins as much as can be sent right now, writes down how it ended.

Any number of them work side by side. One that dies leaves leases that end; one that loses Postgres keeps in
memory how its sends ended, until it can be written.
"""

import os
import socket
from collections import Counter
from collections.abc import Callable
from time import monotonic, sleep
from typing import NamedTuple
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection

from followups import beginning, claiming, completing, metrics
from followups.beginning import Begun
from followups.claiming import Claimed, Grip
from followups.clock import Clock
from followups.completing import Completion, Result
from followups.lanes import Lane, Lanes
from followups.preparing import Ready, prepare
from followups.sending import Sends, unsent

THREADS = 128
IN_HAND = 2 * THREADS  # claimed rows that wait for a thread
AT_ONCE = 64  # rows of one claim
FEW = THREADS // 4  # a transaction for fewer is not worth while while others are being sent, for so long:
FEW_SECONDS = 0.05
IDLE_SECONDS = 0.2
RECLAIM_SECONDS = 1.0
AWAY_SECONDS = 0.5  # between two looks for Postgres
GOODBYE_SECONDS = 10.0  # for Postgres to come back when we were asked to end

log = structlog.get_logger(__name__)


def worker_name() -> str:
    """Who has a row in hand."""
    return f"{socket.gethostname()}:{os.getpid()}"[:100]


class _Open(NamedTuple):
    """What is being sent, and since when."""

    ready: Ready
    entered: float


class Dispatcher:
    """Works on one thread, which alone talks to Postgres; others send."""

    def __init__(
        self, *, clock: Clock | None = None, threads: int = THREADS, most: int | None = None
    ) -> None:
        self.ended: Counter[str] = Counter()
        self._clock = clock or Clock()
        self._sends = Sends(threads=threads, now=self._clock.now)
        self._worker = worker_name()
        self._claimed: list[Claimed] = []
        self._sending: dict[Grip, _Open] = {}
        self._lanes = Lanes(threads=threads)
        self._lane_of: dict[UUID, Lane] = {}  # of claimed rows for which their lane had no thread yet
        self._completions: list[Completion] = []
        self._left = most  # sends that may still begin; None: any number
        self._last: dict[str, float] = {}
        self._nothing_due = False

    def run(self, *, ends: Callable[[], bool], stays: bool) -> Counter[str]:
        """Until `ends`; without `stays` also when nothing more is due. Answers how sends ended."""
        try:
            while not ends() and (stays or not self._is_done()):
                self._with_postgres(self._round)
            self._leave()
        finally:
            self._sends.close()
        return self.ended

    def _round(self) -> None:
        self._clock.look()
        if self._is_time("reclaim", RECLAIM_SECONDS):
            metrics.count_reclaimed(claiming.reclaim(now=self._clock.now()))
        if self._is_time("renew", claiming.RENEW_SECONDS):
            self._renew()
        self._claim()
        self._begin()
        self._collect(wait=IDLE_SECONDS)
        self._complete()
        if not (self._claimed or self._sends.open or self._completions):
            sleep(IDLE_SECONDS if self._nothing_due else 0)

    def _claim(self) -> None:
        """A few at a time, which keeps each claim short, until enough are in hand."""
        if self._nothing_due and not self._is_time("claim", IDLE_SECONDS):
            return
        while (most := self._wanted()) > 0:
            found = claiming.claim(worker=self._worker, now=self._clock.now(), most=most)
            self._claimed.extend(found)
            self._nothing_due = len(found) < most
            if self._nothing_due:
                self._last["claim"] = monotonic()
                return

    def _wanted(self) -> int:
        if len(self._claimed) > IN_HAND - AT_ONCE:
            return 0
        return AT_ONCE if self._left is None else min(AT_ONCE, self._left - len(self._claimed))

    def _begin(self) -> None:
        few = self._sends.open and self._sends.room < FEW
        if not self._claimed or not self._sends.room or (few and not self._is_time("few", FEW_SECONDS)):
            return
        self._put_off()
        batch = [one for one in self._claimed if self._may_go(one)][: self._lanes.most]
        if not batch:
            return
        ready, entered = prepare(batch), monotonic()
        going = [one for one in ready if self._enters(one, entered)]
        begun: list[Begun] = []
        try:
            started = beginning.begin(ready=going, now=self._clock.now())
            begun = started.begun
        except (OperationalError, InterfaceError):
            self._take_back(going)  # the commit may have been made before its answer was lost
            raise
        finally:
            self._forget({one.id for one in batch} - self._lane_of.keys())
            self._leave_lanes(going, begun, entered)
        metrics.count_closed(started.closed)
        for one in begun:
            self._sending[one.ready.claimed.id, one.ready.claimed.fence] = _Open(one.ready, entered)
            self._sends.start(one)
        if self._left is not None:
            self._left -= len(begun)

    def _may_go(self, one: Claimed) -> bool:
        lane = self._lane_of.get(one.id)
        return lane is None or self._lanes.admits(lane)

    def _enters(self, one: Ready, now: float) -> bool:
        """What finds its lane full stays in hand."""
        if not self._lanes.admits(one.lane):
            self._lane_of[one.claimed.id] = one.lane
            return False
        self._lane_of.pop(one.claimed.id, None)
        self._lanes.enter(one.lane, now=now)
        return True

    def _leave_lanes(self, entered: list[Ready], begun: list[Begun], at: float) -> None:
        """What was decided not to go now."""
        gone = {one.ready.claimed.id for one in begun}
        for one in entered:
            if one.claimed.id not in gone:
                self._lanes.leave(one.lane, entered=at)

    def _put_off(self) -> None:
        """Who waits for a receiver that is slow makes room for the others."""
        now = monotonic()
        slow = [
            (one, self._lanes.back_in(lane, now=now))
            for one in self._claimed
            if (lane := self._lane_of.get(one.id)) is not None
            and not self._lanes.admits(lane)
            and self._lanes.is_slow(lane, now=now)
        ]
        if slow:
            rows, seconds = zip(*slow, strict=True)
            claiming.put_off(claimed=rows, seconds=seconds, now=self._clock.now())
            self._forget({one.id for one in rows})

    def _forget(self, ids: set[UUID]) -> None:
        self._claimed = [one for one in self._claimed if one.id not in ids]
        for id in ids:
            self._lane_of.pop(id, None)

    def _take_back(self, ready: list[Ready]) -> None:
        at = self._clock.now()
        self._completions += [unsent(one, at=at) for one in ready]

    def _collect(self, *, wait: float) -> None:
        found = self._sends.ended(wait=wait)
        self._completions += found
        for one in found:
            ready, entered = self._sending.pop((one.id, one.fence))
            self._lanes.leave(ready.lane, entered=entered)
            if one.disables and ready.channel is not None:
                ready.channel.disable(ready.target, one.disables)

    def _complete(self) -> None:
        if not self._completions:
            return
        done = completing.complete(completions=self._completions, now=self._clock.now())
        self._completions = done.waiting
        metrics.count_completed(done.written, late=done.late)
        results = Counter(one.result for one in done.written)
        if results.pop(Result.UNSENT, 0):
            self._nothing_due = False
        self.ended.update({result.value: number for result, number in results.items()})
        if done.waiting:
            sleep(0.01)  # somebody writes for those leads

    def _renew(self) -> None:
        mine = [*self._claimed, *(one.ready.claimed for one in self._sending.values())]
        if mine:
            claiming.renew(ids=[one.id for one in mine], fences=[one.fence for one in mine])

    def _is_time(self, chore: str, seconds: float) -> bool:
        now = monotonic()
        if now - self._last.get(chore, float("-inf")) < seconds:
            return False
        self._last[chore] = now
        return True

    def _is_done(self) -> bool:
        busy = self._claimed or self._sends.open or self._completions
        return not busy and (self._nothing_due or self._left == 0)

    def _with_postgres(self, work: Callable[[], None]) -> bool:
        """Whether it could be done; if not, Postgres is looked for anew next time."""
        try:
            work()
        except (OperationalError, InterfaceError) as error:
            log.warning("followups_without_postgres", error=type(error).__name__)
            connection.close()
            sleep(AWAY_SECONDS)
            return False
        return True

    def _leave(self) -> None:
        """Finish what is being sent, give back what is not."""
        deadline = None
        while self._sends.open or self._completions or self._claimed:
            if deadline is None and not self._sends.open:
                deadline = monotonic() + GOODBYE_SECONDS
            if deadline is not None and monotonic() > deadline:
                log.error("followups_left_unwritten", sends=len(self._completions))
                return
            self._with_postgres(self._last_round)

    def _last_round(self) -> None:
        if self._claimed:
            claiming.give_back(claimed=self._claimed, now=self._clock.now())
            self._forget({one.id for one in self._claimed})
        if self._is_time("renew", claiming.RENEW_SECONDS):
            self._renew()
        self._collect(wait=IDLE_SECONDS)
        self._complete()
