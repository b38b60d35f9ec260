"""POST to a receiver: to the address that was checked and to no other, in bounded time, following nothing."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import local
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from followups.outbound import resolving
from followups.outbound.addresses import Address, Inside, is_public
from followups.outbound.deadlines import Deadline, deadline
from followups.outbound.endpoints import Endpoint

SECONDS = 20.0  # for all of it; the standard advises 15 to 30
CONNECT_SECONDS = 5.0  # for each address
MOST_TRIED = 3  # addresses of a name
MOST_READ = 16_384  # bytes of an answer
MOST_HOSTS, MOST_KEPT = 200, 64  # receivers with open connections, and connections of each


class NotSent(Exception):
    """Nothing was handed over."""


class Unanswered(Exception):
    """It was handed over, at least in part, and no status came back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered; of its body the beginning. Names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Exchange(local):
    """What this thread is about; `begun` once there is a connection that may carry the request."""

    deadline: Deadline | None = None
    begun = False

    def carried_by(self, connection: Any) -> None:
        if self.deadline is not None and connection.sock is not None:
            self.begun = True
            self.deadline.watch(connection.sock)


_exchange = _Exchange()


class _Watched:
    """Shows the socket to the deadline: a new one, and one that was kept."""

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        _exchange.carried_by(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _exchange.carried_by(self)
        super().request(*args, **kwargs)  # type: ignore[misc]


class _Http(_Watched, HTTPConnection):
    pass


class _Https(_Watched, HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


def _new_manager() -> urllib3.PoolManager:
    """Proxies of the environment are not asked: they would connect where they like."""
    found = urllib3.PoolManager(
        num_pools=MOST_HOSTS, maxsize=MOST_KEPT, ssl_context=_context(), retries=False
    )
    found.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
    return found


@cache
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()  # reads all certificates of the system


_kept = cache(_new_manager)


def post(
    endpoint: Endpoint,
    *,
    body: bytes,
    headers: Mapping[str, str],
    inside: Inside,
    keep: bool = True,
    seconds: float = SECONDS,
) -> Answer:
    """Hand it over. Without `keep` over a connection of its own, which no server can have closed meanwhile.

    Only addresses `inside` may be private, or reached without TLS. Raises NotSent and Unanswered.
    """
    sent = {**headers, "Host": endpoint.authority, "Connection": "keep-alive" if keep else "close"}
    failed = NotSent("there is no address to send to")
    with deadline(seconds) as until, _connections(keep) as manager:
        for address in reachable(endpoint, inside, until)[:MOST_TRIED]:
            try:
                return _exchanged(endpoint, address, body, sent, manager, until)
            except NotSent as error:
                failed = error
        raise failed


@contextmanager
def _connections(keep: bool) -> Iterator[urllib3.PoolManager]:
    manager = _kept() if keep else _new_manager()
    try:
        yield manager
    finally:
        if not keep:
            manager.clear()


def reachable(endpoint: Endpoint, inside: Inside, until: Deadline) -> list[Address]:
    """The addresses of the host that may be connected to. Raises NotSent when none may."""
    try:
        found = resolving.resolver.addresses(endpoint.host, seconds=min(CONNECT_SECONDS, until.remaining()))
    except resolving.Unresolved as error:
        raise NotSent(str(error)) from error
    allowed = [
        address
        for address in found
        if inside.holds(endpoint.host, address) or (endpoint.scheme == "https" and is_public(address))
    ]
    if not allowed:
        raise NotSent("its address is in a private network, or may be reached by https only")
    return allowed


def _exchanged(
    endpoint: Endpoint,
    address: Address,
    body: bytes,
    headers: Mapping[str, str],
    manager: urllib3.PoolManager,
    until: Deadline,
) -> Answer:
    named = {"server_hostname": endpoint.host} if endpoint.scheme == "https" else {}
    pool = manager.connection_from_host(str(address), endpoint.port, endpoint.scheme, named)
    _exchange.deadline, _exchange.begun = until, False
    left = until.remaining()
    timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=left)
    try:
        response = pool.urlopen(
            "POST", endpoint.path, body, headers, redirect=False, assert_same_host=False, timeout=timeout,
            preload_content=False, decode_content=False, retries=False,
        )  # fmt: skip
    except HTTPError as error:
        what = "it took too long" if until.passed else "the connection ended before an answer came"
        raise Unanswered(what) if _exchange.begun else NotSent(_told(error)) from error
    finally:
        _exchange.deadline = None
    return _read(response)


def _read(response: urllib3.BaseHTTPResponse) -> Answer:
    """Once there is a status the rest may fail."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    try:
        body = response.read(MOST_READ + 1)
    except (HTTPError, OSError):
        body = b""
        response.close()
    if len(body) > MOST_READ:
        response.close()  # and the connection with it, over which more would come that nobody wants to read
    response.release_conn()
    return Answer(response.status, headers, body[:MOST_READ])


def _told(error: HTTPError) -> str:
    """What kept us from connecting, without the address."""
    cause = error.__cause__ or error.__context__ or error
    said = getattr(cause, "verify_message", None) or getattr(cause, "strerror", None)
    return f"no connection: {said}" if said else "no connection"
