"""Looks for the canary in Redis: every database, the broker's queues included, keys as well as values."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import orjson
import redis
from django.conf import settings

from privacy.canary import Canary, is_spotted

Store = Any  # a client that answers bytes; its own types leave text or bytes open

PIECE = 500  # keys asked about in one round trip
SLACK_SECONDS = 60  # Redis's clock of idle times is coarse


def spotted(canary: Canary, *, seconds: float) -> Iterator[str]:
    """Keys touched in the last `seconds` that hold a detail of the canary, as `database/key`, masked."""
    with redis.Redis.from_url(settings.REDIS_URL) as first:
        databases = [name.removeprefix("db") for name in first.info("keyspace")]
    for number in databases:
        with _database(int(number)) as store:
            for key in _recent(store, seconds):
                if is_spotted(canary, _text(key)):
                    yield f"db{number}: the name of a key"
                elif any(
                    is_spotted(canary, text) for value in _values(store, key) for text in _readings(value)
                ):
                    yield f"db{number}: {_shape(_text(key))}"


def _database(number: int) -> Store:
    store = redis.Redis.from_url(settings.REDIS_URL)
    store.connection_pool.connection_kwargs["db"] = number
    return store


def _recent(store: Store, seconds: float) -> Iterator[bytes]:
    cursor = 0
    while True:
        cursor, keys = store.scan(cursor, count=PIECE)
        pipeline = store.pipeline(transaction=False)
        for key in keys:
            pipeline.object("idletime", key)
        for key, idle in zip(keys, pipeline.execute(raise_on_error=False), strict=True):
            # a key that is gone, or a server that counts uses instead of time, answers no number
            if not isinstance(idle, int) or idle <= seconds + SLACK_SECONDS:
                yield key
        if not cursor:
            return


def _values(store: Store, key: bytes) -> Iterator[bytes]:
    match store.type(key):
        case b"string":
            yield store.get(key) or b""
        case b"list":
            yield from store.lrange(key, 0, -1)
        case b"set":
            yield from store.sscan_iter(key)
        case b"zset":
            yield from (member for member, _ in store.zscan_iter(key))
        case b"hash":
            for name, value in store.hscan_iter(key):
                yield from (name, value)
        case b"stream":
            for _, fields in store.xrange(key):
                for name, value in fields.items():
                    yield from (name, value)


def _readings(value: bytes) -> Iterator[str]:
    """The value as text; a task on its way to a worker is base64 inside JSON."""
    text = _text(value)
    yield text
    if '"body"' in text:
        try:
            message: Any = orjson.loads(value)
            body = message[0]["body"] if isinstance(message, list) else message["body"]
            yield _text(base64.b64decode(body))
        except (ValueError, TypeError, KeyError, IndexError, binascii.Error):
            return


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _shape(key: str) -> str:
    """The key without what may be personal in it: an operator finds it by its beginning."""
    return f"{key.split(':')[0][:20]}:…" if ":" in key else f"{key[:8]}…"
