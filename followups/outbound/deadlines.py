"""An end to conversations with servers that answer a byte at a time: at its deadline a socket is shut.

The timeout of a socket ends the wait for one byte; nothing in the standard library ends them all together.
"""

import heapq
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from threading import Condition, Lock, Thread
from time import monotonic

COARSE = 0.1  # seconds a deadline may pass before it is noticed: one look is for many


class Deadline:
    """When a conversation has to be over. Whoever holds it shows it the socket."""

    def __init__(self, seconds: float) -> None:
        self.at = monotonic() + seconds
        self.passed = False
        self._met = False
        self._lock = Lock()
        self._socket: socket.socket | None = None

    def remaining(self) -> float:
        """Seconds, never quite none: that would mean for ever to a socket."""
        return max(self.at - monotonic(), 0.001)

    def watch(self, connection: socket.socket) -> None:
        """From now on this is what ends."""
        with self._lock:
            self._socket = connection
            if self.passed:
                self._shut()

    def over(self) -> None:
        """In time."""
        with self._lock:
            self._met, self._socket = True, None

    def pass_by(self) -> None:
        """Whoever reads from the socket reads its end."""
        with self._lock:
            if not self._met:
                self.passed = True
                self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                # not that of TLS, which the other thread is in the midst of
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Watch:
    """One thread for all deadlines of a process, started with the first."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._pending: list[tuple[float, int, Deadline]] = []
        self._numbers = count()
        self._thread: Thread | None = None

    def add(self, deadline: Deadline) -> None:
        with self._changed:
            is_next = not self._pending or deadline.at < self._pending[0][0]
            heapq.heappush(self._pending, (deadline.at, next(self._numbers), deadline))
            if self._thread is None:
                self._thread = Thread(target=self._look, name="deadlines", daemon=True)
                self._thread.start()
            elif is_next:
                self._changed.notify()

    def _look(self) -> None:
        while True:
            for deadline in self._passed():
                deadline.pass_by()

    def _passed(self) -> list[Deadline]:
        with self._changed:
            wait = max(self._pending[0][0] - monotonic(), COARSE) if self._pending else None
            self._changed.wait(wait)
            found = []
            while self._pending and self._pending[0][0] <= monotonic():
                found.append(heapq.heappop(self._pending)[2])
            return found


_watch = _Watch()


def _in_child() -> None:
    global _watch
    _watch = _Watch()  # threads do not survive a fork


os.register_at_fork(after_in_child=_in_child)


@contextmanager
def deadline(seconds: float) -> Iterator[Deadline]:
    """Whatever is said over the socket shown to it ends in time."""
    found = Deadline(seconds)
    _watch.add(found)
    try:
        yield found
    finally:
        found.over()
