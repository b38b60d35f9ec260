"""Conversation memory: for each lead a window of redacted turns in Redis. The only writer of `mem:*`.

Postgres is the record and the window is made from it, so a window may be lost, late or flushed: whoever sees
that it does not end where the record ends fills it again. `mem:<lead id>` is a list of JSON objects, oldest
first, `{"position", "role", "at", "text", "detector"}`; it is capped and expires.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any
from uuid import UUID

import orjson
import redis
import structlog
from django.conf import settings

PATIENCE_SECONDS = 0.5
RETRY_SECONDS = 2.0  # while Redis is away nobody waits for it but one caller each so often
FORGOTTEN_SECONDS = 3600  # longer than any writer that read the record before it was erased may take
MARK = "memory:caught_up_to"

log = structlog.get_logger(__name__)


class MemoryAway(Exception):
    """Redis cannot be reached; the record has everything."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One redacted turn. `detector` is the version of the recognizers that redacted it."""

    position: int
    role: str
    at: datetime
    text: str
    detector: int


# KEYS: window, mark of an erased lead. ARGV: position of the first turn, turns to keep, when it expires
# (unix ms), the moment before which turns are too old, turns.
# What stands under the name of a window and is none, or cannot be read, is worth nothing: the record has it.
_BEGINS = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 1 end
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'list' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
local function turn(text)
  local is_json, found = pcall(cjson.decode, text)
  if is_json and type(found) == 'table' and type(found.position) == 'number' then return found end
