"""Streams: an entry cannot be changed in place, so a stream with something personal is built anew beside it.

The copy has the same ids, consumer groups and pending entries, and takes the place of the stream in one step,
only if everything that the stream holds by then is in the copy.
"""

from collections import Counter
from typing import Any

import redis

from privacy.scrubbing import names, reading
from privacy.scrubbing.link import Command, Link, is_other_type
from privacy.scrubbing.tally import Problem, Tally
from privacy.scrubbing.texts import CLEAN
from privacy.scrubbing.values import Judge

COPY = b"scrub:copy:"
COPY_SECONDS = 3600  # a copy that was abandoned goes by itself
TRIES = 5  # copies made of one stream whose entries are deleted meanwhile
ROUNDS = 200  # slices caught up with in one try
PENDING = 10_000  # entries pending in one group: they are claimed anew within one step of the server
BUSY, DONE, BEHIND = 0, 1, 2

# KEYS: stream, copy; ARGV: the id up to which was copied. Everything else is read here, at one moment.
REPLACE = """
local stream, copy = KEYS[1], KEYS[2]
local function fields(list)
  local found = {}
  for at = 1, #list, 2 do found[list[at]] = list[at + 1] end
  return found
end
if redis.call('TYPE', stream).ok ~= 'stream' then return 0 end
local about = fields(redis.call('XINFO', 'STREAM', stream))
if #redis.call('XRANGE', stream, '(' .. ARGV[1], '+', 'COUNT', 1) > 0 then return 2 end
if about['length'] == 0 then return 0 end
redis.call('XTRIM', copy, 'MINID', '=', about['first-entry'][1])
if redis.call('XLEN', copy) ~= about['length'] then return 0 end
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local groups = redis.call('XINFO', 'GROUPS', stream)
for _, each in ipairs(groups) do
  if fields(each)['pending'] > tonumber(ARGV[2]) then return 0 end
end
redis.call('XSETID', copy, about['last-generated-id'], 'ENTRIESADDED', about['entries-added'],
  'MAXDELETEDID', about['max-deleted-entry-id'])
for _, each in ipairs(groups) do
  local group = fields(each)
  local read = group['entries-read']
  redis.call('XGROUP', 'CREATE', copy, group['name'], group['last-delivered-id'], 'ENTRIESREAD', read or -1)
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group['name'])) do
    redis.call('XGROUP', 'CREATECONSUMER', copy, group['name'], fields(consumer)['name'])
  end
  if group['pending'] > 0 then
    for _, entry in ipairs(redis.call('XPENDING', stream, group['name'], '-', '+', group['pending'])) do
      redis.call('XCLAIM', copy, group['name'], entry[2], 0, entry[1], 'TIME', now - entry[3],
        'RETRYCOUNT', entry[4], 'FORCE', 'JUSTID')
    end
  end
end
local ends = redis.call('PEXPIRETIME', stream)
if ends > 0 then redis.call('PEXPIREAT', copy, ends) else redis.call('PERSIST', copy) end
redis.call('RENAME', copy, stream)
return 1
"""


def scrub(link: Link, key: bytes, judge: Judge, *, write: bool) -> Tally:
    """Look at every entry; build the stream anew if something was found and may be written."""
    tally = Tally()
    after = b"-"
    while reply := _slice(link, key, after):
        for number, fields in reading.entries(reply):
            _judged(fields, judge, tally, key)
            after = b"(" + number
    if not (tally.changed and write):
        return tally
    try:
        problem = None if _replaced(link, key, judge) else Problem.BUSY
    except redis.ResponseError:
        problem = Problem.REFUSED
    if problem is not None:
        link.ask([("DEL", COPY + key)])
        tally.problems[problem] += tally.changed
        tally.changed = tally.withheld = 0
        tally.kinds = Counter()
    return tally


def _slice(link: Link, key: bytes, after: bytes) -> Any:
    [reply] = link.ask([("XRANGE", key, after, "+", "COUNT", reading.SLICE)])
    return [] if is_other_type(reply) else reply


def _judged(fields: list[reading.Item], judge: Judge, tally: Tally, key: bytes) -> list[bytes]:
    """Names and values of an entry as they may be kept, in turns."""
    kept: list[bytes] = []
    for item in fields:
        tally.values += 1
        judged = judge.number(item.raw, name=item.name)
        kept += [item.name, item.raw if judged.data is None else judged.data]
        if names.personal(names.without_ids(item.name)):
            tally.problems[Problem.FIELD_NAME] += 1
        if judged is CLEAN:
            continue
        if judged.problem is not None:
            tally.problems[judged.problem] += 1
        if judged.data is not None:
            tally.changed += 1
            tally.withheld += judged.withheld
            tally.kinds.update(judged.kinds)
            place = key if not names.personal(names.without_ids(key)) else b"a stream"
            tally.sample(place.decode(errors="replace"), judged.kinds, judged.shape)
    return kept


def _replaced(link: Link, key: bytes, judge: Judge) -> bool:
    """Copy, catch up, replace. False when entries were deleted faster than they could be copied."""
    copy = COPY + key
    for _ in range(TRIES):
        link.one("DEL", copy)
        after = b"0-0"
        for _ in range(ROUNDS):
            after = _copied(link, key, copy, after, judge)
            done = link.one("EVAL", REPLACE, 2, key, copy, after, PENDING)
            if done == DONE:
                return True
            if done == BUSY:
                break
    return False


def _copied(link: Link, key: bytes, copy: bytes, after: bytes, judge: Judge) -> bytes:
    """Append what the stream holds behind an id; the id of the last."""
    while reply := _slice(link, key, b"(" + after):
        commands: list[Command] = []
        for number, fields in reading.entries(reply):
            commands.append(("XADD", copy, number, *_judged(fields, judge, Tally(), key)))
            after = number
        for answer in link.ask([*commands, ("EXPIRE", copy, COPY_SECONDS)]):
            if isinstance(answer, redis.ResponseError):
                raise answer
    return after
