"""Sends, side by side in threads that never touch the database; each ends as a Completion."""

import random
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any

import structlog

from followups.beginning import Begun
from followups.channels.base import Channel, NoAnswer, NotNow, Undeliverable
from followups.completing import Completion, Result
from followups.models import Reason
from followups.preparing import BROKE, Ready, storable
from leads.conversation import Told
from privacy.keeping import kept
from privacy.kinds import Surface

JITTER = 0.2  # of a delay, so that what failed together does not come back together
LONGEST_WAIT = timedelta(days=3)  # by then it is too late in any case
LONGEST_DETAIL, LONGEST_RECEIPT = 300, 200  # as their columns
_STATUS = re.compile(r"HTTP \d{3}")  # all that most receivers say: nobody's words, so nothing to look for

log = structlog.get_logger(__name__)


class Sends:
    """What is being sent. `now` is read by all threads."""

    def __init__(self, *, threads: int, now: Callable[[], datetime]) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="followup")
        self._now = now
        self._ended: SimpleQueue[Future[Completion]] = SimpleQueue()
        self._threads = threads
        self.open = 0

    @property
    def room(self) -> int:
        """How many more can be sent right now."""
        return self._threads - self.open

    def start(self, begun: Begun) -> None:
        """Send it, now."""
        self.open += 1
        self._pool.submit(attempted, begun, now=self._now).add_done_callback(self._ended.put)

    def ended(self, *, wait: float) -> list[Completion]:
        """Those that ended since the last call; waits for a first one, if any is open."""
        found: list[Future[Completion]] = []
        try:
            if self.open:
                found.append(self._ended.get(timeout=wait))
            while True:
                found.append(self._ended.get_nowait())
        except Empty:
            self.open -= len(found)
        return [future.result() for future in found]

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=True)


def attempted(begun: Begun, *, now: Callable[[], datetime]) -> Completion:
    """Hand a message over, and say how that ended."""
    return replace(_attempted(begun.ready, now), counted_on=begun.counted_on)


def _attempted(ready: Ready, now: Callable[[], datetime]) -> Completion:
    if ready.channel is None or ready.message is None or ready.fault is not None:
        return _failed(ready, ready.fault or Undeliverable("not prepared", reason=Reason.UNSENDABLE), now())
    try:
        receipt = ready.channel.deliver(ready.message, ready.target)
    except (Undeliverable, NotNow) as fault:
        return _failed(ready, fault, now())
    except NoAnswer as unknown:
        return _unanswered(ready, str(unknown), now())
    except Exception as error:  # a channel may fail in any way, and nobody knows how far it was
        log.error("followup_channel_broke", channel=ready.channel_name, error=type(error).__name__)
        return _unanswered(ready, BROKE, now())
    at = now()
    return _end(
        ready, Result.SENT, at, receipt=_safe(receipt, ready)[:LONGEST_RECEIPT], said=_said(ready, at)
    )  # fmt: skip


def unsent(ready: Ready, *, at: datetime) -> Completion:
    """It was never begun, though nobody knows whether its row says so."""
    return _end(ready, Result.UNSENT, at, reason=ready.reason, due_at=at)


def _failed(ready: Ready, fault: Undeliverable | NotNow, at: datetime) -> Completion:
    detail = _safe(str(fault), ready)
    if isinstance(fault, Undeliverable):
        disables = str(fault) if fault.disables else ""
        return _end(ready, Result.FAILED, at, reason=fault.reason, detail=detail, disables=disables)
    due_at = _again(ready, at, after=fault.after)
    if due_at is None:
        return _end(ready, Result.FAILED, at, reason=Reason.UNREACHABLE, detail=detail)
    return _end(ready, Result.RETRY, at, reason=Reason.RETRY, detail=detail, due_at=due_at)


def _unanswered(ready: Ready, told: str, at: datetime) -> Completion:
    detail = _safe(told, ready)
    due_at = _again(ready, at) if ready.repeatable else None
    if due_at is None:
        return _end(ready, Result.IN_DOUBT, at, reason=Reason.NO_ANSWER, detail=detail)
    return _end(ready, Result.RETRY, at, reason=Reason.NO_ANSWER, detail=detail, due_at=due_at)


def _again(ready: Ready, at: datetime, after: timedelta | None = None) -> datetime | None:
    """When to try again; None when it was tried often enough."""
    channel, attempt = ready.channel, ready.attempt
    retries: Sequence[timedelta] = channel.retries if channel else Channel.retries
    if attempt > len(retries):
        return None
    delay = retries[attempt - 1] * (1 + random.uniform(0, JITTER))  # noqa: S311 - no secret
    return at + max(delay, min(after or timedelta(0), LONGEST_WAIT))


def _end(ready: Ready, result: Result, at: datetime, **told: Any) -> Completion:
    return Completion(
        id=ready.claimed.id, fence=ready.claimed.fence, lead_id=ready.claimed.lead_id,
        channel=ready.channel_name, result=result, at=at, unsure=ready.unsure, **told,
    )  # fmt: skip


def _said(ready: Ready, at: datetime) -> Told | None:
    """What was sent, as the conversation may keep it; nothing rather than to forget that it was sent."""
    try:
        return ready.told(at)
    except Exception as error:
        log.error("followup_text_not_kept", channel=ready.channel_name, error=type(error).__name__)
        return None


def _safe(told: object, ready: Ready) -> str:
    """What may be stored of what a receiver or an error says; nothing of what cannot be read."""
    try:
        text = storable(str(told))[: 10 * LONGEST_DETAIL]
        if _STATUS.fullmatch(text):
            return text
        return kept(text, surface=Surface.FOLLOWUP_DETAIL, person=ready.contact)[:LONGEST_DETAIL]
    except Exception as error:
        log.error("followup_answer_not_kept", channel=ready.channel_name, error=type(error).__name__)
        return ""
