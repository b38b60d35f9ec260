"""Compare-and-set inside the server: a value is exchanged only while it still is what was judged.

A key keeps its time to live, a list its order, a member its score, a field its own time to live.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import redis

from privacy.scrubbing.link import Link

GONE, SWAPPED, MERGED = 0, 1, 2

# Each: KEYS[1]; ARGV in threes: place, what was judged, what stands instead. Answers a number for each three.
HEAD = """
local done = {}
for at = 1, #ARGV, 3 do
  local place, old, new = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local result = 0
"""
TAIL = """
  done[#done + 1] = result
end
return done
"""
STRING = """
  if redis.pcall('GET', KEYS[1]) == old then
    redis.call('SET', KEYS[1], new, 'KEEPTTL')
    result = 1
  end
"""
# Others push and trim meanwhile: an element that moved is looked for, in a long list nearby.
MOVED = """
local function moved(place, old)
  local length = redis.call('LLEN', KEYS[1])
  if length <= 5000 then return redis.call('LPOS', KEYS[1], old) end
  local from = math.max(place - 100, place < 0 and -length or 0)
  local near = redis.call('LRANGE', KEYS[1], from, math.min(place + 100, place < 0 and -1 or length))
  for at, text in ipairs(near) do
    if text == old then return from + at - 1 end
  end
  return false
end
"""
LIST = """
  if redis.call('TYPE', KEYS[1]).ok == 'list' then
    if redis.call('LINDEX', KEYS[1], place) ~= old then place = moved(tonumber(place), old) end
    if place then
      redis.call('LSET', KEYS[1], place, new)
      result = 1
    end
  end
"""
# HSET takes the time to live of a field away; servers without such times do not know the command.
HASH = """
  if redis.pcall('HGET', KEYS[1], place) == old then
    local until_ = redis.pcall('HPEXPIRETIME', KEYS[1], 'FIELDS', 1, place)
    redis.call('HSET', KEYS[1], place, new)
    if type(until_) == 'table' and not until_.err and tonumber(until_[1]) > 0 then
      redis.call('HPEXPIREAT', KEYS[1], until_[1], 'FIELDS', 1, place)
    end
    result = 1
  end
"""
# The new member comes first: a set that is empty in between would be gone, with its time to live.
SET = """
  if redis.pcall('SISMEMBER', KEYS[1], old) == 1 then
    result = 2 - redis.call('SADD', KEYS[1], new)
    redis.call('SREM', KEYS[1], old)
  end
"""
# Of two members that become one, the higher score stays.
ZSET = """
  local score = redis.pcall('ZSCORE', KEYS[1], old)
  if score and type(score) ~= 'table' then
    local other = redis.call('ZSCORE', KEYS[1], new)
    if not other or tonumber(other) < tonumber(score) then
      redis.call('ZADD', KEYS[1], score, new)
    end
    redis.call('ZREM', KEYS[1], old)
    result = other and 2 or 1
  end
"""
SCRIPTS = {
    name: HEAD + body + TAIL
    for name, body in {"string": STRING, "hash": HASH, "set": SET, "zset": ZSET}.items()
}
SCRIPTS["list"] = MOVED + HEAD + LIST + TAIL
SHAS = {name: hashlib.sha1(script.encode()).hexdigest() for name, script in SCRIPTS.items()}  # noqa: S324
AT_ONCE = 200  # exchanges in one script: the server answers nobody else meanwhile


@dataclass(frozen=True, slots=True)
class Swap:
    """One value of a key: `place` is its index, field or nothing."""

    place: bytes | int
    old: bytes
    new: bytes


def swap(
    link: Link, wanted: Sequence[tuple[str, bytes, list[Swap]]]
) -> list[list[int] | redis.ResponseError]:
    """Exchange values of each (type, key): GONE, SWAPPED or MERGED for each value, or the server's no."""
    calls = [
        (index, ["EVALSHA", SHAS[kind], 1, key, *_arguments(swaps[first : first + AT_ONCE])])
        for index, (kind, key, swaps) in enumerate(wanted)
        for first in range(0, len(swaps), AT_ONCE)
    ]
    replies = link.ask([call for _, call in calls])
    if any(isinstance(reply, redis.exceptions.NoScriptError) for reply in replies):
        for script in SCRIPTS.values():
            link.one("SCRIPT", "LOAD", script)
        # Those that were done answer "gone" now, so only the others are asked again.
        again = [at for at, reply in enumerate(replies) if isinstance(reply, redis.exceptions.NoScriptError)]
        for at, reply in zip(again, link.ask([calls[at][1] for at in again]), strict=True):
            replies[at] = reply
    return _joined(len(wanted), [index for index, _ in calls], replies)


def _arguments(swaps: Sequence[Swap]) -> list[bytes | int]:
    return [part for one in swaps for part in (one.place, one.old, one.new)]


def _joined(count: int, of: list[int], replies: list[Any]) -> list[list[int] | redis.ResponseError]:
    results: list[list[int] | redis.ResponseError] = [[] for _ in range(count)]
    for index, reply in zip(of, replies, strict=True):
        result = results[index]
        if isinstance(reply, redis.ResponseError):
            results[index] = reply
        elif isinstance(result, list):
            result.extend(int(code) for code in reply)
    return results
