"""What the tests of scrubbing share: something to scrub, and ways to look at all of it."""

import json

import redis
from django.conf import settings as django_settings

from privacy.scrubbing.keyspace import Scrubber
from privacy.scrubbing.link import Link
from privacy.scrubbing.tally import Tally
from privacy.scrubbing.values import Judge

SSN = "my ssn is 536-90-4399"
SAFE = "my ssn is [NATIONAL_ID]"


def scrub(store: redis.Redis, *, write: bool = True) -> Tally:
    """Everything that is there."""
    with Link(django_settings.REDIS_URL) as link:
        keys = [key.encode(errors="surrogateescape") for key in sorted(store.scan_iter("*"))]
        return Scrubber(link, Judge(), write=write).scrub(keys)


def numbered(number: int, text: str) -> str:
    """A text that is no other, without a digit in its words."""
    return json.dumps({"n": number, "text": text})


def fill(store: redis.Redis) -> None:
    """Something of everything."""
    store.set("mem:s", SSN, ex=1000)
    store.rpush("mem:l", "hello", json.dumps({"text": SSN}), SSN)
    store.hset("mem:h", mapping={"note": SSN, "n": 3})
    store.sadd("mem:set", SSN, "hello")
    store.zadd("mem:z", {SSN: 1, "hello": 2})
    store.xadd("mem:x", {"text": SSN})
    store.set("mem:bytes", b"\xff\x00")


def image(store: redis.Redis) -> dict[bytes, tuple[object, int]]:
    """Every byte, and when it goes."""
    raw = redis.Redis.from_url(django_settings.REDIS_URL)
    return {key: (raw.dump(key), raw.pexpiretime(key)) for key in raw.scan_iter("*")}


def commands(store: redis.Redis) -> dict[str, int]:
    """How often the server was asked what."""
    return {name[8:]: about["calls"] for name, about in store.info("commandstats").items()}
