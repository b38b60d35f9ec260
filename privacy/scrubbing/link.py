"""Many commands in one round trip to Redis, replies as they come. An error of one command is its reply."""

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from privacy.scrubbing import replies

Command = Sequence[bytes | str | int]
SECONDS = 30  # for one answer; a script over a long stream takes a while
TRIES = 3


def pool(url: str, database: int | None) -> redis.ConnectionPool:
    """Connections to the database that the URL or the number names."""
    connections = redis.ConnectionPool.from_url(
        url,
        socket_timeout=SECONDS,
        socket_connect_timeout=3,
        protocol=2,
        retry=Retry(ExponentialBackoff(cap=1, base=0.05), TRIES),
    )
    if database is not None:
        connections.connection_kwargs["db"] = database
    return connections


class Link:
    """One connection. Reads may be asked again after a lost connection, compare-and-set as well."""

    def __init__(self, url: str, database: int | None = None) -> None:
        self._pool = pool(url, database)
        self._connection: Any = None

    def __enter__(self) -> "Link":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, commands: Iterable[Command | bytes]) -> list[Any]:
        """The replies in order; commands may be packed. Raises redis.RedisError when nobody answers."""
        packed = [command if isinstance(command, bytes) else packet(command) for command in commands]
        for trial in range(TRIES):
            try:
                return self._ask(b"".join(packed), len(packed))
            except (redis.ConnectionError, redis.TimeoutError):
                self.close()
                if trial == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def one(self, *command: bytes | str | int) -> Any:
        """The reply to one command; its error is raised."""
        [reply] = self.ask([command])
        if isinstance(reply, redis.ResponseError):
            raise reply
        return reply

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.disconnect()
            self._connection = None
        self._pool.disconnect()

    def _ask(self, packed: bytes, count: int) -> list[Any]:
        if self._connection is None:
            self._connection = self._pool.make_connection()
            self._connection.connect()
            # Reading must not make a key look used to a server that evicts; older servers do not know it.
            self._ask(packet(("CLIENT", "NO-TOUCH", "ON")), 1)
        # The client connects and signs in; from then on the connection is read here.
        socket = self._connection._sock
        try:
            socket.sendall(packed)
            return replies.read(socket.recv, count)
        except TimeoutError as error:
            raise redis.TimeoutError("Redis did not answer in time") from error
        except OSError as error:
            raise redis.ConnectionError(str(error)) from error


def is_other_type(reply: object) -> bool:
    """Whether the key turned out to be of another type. Any other error is raised: nothing was read."""
    if not isinstance(reply, redis.ResponseError):
        return False
    if str(reply).startswith("WRONGTYPE"):
        return True
    raise reply


def packet(command: Command) -> bytes:
    """A command as it goes over the wire."""
    parts = [b"*%d\r\n" % len(command)]
    for part in command:
        data = part if isinstance(part, bytes) else str(part).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)