end
local newest = redis.call('LINDEX', KEYS[1], -1)
local read = newest and turn(newest)
local last = read and read.position or 0
local first, ends = tonumber(ARGV[1]), tonumber(ARGV[1]) + #ARGV - 5
local expires = math.max(tonumber(ARGV[3]), redis.call('PEXPIRETIME', KEYS[1]))
"""
_ENDS = """
redis.call('RPUSH', KEYS[1], unpack(ARGV, 5))
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
local oldest = redis.call('LINDEX', KEYS[1], 0)
while oldest do
  local read = turn(oldest)
  if read and type(read.at) == 'string' and read.at >= ARGV[4] then break end
  redis.call('LPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], 0)
end
redis.call('PEXPIREAT', KEYS[1], expires)
return 1
"""
# Answers 1 when the window ends with these turns or later ones, 0 when turns before them are missing.
_APPEND = f"""{_BEGINS}
if last >= ends then return 1 end
if last + 1 ~= first then return 0 end
{_ENDS}"""
# Replaces the window, unless it ends later than the record did when it was read.
_FILL = f"""{_BEGINS}
if last > ends then return 0 end
redis.call('DEL', KEYS[1])
{_ENDS}"""


def key_of(lead: UUID | str) -> str:
    """By lead id, never by anything personal."""
    return f"mem:{lead}"


def oldest_kept(*, now: datetime) -> datetime:
    """Turns before this moment have left every window."""
    return now - timedelta(hours=settings.MEMORY_HOURS)


def append(*, lead: UUID, turns: Sequence[Turn], now: datetime) -> bool:
    """Add the newest turns; False when the window lacks turns before them and has to be filled.

    Raises MemoryAway.
    """
    return bool(_run(_APPEND, lead, turns, now))


def fill(*, lead: UUID, turns: Sequence[Turn], now: datetime) -> None:
    """Make the window anew from the record's newest turns. Raises MemoryAway."""
    _run(_FILL, lead, turns, now)


def read(*, lead: UUID, now: datetime) -> list[Turn]:
    """The window, oldest first; empty when there is none. Raises MemoryAway."""
    found = _asked(lambda store: store.lrange(key_of(lead), 0, -1), broken=[])
    turns = [_parsed(text) for text in found]
    return [turn for turn in turns if turn is not None and turn.at >= oldest_kept(now=now)]


def ends(*, leads: Sequence[UUID]) -> dict[UUID, int]:
    """The position each window ends with, 0 without one. Raises MemoryAway."""

    def newest(store: redis.Redis) -> list[Any]:
        pipeline = store.pipeline(transaction=False)
        for lead in leads:
            pipeline.lindex(key_of(lead), -1)
        return pipeline.execute(raise_on_error=False)

    found = [_parsed(text) if isinstance(text, bytes) else None for text in _asked(newest)]
    return {lead: turn.position if turn else 0 for lead, turn in zip(leads, found, strict=True)}


def forget(*, leads: Sequence[UUID]) -> int:
    """Delete the windows of erased leads, and keep late writers from making them again. Answers how many.

    Raises MemoryAway: then nothing is certain, and whoever erases has to come back.
    """

    def erase(store: redis.Redis) -> list[Any]:
        pipeline = store.pipeline(transaction=True)
        for lead in leads:
            pipeline.set(_gone(lead), b"", ex=FORGOTTEN_SECONDS)
            pipeline.delete(key_of(lead))
        return pipeline.execute()

    return sum(_asked(erase)[1::2]) if leads else 0


def remembered() -> list[UUID]:
    """Every lead that has a window. Raises MemoryAway."""
    keys = _asked(lambda store: list(store.scan_iter(match=key_of("*"), count=1000)))
    return [lead for key in keys if (lead := _lead_of(key)) is not None]


def caught_up_to() -> datetime | None:
    """Up to when windows were compared with the record; None after Redis lost its data. Raises MemoryAway."""
    text = _asked(lambda store: store.get(MARK))
    return datetime.fromisoformat(text.decode()) if text else None


def mark_caught_up(*, to: datetime) -> None:
    """Raises MemoryAway."""
    _asked(lambda store: store.set(MARK, to.isoformat()))


def _lead_of(key: bytes) -> UUID | None:
    try:
        return UUID(key.decode().removeprefix(key_of("")))
    except ValueError:  # whoever wrote this key, it was not us
        return None


def _gone(lead: UUID) -> str:
    return f"memory:forgotten:{lead}"


def _run(script: str, lead: UUID, turns: Sequence[Turn], now: datetime) -> Any:
    lasting = timedelta(hours=settings.MEMORY_HOURS)
    kept = turns[-settings.MEMORY_TURNS :]
    expires = int((max(turn.at for turn in kept) + lasting).timestamp() * 1000)
    arguments = [kept[0].position, settings.MEMORY_TURNS, expires, _text(now - lasting)]
    texts = [orjson.dumps(asdict(turn) | {"at": _text(turn.at)}) for turn in kept]
    return _asked(
        lambda store: store.register_script(script)(
            keys=[key_of(lead), _gone(lead)], args=[*arguments, *texts], client=store
        )
    )


def _text(moment: datetime) -> str:
    """In one form for all, so that texts compare as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _parsed(text: bytes) -> Turn | None:
    """None for what is no turn: somebody else wrote it."""
    try:
        turn = orjson.loads(text)
        return Turn(**turn | {"at": datetime.fromisoformat(turn["at"])})
    except (ValueError, TypeError, KeyError):
        return None


@cache
def _store() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=None,
    )


_away_until = 0.0
_telling = Lock()


def _asked(question: Any, *, broken: Any = None) -> Any:
    """The answer of Redis. For RETRY_SECONDS after it failed nobody asks, so nobody waits in a row.

    `broken` is the answer when the key is of another type.
    """
    global _away_until
    if monotonic() < _away_until:
        raise MemoryAway("Redis did not answer a moment ago")
    try:
        return question(_store())
    except redis.ResponseError as error:
        if broken is None or not str(error).startswith("WRONGTYPE"):
            raise MemoryAway(str(error)) from error  # this question's fault: others may ask
        return broken
    except (redis.RedisError, OSError) as error:
        with _telling:
            told, _away_until = monotonic() < _away_until, monotonic() + RETRY_SECONDS
        if not told:  # threads that waited beside each other tell it once
            log.warning("memory_away", error=str(error))
        raise MemoryAway(str(error)) from error
