"""`python -m benchmarks.scrubbing`: scrubs a million conversations while others write to them.

Beside it, on a sample of the same keys in the same run: the plain script that goes key by key (LRANGE,
redact, DEL, RPUSH), and a pass that only reads, pipelined. Then every key is compared with what it has to be.
"""

import argparse
import multiprocessing
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from typing import Any

import orjson
import redis
from django.conf import settings

from benchmarks.product import installed
from privacy import chatter
from privacy.redaction import redact
from privacy.scrubbing import running
from privacy.scrubbing.link import Link

SHARES = (0.0, 0.05, 0.3)  # of the keys hold one turn with something personal
EXPIRES = 4_000_000_000_000  # ms; each key another one
WRITES = 1000  # a second, of every live writer
NAIVE_DATABASE = 5
LENGTH = 100  # characters of a text
PIPELINE = 500
RAW = (
    ("you can mail {0} today", "ada.l{number}@example.com"),
    ("my card is {0} by the way", "4111 1111 1111 1111"),
    ("call me on {0} please", "(415) 555-{last:04}"),
    ("my ssn is {0} if you need it", "536-90-{ssn:04}"),
)


def text_of(number: int, share: float) -> tuple[str, str]:
    """The text of a turn, another one for each number, and what is personal in it ("" when nothing is)."""
    chance = random.Random(number)  # noqa: S311 - made-up text, no secret
    words = " ".join(chance.sample(chatter.TALK, 2)).split()
    chance.shuffle(words)
    text = " ".join(words)[:LENGTH].rpartition(" ")[0]
    if chance.random() >= share:
        return text, ""
    sentence, form = RAW[number % len(RAW)]
    value = form.format(number=number, last=number % 10_000, ssn=1000 + number % 9000)
    end = sentence.format(value)
    return f"{text[: LENGTH - len(end)].rpartition(' ')[0]} {end}", value


def turn(number: int, position: int, text: str) -> bytes:
    """As conversations are kept."""
    at = f"2026-11-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00.{number % 1_000_000:06}Z"
    return orjson.dumps({"position": position, "role": "lead", "at": at, "text": text, "detector": 1})


def fill(url: str, keys: int, share: float, turns: int, database: int | None = None) -> None:
    """Keys with their turns, the first of them with the text of the key's number."""
    with Link(url, database) as link:
        for first in range(0, keys, PIPELINE):
            commands: list[tuple[Any, ...]] = []
            for number in range(first, min(first + PIPELINE, keys)):
                texts = [
                    text_of(number + place * keys, share if place == 0 else 0.0)[0] for place in range(turns)
                ]
                kept = [turn(number, place + 1, text) for place, text in enumerate(texts)]
                commands.append(("RPUSH", f"mem:{number}", *kept))
                commands.append(("PEXPIREAT", f"mem:{number}", EXPIRES + number))
            link.ask(commands)


def write_live(url: str, keys: int, stop: Event, written: Any) -> None:
    """Append clean turns to random keys until told to stop; then tell which."""
    chance = random.Random(os.getpid())  # noqa: S311
    done: list[tuple[int, bytes]] = []
    with Link(url) as link:
        while not stop.is_set():
            number = chance.randrange(keys)
            said = orjson.dumps({"position": 99, "role": "agent", "text": "see you then", "n": len(done)})
            link.one("RPUSH", f"mem:{number}", said)
            done.append((number, said))
            time.sleep(1 / WRITES)
    written.put(done)


def naive(url: str, sample: int) -> float:
    """Keys a second, one after the other, everything written back."""
    client = redis.Redis.from_url(url)
    client.connection_pool.connection_kwargs["db"] = NAIVE_DATABASE
    done, started = 0, time.perf_counter()
    for key in client.scan_iter("mem:*", count=500):
        kept = []
        for raw in client.lrange(key, 0, -1):
            said = orjson.loads(raw)
            said["text"] = redact(said["text"]).text
            kept.append(orjson.dumps(said))
        client.delete(key)
        client.rpush(key, *kept)
        done += 1
        if done >= sample:
            break
    return done / (time.perf_counter() - started)


