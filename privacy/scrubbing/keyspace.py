"""Scrubs keys of Redis: reads many at once, judges their values, exchanges what is personal.

Whoever writes meanwhile is not disturbed: see `swaps`.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import redis

from privacy.scrubbing import names, reading, streams, swaps
from privacy.scrubbing.link import Link, is_other_type
from privacy.scrubbing.reading import Item
from privacy.scrubbing.swaps import Swap
from privacy.scrubbing.tally import Problem, Tally, shape
from privacy.scrubbing.texts import CLEAN, Judgement
from privacy.scrubbing.values import Judge

OWN = b"scrub:"  # keys of our own: copies of streams on their way
ROUNDS = 8  # a value that changed while it was judged is judged again so often
LONGEST_NAME = 80
BEGINNINGS = 10_000  # of names of keys that are remembered
Found = tuple[Item, Judgement]


class Scrubber:
    """Scrubs key after key over one connection. With `write=False` it only looks."""

    def __init__(self, link: Link, judge: Judge, *, write: bool) -> None:
        self.link = link
        self.judge = judge
        self.write = write
        self.tally = Tally()
        # Keys that begin alike are of one type, most often: asking for each would double the questions.
        self._kinds: dict[bytes, str] = {}

    def scrub(self, keys: Sequence[bytes]) -> Tally:
        """Everything these keys hold; what was seen and done."""
        self.tally = Tally()
        self._round([key for key in keys if not key.startswith(OWN)], 0)
        return self.tally

    def _round(self, keys: list[bytes], number: int) -> None:
        if not keys:
            return
        wanted: list[tuple[str, bytes, list[Found]]] = []
        again: list[bytes] = []
        for key, kind, reply in self._read(keys):
            if number == 0:
                self._name(key)
            if kind == "stream":
                self.tally.add(streams.scrub(self.link, key, self.judge, write=self.write))
                continue
            found = self._judged(key, kind, reading.items(kind, reply), count=number == 0)
            if reading.following(kind, key, reply, 0) is not None:
                again += self._large(key, kind, reply, found, count=number == 0)
            elif found:
                wanted.append((kind, key, found))
        again += self._exchange(wanted)
        if number < ROUNDS:
            self._round(list(dict.fromkeys(again)), number + 1)
        else:
            self.tally.problems[Problem.BUSY] += len(set(again))

    def _read(self, keys: list[bytes]) -> list[tuple[bytes, str, Any]]:
        """The first slice of every key that there is, with its type."""
        kinds = [self._kinds.get(_beginning(key), "") for key in keys]
        replies = self.link.ask(
            reading.first(kind, key) if kind else ("TYPE", key) for key, kind in zip(keys, kinds, strict=True)
        )
        known, unknown = [], []
        for key, kind, reply in zip(keys, kinds, replies, strict=True):
            if is_other_type(reply):
                self._kinds[_beginning(key)] = ""  # a mixture: each is asked from now on
                unknown.append(key)
            elif kind:
                known.append((key, kind, reply))
            elif self._is_readable(key, reply.decode()):
                unknown.append(key)
        return known + self._asked(unknown) if unknown else known

    def _is_readable(self, key: bytes, kind: str) -> bool:
        if kind in reading.TYPES:
            if len(self._kinds) >= BEGINNINGS:
                self._kinds.clear()
            self._kinds.setdefault(_beginning(key), kind)
            return True
        if kind != "none":
            self.tally.keys += 1
            self.tally.problems[Problem.UNKNOWN_TYPE] += 1
        return False

    def _asked(self, keys: list[bytes]) -> list[tuple[bytes, str, Any]]:
        """The same where the type has to be asked for."""
        replies = self.link.ask(("TYPE", key) for key in keys)
        kinds = ["" if is_other_type(reply) else reply.decode() for reply in replies]
        typed = [(key, kind) for key, kind in zip(keys, kinds, strict=True) if kind in reading.TYPES]
        found = []
        for (key, kind), reply in zip(
            typed, self.link.ask(reading.first(kind, key) for key, kind in typed), strict=True
        ):
            if is_other_type(reply):
                self.tally.problems[Problem.BUSY] += 1
            else:
                found.append((key, kind, reply))
        return found

    def _name(self, key: bytes) -> None:
        self.tally.keys += 1
        if names.personal(names.without_ids(key)):
            self.tally.problems[Problem.KEY_NAME] += 1
            self.tally.sample(_shown(key), Counter({Problem.KEY_NAME: 1}), "")

    def _judged(self, key: bytes, kind: str, items: list[Item], *, count: bool) -> list[Found]:
        found: list[Found] = []
        judge = self.judge.number if kind in ("string", "hash") else self.judge.value
        pieces = self.judge.thread([item.raw for item in items]) if kind == "list" and len(items) > 1 else {}
        for at, item in enumerate(items):
            if kind == "string" and len(item.raw) > reading.LARGEST:
                self.tally.problems[Problem.TOO_LARGE] += count
                continue
            judged = pieces.get(at) or judge(item.raw, name=item.name)
            if judged is not CLEAN:
                if judged.problem is not None:
                    self.tally.problems[judged.problem] += count
                if judged.data is not None:
                    found.append((item, judged))
                    self.tally.sample(_shown(key), judged.kinds, judged.shape)
            if item.name and count and names.personal(names.without_ids(item.name)):
                self.tally.problems[Problem.FIELD_NAME] += 1
        if count:
            self.tally.values += len(items)
        return found

    def _large(self, key: bytes, kind: str, reply: Any, found: list[Found], *, count: bool) -> list[bytes]:
        """A slice and all behind it; the key again when something of it has to be looked at again."""
        start, before = 0, self.tally.changed
        again = self._exchange([(kind, key, found)])
        while (command := reading.following(kind, key, reply, start)) is not None:
            start += reading.SLICE
            [reply] = self.link.ask([command])
            if is_other_type(reply):
                return [key]
            found = self._judged(key, kind, reading.items(kind, reply, start), count=count)
            again += self._exchange([(kind, key, found)])
        if kind == "list" and self.write:
            again += self._backwards(key)
            # An element that moved may have been taken for its twin: only a round without a find is the last.
            if self.tally.changed > before:
                again.append(key)
        return again

    def _backwards(self, key: bytes) -> list[bytes]:
        """A long list once more from its end: what moved over the edge of a slice when its head was cut."""
        again: list[bytes] = []
        last = -1
        while True:
            [reply] = self.link.ask([("LRANGE", key, last - reading.SLICE + 1, last)])
            if is_other_type(reply) or not reply:
                return again
            items = reading.items("list", reply, last - len(reply) + 1)
            again += self._exchange([("list", key, self._judged(key, "list", items, count=False))])
            if len(reply) < reading.SLICE:
                return again
            last -= reading.SLICE

    def _exchange(self, wanted: list[tuple[str, bytes, list[Found]]]) -> list[bytes]:
        """Write what stands instead; the keys whose values were others by then."""
        wanted = [one for one in wanted if one[2]]
        if not self.write:
            for _, _, found in wanted:
                for _, judged in found:
                    self._count(judged, swaps.SWAPPED)
            return []
        if not wanted:
            return []
        orders = [
            (kind, key, [Swap(item.place, item.raw, judged.data or b"") for item, judged in found])
            for kind, key, found in wanted
        ]
        again: list[bytes] = []
        for (_, key, found), results in zip(wanted, swaps.swap(self.link, orders), strict=True):
            if isinstance(results, redis.ResponseError):
                self.tally.problems[Problem.REFUSED] += len(found)
                continue
            for (_, judged), result in zip(found, results, strict=True):
                self._count(judged, result)
            if swaps.GONE in results:
                again.append(key)
        return again

    def _count(self, judged: Judgement, result: int) -> None:
        if result != swaps.GONE:
            self.tally.changed += 1
            self.tally.withheld += judged.withheld
            self.tally.kinds.update(judged.kinds)
            self.tally.merged += result == swaps.MERGED


def _beginning(key: bytes) -> bytes:
    return key.partition(b":")[0]


def _shown(key: bytes) -> str:
    """The name of a key; only its shape when the name itself holds something personal."""
    text = key.decode(errors="replace")
    if names.personal(names.without_ids(key)):
        return shape(text)
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"
