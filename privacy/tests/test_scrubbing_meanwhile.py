"""Scrubbing while others write, by several processes, over connections that break; on the real Valkey."""

import threading
import time

import pytest
import redis
from django.conf import settings as django_settings

from privacy.scrubbing import replies
from privacy.scrubbing.crew import Batch, Crew, CrewLost, Order
from privacy.scrubbing.keyspace import Scrubber
from privacy.scrubbing.link import Link
from privacy.scrubbing.values import Judge
from privacy.tests.scrubs import SSN, numbered, scrub

pytestmark = pytest.mark.usefixtures("valkey_server")


def test_nothing_written_meanwhile_is_lost(store):
    """Writers push, trim, overwrite, add and count as fast as they can while everything is scrubbed."""
    keys = 300
    for number in range(keys):
        store.rpush(f"mem:l{number}", *[SSN, "hello", SSN, "so long"] * 3)
        store.pexpireat(f"mem:l{number}", 4_000_000_000_000 + number)
        store.set(f"mem:s{number}", SSN)
        store.hset(f"mem:h{number}", mapping={"note": SSN, "count": 0})
    store.xadd("mem:x", {"text": SSN})
    writers = [Writer(number) for number in range(3)]
    for writer in writers:
        writer.start()
    tallies = [scrub(store) for _ in range(3)]
    for writer in writers:
        writer.stopped.set()
    for writer in writers:
        writer.join()
    assert sum(tally.changed for tally in tallies) > keys
    last = scrub(store)
    assert last.problems == {}
    lists = {f"mem:l{number}": store.lrange(f"mem:l{number}", 0, -1) for number in range(keys)}
    assert not [key for key, said in lists.items() if SSN in said]
    done = sum(len(writer.pushed) for writer in writers)
    assert done > 100
    for writer in writers:
        assert not [(key, said) for key, said in writer.pushed if said not in lists[key]]
        for key, said in writer.overwritten.items():
            assert store.get(key) == said
        assert all(store.xrange("mem:x", number, number) for number in writer.streamed)
    counted = sum(int(store.hget(f"mem:h{number}", "count") or 0) for number in range(keys))
    assert counted == sum(writer.counted for writer in writers)
    for number in range(keys):
        assert store.pexpiretime(f"mem:l{number}") == 4_000_000_000_000 + number


class Writer(threading.Thread):
    """Writes what is clean, each to its own strings and to everybody's lists, hashes and stream."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.stopped = threading.Event()
        self.pushed: list[tuple[str, str]] = []
        self.overwritten: dict[str, str] = {}
        self.streamed: list[str] = []
        self.counted = 0

    def run(self) -> None:
        client = redis.Redis.from_url(django_settings.REDIS_URL, decode_responses=True)
        turn = self.number
        while not self.stopped.is_set():
            turn += 3
            key, said = f"mem:l{turn % 300}", numbered(3 * len(self.pushed) + self.number, "see you")
            client.rpush(key, said)
            self.pushed.append((key, said))
            client.lpush(f"mem:l{(turn * 7) % 300}", "good morning")
            if turn % 5 == 0:
                self.overwritten[f"mem:s{turn % 300}"] = said
                client.set(f"mem:s{turn % 300}", said)
            client.hincrby(f"mem:h{turn % 300}", "count", 1)
            self.counted += 1
            self.streamed.append(client.xadd("mem:x", {"text": said}))
        client.close()


def test_a_long_list_that_is_trimmed_at_its_head_meanwhile_is_scrubbed_whole(store):
    """Elements move from slice to slice while it is read."""
    store.rpush("mem:a", *[f"{SSN} number {n % 50}" for n in range(6000)])
    stopped = threading.Event()

    def rotate() -> None:
        client = redis.Redis.from_url(django_settings.REDIS_URL)
        for _ in range(2500):
            client.rpush("mem:a", "see you")
            client.lpop("mem:a")
            if stopped.is_set():
                return

    writer = threading.Thread(target=rotate)
    writer.start()
    try:
        scrub(store)
    finally:
        stopped.set()
        writer.join()
    said = store.lrange("mem:a", 0, -1)
    assert len(said) == 6000
    assert not [text for text in said if SSN in text]


def test_a_crew_answers_in_the_order_of_its_batches(store):
    for number in range(200):
        store.set(f"mem:{number}", SSN)
    batches = [Batch(str(n), [f"mem:{n * 5 + i}".encode() for i in range(5)]) for n in range(40)]
    with Crew(Order(django_settings.REDIS_URL, None, write=True), processes=3) as crew:
        answers = list(crew.scrub(iter(batches)))
    assert [batch.cursor for batch, _ in answers] == [str(n) for n in range(40)]
    assert [tally.changed for _, tally in answers] == [5] * 40


def test_a_crew_whose_process_was_killed_says_so(store):
    with Crew(Order(django_settings.REDIS_URL, None, write=True), processes=2) as crew:
        for worker in crew._started:
            worker.kill()
            worker.join()
        with pytest.raises(CrewLost):
            list(crew.scrub(iter([Batch("0", [b"mem:a"])])))


def test_a_server_that_is_away_is_told():
    with pytest.raises(redis.RedisError), Link("redis://127.0.0.1:1/0") as link:
        link.one("PING")


def test_keys_that_may_not_be_read_end_the_scrub_and_are_not_passed_over(store):
    store.set("mem:a", SSN)
    store.acl_setuser("reader", enabled=True, nopass=True, keys=["other:*"], commands=["+@all"])
    url = django_settings.REDIS_URL.replace("unix://", "unix://reader:x@", 1)
    try:
        with pytest.raises(redis.ResponseError, match="NOPERM"), Link(url) as link:
            Scrubber(link, Judge(), write=False).scrub([b"mem:a"])
    finally:
        store.acl_deluser("reader")


def test_a_connection_that_was_lost_is_made_again(store):
    with Link(django_settings.REDIS_URL) as link:
        me = link.one("CLIENT", "ID")
        store.client_kill_filter(_id=str(me))
        time.sleep(0.05)
        assert link.one("PING") == b"PONG"


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_replies_are_read_however_they_are_cut(size):
    wire = b"$5\r\nhello\r\n*3\r\n:42\r\n$-1\r\n*0\r\n+OK\r\n-ERR no\r\n*-1\r\n$0\r\n\r\n"
    cut = [wire[at : at + size] for at in range(0, len(wire), size)]
    found = replies.read(lambda _: cut.pop(0), 6)
    assert found[:3] == [b"hello", [42, None, []], b"OK"]
    assert isinstance(found[3], redis.ResponseError)
    assert found[4:] == [None, b""]


def test_a_stream_of_replies_that_ends_is_a_lost_connection():
    with pytest.raises(redis.ConnectionError):
        replies.read(lambda _: b"", 1)
