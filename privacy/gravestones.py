"""Copies of the tombstones outside Postgres: a backup restored there is older than the latest erasures.

A file below VAR_DIR that only grows, and a hash in Redis that all hosts share. Both hold digests alone, each
signed: nobody without a key can make a stone that erases a living lead.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

import orjson
import redis
import structlog
from django.conf import settings

from privacy import digests
from privacy.models import Tombstone

KEY = "privacy:tombstones"
PURPOSE = "tombstone"
PATIENCE_SECONDS = 2.0
PIECE = 1000

log = structlog.get_logger(__name__)


class CopiesAway(Exception):
    """The file or Redis did not take what was to be kept."""


def file() -> Path:
    """Where the file is."""
    return Path(settings.VAR_DIR) / "privacy" / "tombstones.jsonl"


def keep(stones: Iterable[Tombstone]) -> bool:
    """Copy to both; False when one of them could not be written: the nightly task does it again."""
    lines = {f"{stone.name}:{stone.digest}": _line(stone) for stone in stones}
    kept = [_write(copy, lines) for copy in (_to_file, _to_redis)] if lines else []
    return all(kept)


def remembered() -> list[Tombstone]:
    """All that either copy holds. A line that is damaged, or not ours, is counted in the log and left out."""
    stones, damaged = [], 0
    for line in (*_file_lines(), *_redis_lines()):
        stone = _stone(line)
        damaged += stone is None
        stones += [stone] if stone else []
    if damaged:
        log.error("tombstone_copies_damaged", lines=damaged)
    return stones


def complete() -> int:
    """Copy the tombstones of Postgres that a copy lacks; answers how many."""
    stones = {_line(stone): stone for stone in Tombstone.objects.iterator()}
    missing = stones.keys() - (set(_file_lines()) & set(_redis_lines()))
    keep(stones[line] for line in missing)
    return len(missing)


def lines() -> list[str]:
    """Every tombstone that Postgres or a copy holds, as copies hold it: for a copy that is kept elsewhere."""
    stones = [*Tombstone.objects.iterator(), *remembered()]
    return sorted({_line(stone).decode() for stone in stones})


def take_in(copied: Iterable[bytes]) -> int:
    """Copy what was kept elsewhere; answers how many lines were good. Raises CopiesAway."""
    stones = [stone for stone in map(_stone, copied) if stone]
    if not keep(stones) and stones:
        raise CopiesAway("tombstones could not be copied: neither VAR_DIR nor Redis may be missing here")
    return len(stones)


def _write(copy: Callable[[dict[str, bytes]], None], lines: dict[str, bytes]) -> bool:
    try:
        copy(lines)
    except (redis.RedisError, OSError) as error:
        log.warning("tombstones_not_copied", error=str(error))
        return False
    return True


def _to_file(lines: dict[str, bytes]) -> None:
    path = file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        # A first line break ends what a full disk or a crash may have cut off.
        stream.write(b"\n" + b"\n".join(lines.values()) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def _to_redis(lines: dict[str, bytes]) -> None:
    fields = iter(lines.items())
    with closing(_client()) as client:
        while piece := dict(islice(fields, PIECE)):
            client.hset(KEY, mapping=piece)  # type: ignore[arg-type] # bytes are fine


def _file_lines() -> Iterator[bytes]:
    path = file()
    if path.exists():
        with path.open("rb") as stream:
            yield from (line.rstrip(b"\n") for line in stream if line != b"\n")


def _redis_lines() -> Iterator[bytes]:
    try:
        with closing(_client()) as client:
            yield from (line for _, line in client.hscan_iter(KEY, count=PIECE))
    except (redis.RedisError, OSError) as error:
        log.warning("tombstone_copies_not_readable", error=str(error))


def _line(stone: Tombstone) -> bytes:
    told = {
        "name": str(stone.name),
        "digest": stone.digest,
        "erased_at": stone.erased_at.astimezone(UTC),
        "erasure": stone.erasure,
    }
    return orjson.dumps(told | {"seal": digests.sealed(PURPOSE, orjson.dumps(told))})


def _stone(line: bytes) -> Tombstone | None:
    try:
        told = orjson.loads(line)
        seal = told.pop("seal")
        stone = Tombstone(
            name=digests.Name(told["name"]),
            digest=UUID(told["digest"]),
            erased_at=datetime.fromisoformat(told["erased_at"]),
            erasure=UUID(told["erasure"]),
        )
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
        return None
    return stone if digests.is_sealed(seal, PURPOSE, orjson.dumps(told)) else None


def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=None,
    )
