"""Names of hosts to addresses, in bounded time: the system's own look-up cannot be told when to give up."""

import os
import socket
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLong
from ipaddress import ip_address
from threading import Lock, Thread
from time import monotonic

from followups.outbound.addresses import Address

REMEMBERED = 30.0  # seconds; then a receiver that moved is found again
Found = tuple[Address, ...]


class Unresolved(Exception):
    """No address is known for the name, or not in time."""


class Resolver:
    """Look-ups of one process: those of the same name at the same time are one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, tuple[float, Found]] = {}
        self._asked: dict[str, Future[Found]] = {}

    def addresses(self, host: str, *, seconds: float) -> Found:
        """In the system's order of preference. Raises Unresolved."""
        with self._lock:
            until, found = self._known.get(host, (0.0, ()))
            if monotonic() < until:
                return found
            asked = self._asked.get(host) or self._ask(host)
        try:
            return asked.result(seconds)
        except TooLong:
            raise Unresolved("the name was not resolved in time") from None
        except OSError as error:
            raise Unresolved(f"the name was not resolved: {error.strerror or error}") from None

    def _ask(self, host: str) -> "Future[Found]":
        asked = self._asked[host] = Future()
        Thread(target=self._look_up, args=(host, asked), name="resolve", daemon=True).start()
        return asked

    def _look_up(self, host: str, asked: "Future[Found]") -> None:
        try:
            found = looked_up(host)
        except (OSError, ValueError) as error:
            failed = error if isinstance(error, OSError) else OSError(str(error))
            with self._lock:
                del self._asked[host]
            asked.set_exception(failed)
            return
        with self._lock:
            del self._asked[host]
            self._known[host] = (monotonic() + REMEMBERED, found)
        asked.set_result(found)


def looked_up(host: str) -> Found:
    """Asks the system. Raises OSError, and UnicodeError for what cannot be a name."""
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(ip_address(str(where[0])) for *_, where in answers))


resolver = Resolver()


def _in_child() -> None:
    global resolver
    resolver = Resolver()  # threads do not survive a fork


os.register_at_fork(after_in_child=_in_child)
