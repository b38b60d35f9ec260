"""Replies of Redis (RESP 2) as they come over the wire, thousands at once.

The client's own parser takes as long for a reply as judging the text in it does.
"""

from collections.abc import Callable
from typing import Any

import redis
from redis.exceptions import NoScriptError

CHUNK = 262_144  # bytes asked of the socket
BULK, ARRAY, NUMBER, LINE, ERROR = b"$*:+-"


class Incomplete(Exception):
    """More of the reply has to come."""


def read(receive: Callable[[int], bytes], count: int) -> list[Any]:
    """So many replies; an error is a reply of its own. Raises redis.ConnectionError when the stream ends."""
    data, at, missing = b"", 0, CHUNK
    found: list[Any] = []
    while len(found) < count:
        try:
            while len(found) < count:
                reply, at = parsed(data, at)
                found.append(reply)
        except Incomplete:
            data, at = data[at:] + _received(receive, missing), 0
            # What is long is not looked at again for each small piece of it.
            missing = max(CHUNK, len(data))
    return found


def _received(receive: Callable[[int], bytes], wanted: int) -> bytes:
    pieces = [receive(CHUNK)]
    got = len(pieces[0])
    while pieces[-1] and wanted > CHUNK and len(pieces[-1]) == CHUNK and got < wanted:
        pieces.append(receive(CHUNK))
        got += len(pieces[-1])
    if not pieces[-1]:
        raise redis.ConnectionError("Redis closed the connection")
    return b"".join(pieces)


def parsed(data: bytes, at: int) -> tuple[Any, int]:
    """The reply that begins at `at`, and where the next one begins."""
    end = data.find(b"\r\n", at)
    if end < 0:
        raise Incomplete
    kind, after = data[at], end + 2
    if kind == BULK:
        stop = after + int(data[at + 1 : end])
        if stop < after:
            return None, after
        if len(data) < stop + 2:
            raise Incomplete
        return data[after:stop], stop + 2
    if kind == ARRAY:
        return _array(data, int(data[at + 1 : end]), after)
    if kind == NUMBER:
        return int(data[at + 1 : end]), after
    if kind == LINE:
        return data[at + 1 : end], after
    if kind == ERROR:
        return _error(data[at + 1 : end].decode(errors="replace")), after
    raise redis.ConnectionError("Redis answered in a protocol that was not asked for")


def _array(data: bytes, count: int, at: int) -> tuple[list[Any] | None, int]:
    if count < 0:
        return None, at
    found = []
    for _ in range(count):
        one, at = parsed(data, at)
        found.append(one)
    return found, at


def _error(text: str) -> redis.ResponseError:
    return NoScriptError(text) if text.startswith("NOSCRIPT") else redis.ResponseError(text)