def read_only(url: str, sample: int) -> float:
    """Keys a second, 500 in one round trip, nothing done with them."""
    client = redis.Redis.from_url(url)
    done, cursor, started = 0, 0, time.perf_counter()
    while done < sample:
        cursor, keys = client.scan(cursor, match="mem:*", count=PIPELINE)
        pipeline = client.pipeline(transaction=False)
        for key in keys:
            pipeline.lrange(key, 0, -1)
        done += len(pipeline.execute())
        if cursor == 0:
            break
    return done / (time.perf_counter() - started)


def scrub(processes: int) -> tuple[float, float, Any]:
    """Seconds, seconds of processor time, and the certificate."""
    started, before = time.perf_counter(), sum(os.times()[:4])
    run = running.run(running.Plan(stores=("redis",)), actor="benchmark", processes=processes)
    return time.perf_counter() - started, sum(os.times()[:4]) - before, run.certificate


def faults(url: str, keys: int, share: float, turns: int, written: list[tuple[int, bytes]]) -> dict[str, int]:
    """What is raw still, was lost, was changed without need, or expires at another moment."""
    wrong = {"raw left": 0, "writes lost": 0, "expiry changed": 0, "clean turns changed": 0, "turns lost": 0}
    added: dict[int, list[bytes]] = {}
    for number, said in written:
        added.setdefault(number, []).append(said)
    with Link(url) as link:
        for first in range(0, keys, PIPELINE):
            numbers = range(first, min(first + PIPELINE, keys))
            kept = link.ask(("LRANGE", f"mem:{number}", 0, -1) for number in numbers)
            ends = link.ask(("PEXPIRETIME", f"mem:{number}") for number in numbers)
            for number, turns_found, end in zip(numbers, kept, ends, strict=True):
                text, value = text_of(number, share)
                wrong["expiry changed"] += end != EXPIRES + number
                wrong["raw left"] += bool(value) and value.encode() in turns_found[0]
                wrong["clean turns changed"] += not value and turns_found[0] != turn(
                    number, 1, redact(text).text
                )
                more = added.get(number, [])
                wrong["turns lost"] += len(turns_found) != turns + len(more)
                wrong["writes lost"] += len(set(more) - set(turns_found))
    return wrong


def measured(url: str, keys: int, share: float, turns: int, processes: int, writers: int) -> Iterator[str]:
    """One share, in lines."""
    sample = min(keys, 50_000)
    redis.Redis.from_url(url).flushall()
    fill(url, keys, share, turns)
    fill(url, min(keys, 10_000), share, turns, NAIVE_DATABASE)
    forking = multiprocessing.get_context("fork")
    stop, written = forking.Event(), forking.Queue()
    live = [forking.Process(target=write_live, args=(url, keys, stop, written)) for _ in range(writers)]
    for writer in live:
        writer.start()
    slow, first = naive(url, 10_000), read_only(url, sample)
    seconds, processor, certificate = scrub(processes)
    reading = statistics.mean((first, read_only(url, sample)))
    again, _, second = scrub(processes)
    stop.set()
    done = [one for _ in live for one in written.get()]
    for writer in live:
        writer.join()
    rate = keys / seconds
    yield f"\n{share:.0%} of {keys:,} keys of {turns} turns are personal; {len(done):,} live writes"
    yield f"scrub      {rate:>10,.0f} keys/s   {seconds:,.1f} s, {certificate.values_changed:,} changed"
    yield f"{'':25}    {processor / keys * 1e6:,.0f} µs of processor time a key, {processes} processes"
    yield f"once more  {keys / again:>10,.0f} keys/s   {second.values_changed:,} changed"
    yield f"key by key {slow:>10,.0f} keys/s   the scrub is {rate / slow:,.1f} times that"
    yield f"read only  {reading:>10,.0f} keys/s   the scrub is {rate / reading:,.2f} times that"
    wrong = faults(url, keys, share, turns, done)
    yield ", ".join(f"{name}: {count:,}" for name, count in wrong.items())


def main() -> None:
    """Measure each share and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=1, help="of each key (default 1)")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--writers", type=int, default=1)
    asked = parser.parse_args()
    with installed():
        for share in asked.shares:
            for line in measured(
                settings.REDIS_URL, asked.keys, share, asked.turns, asked.processes, asked.writers
            ):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
