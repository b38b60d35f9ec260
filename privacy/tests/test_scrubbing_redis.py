"""Every type of Redis scrubbed in place, while others write to it; on the real Valkey."""

import json
import threading
import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings as django_settings

from privacy.scrubbing import reading, replies, streams
from privacy.scrubbing.crew import Batch, Crew, CrewLost, Order
from privacy.scrubbing.keyspace import Scrubber
from privacy.scrubbing.link import Link
from privacy.scrubbing.tally import Problem, Tally
from privacy.scrubbing.values import Judge

pytestmark = pytest.mark.usefixtures("valkey_server")
SSN = "my ssn is 536-90-4399"
SAFE = "my ssn is [NATIONAL_ID]"


@pytest.fixture
def store() -> Iterator[redis.Redis]:
    """The database of the product, empty before and after."""
    client = redis.Redis.from_url(django_settings.REDIS_URL, decode_responses=True)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


def scrub(store: redis.Redis, *, write: bool = True) -> Tally:
    """Everything that is there."""
    with Link(django_settings.REDIS_URL) as link:
        keys = [key.encode(errors="surrogateescape") for key in sorted(store.scan_iter("*"))]
        return Scrubber(link, Judge(), write=write).scrub(keys)


def test_a_string_keeps_its_time_to_live(store):
    store.set("mem:a", SSN, px=500_000)
    expires = store.pexpiretime("mem:a")
    tally = scrub(store)
    assert (store.get("mem:a"), store.pexpiretime("mem:a")) == (SAFE, expires)
    assert (tally.keys, tally.values, tally.changed, tally.kinds) == (1, 1, 1, {"NATIONAL_ID": 1})


def test_a_list_keeps_its_order(store):
    store.rpush("mem:a", "one", SSN, "two", SSN, "three")
    store.expire("mem:a", 500)
    assert scrub(store).changed == 2
    assert store.lrange("mem:a", 0, -1) == ["one", SAFE, "two", SAFE, "three"]
    assert 490 < store.ttl("mem:a") <= 500


def test_a_turn_that_says_a_detector_looked_is_looked_at_all_the_same(store):
    turns = [{"position": n, "role": "lead", "text": SSN, "detector": n} for n in (1, 2, 99)]
    store.rpush("mem:a", *map(json.dumps, turns))
    assert scrub(store).changed == 3
    assert [json.loads(turn) for turn in store.lrange("mem:a", 0, -1)] == [
        {**turn, "text": SAFE} for turn in turns
    ]


def test_a_number_that_was_said_in_pieces_is_found(store):
    said = [("lead", "call 415 555"), ("lead", "0134"), ("agent", "thanks, 12 of us"), ("lead", "at 4")]
    store.rpush("mem:a", *[json.dumps({"role": role, "text": text}) for role, text in said])
    tally = scrub(store)
    texts = [json.loads(turn)["text"] for turn in store.lrange("mem:a", 0, -1)]
    assert texts[2:] == ["thanks, 12 of us", "at 4"]
    assert not [text for text in texts[:2] if any(digit in text for digit in "0123456789")]
    assert tally.changed == 2
    assert scrub(store).changed == 0


def test_a_hash_keeps_its_fields_and_their_times(store):
    store.hset("mem:a", mapping={"note": SSN, "pin": "1596", "visits": "1596", "at": "1763912345"})
    store.hpexpire("mem:a", 400_000, "note")
    [expires] = store.hpexpiretime("mem:a", "note")
    assert scrub(store).changed == 2
    assert store.hgetall("mem:a") == {"note": SAFE, "pin": "[SECRET]", "visits": "1596", "at": "1763912345"}
    assert store.hpexpiretime("mem:a", "note") == [expires]


def test_a_set_keeps_its_time_even_when_all_of_it_changes(store):
    store.sadd("mem:a", "ada@example.org")
    store.expire("mem:a", 500)
    assert scrub(store).changed == 1
    assert store.smembers("mem:a") == {"[EMAIL]"}
    assert store.ttl("mem:a") > 490


def test_members_that_become_one_are_counted(store):
    store.sadd("mem:a", "ada@example.org", "ben@example.org", "hello")
    tally = scrub(store)
    assert (store.smembers("mem:a"), tally.changed, tally.merged) == ({"[EMAIL]", "hello"}, 2, 1)


def test_a_sorted_set_keeps_scores(store):
    score = 0.1 + 0.2
    store.zadd("mem:a", {SSN: score, "hello": 2, "ada@example.org": 5, "ben@example.org": 7})
    tally = scrub(store)
    assert store.zrange("mem:a", 0, -1, withscores=True) == [(SAFE, score), ("hello", 2.0), ("[EMAIL]", 7.0)]
    assert (tally.changed, tally.merged) == (3, 1)


def test_a_stream_keeps_ids_groups_and_what_is_pending(store):
    ids = [store.xadd("mem:a", {"text": SSN if n % 3 else "hello", "n": n}) for n in range(1200)]
    store.xdel("mem:a", ids[5])
    store.xgroup_create("mem:a", "readers", "0")
    store.xreadgroup("readers", "ada", {"mem:a": ">"}, count=7)
    store.xgroup_createconsumer("mem:a", "readers", "ben")
    store.expire("mem:a", 500)
    before, groups = store.xinfo_stream("mem:a"), store.xinfo_groups("mem:a")
    tally = scrub(store)
    entries = store.xrange("mem:a")
    assert [number for number, _ in entries] == [number for number in ids if number != ids[5]]
    assert {fields["text"] for _, fields in entries} == {SAFE, "hello"}
    after = store.xinfo_stream("mem:a")
    for name in ("length", "last-generated-id", "entries-added", "max-deleted-entry-id"):
        assert after[name] == before[name]
    assert store.xinfo_groups("mem:a") == groups
    assert store.xpending("mem:a", "readers")["consumers"] == [{"name": "ada", "pending": 7}]
    assert 490 < store.ttl("mem:a") <= 500
    assert tally.changed == 799
    assert scrub(store).changed == 0
    assert store.keys("*") == ["mem:a"]


def test_a_stream_that_is_left_busy_is_left_whole(store, monkeypatch):
    monkeypatch.setattr(streams, "PENDING", 1)
    store.xadd("mem:a", {"text": SSN})
    store.xadd("mem:a", {"text": SSN})
    store.xgroup_create("mem:a", "readers", "0")
    store.xreadgroup("readers", "ada", {"mem:a": ">"}, count=2)
    tally = scrub(store)
    assert (tally.changed, tally.problems) == (0, {Problem.BUSY: 2})
    assert store.keys("*") == ["mem:a"]


def test_what_is_no_text_is_left_and_told(store):
    store.set("mem:a", b"\x80\x02ada@example.org")
    store.rpush("mem:b", b"\xff", SSN)
    raw = redis.Redis.from_url(django_settings.REDIS_URL)
    tally = scrub(store)
    assert raw.get("mem:a") == b"\x80\x02ada@example.org"
    assert raw.lrange("mem:b", 0, -1) == [b"\xff", SAFE.encode()]
    assert tally.problems == {Problem.NOT_TEXT: 2}


def test_names_that_are_personal_are_told_and_never_shown(store):
    store.set("mem:ada@example.org", SSN)
    store.hset("mem:h", "ben@example.org", "hello")
    tally = scrub(store)
    assert tally.problems == {Problem.KEY_NAME: 1, Problem.FIELD_NAME: 1}
    assert store.get("mem:ada@example.org") == SAFE
    assert "ada" not in repr(tally.samples)


def test_samples_show_kind_and_shape_only(store):
    store.set("mem:a", "write to ada.lovelace7@example.org")
    [sample] = scrub(store).samples
    assert tuple(sample) == ("mem:a", "EMAIL", "xxx.xxxxxxxx#@xxxxxxx.xxx")


def test_a_string_that_is_too_large_is_left_and_told(store, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST", 1000)
    store.set("mem:a", SSN + "x" * 1000)
    assert scrub(store).problems == {Problem.TOO_LARGE: 1}


def test_large_values_are_taken_in_slices(store):
    count = 3 * reading.SLICE + 7
    said = [SSN if n % 5 == 0 else f"hello {n % 9}" for n in range(count)]
    store.rpush("mem:list", *said)
    store.hset("mem:hash", mapping={f"field {n}": text for n, text in enumerate(said)})
    store.sadd("mem:set", *[numbered(n, text) for n, text in enumerate(said)])
    store.zadd("mem:zset", {numbered(n, text): n for n, text in enumerate(said)})
    tally = scrub(store)
    assert store.lrange("mem:list", 0, -1) == [text.replace(SSN, SAFE) for text in said]
    assert store.hgetall("mem:hash") == {f"field {n}": text.replace(SSN, SAFE) for n, text in enumerate(said)}
    assert not [one for one in store.smembers("mem:set") | set(store.zrange("mem:zset", 0, -1)) if SSN in one]
    assert store.zscore("mem:zset", numbered(5, SAFE)) == 5.0
    assert tally.values >= 4 * count
    assert scrub(store).changed == 0


def test_a_dry_run_writes_nothing_and_counts_the_same(store):
    fill(store)
    before, written = image(store), commands(store)
    dry = scrub(store, write=False)
    assert image(store) == before
    asked = {name for name, calls in commands(store).items() if calls > written.get(name, 0)}
    assert asked <= {
        "client|no-touch", "scan", "type", "getrange", "lrange", "hscan", "sscan", "zscan", "xrange", "info",
        "get", "dump", "pttl", "pexpiretime", "client|setinfo", "config|resetstat", "hello", "select", "auth",
    }  # fmt: skip
    done = scrub(store)
    assert (dry.changed, dry.kinds) == (done.changed, done.kinds)


def test_a_second_run_changes_not_one_byte(store):
    fill(store)
    assert scrub(store).changed > 0
    before = image(store)
    assert scrub(store).changed == 0
    assert image(store) == before


def test_unknown_types_are_told(store, monkeypatch):
    monkeypatch.setattr(reading, "TYPES", ("list",))
    store.set("mem:a", "hello")
    tally = scrub(store)
    assert (tally.keys, tally.problems) == (1, {Problem.UNKNOWN_TYPE: 1})


def test_keys_of_several_types_and_keys_that_are_gone_are_read_all_the_same(store):
    for number in range(30):
        if number % 3:
            store.set(f"mem:{number}", SSN)
        else:
            store.rpush(f"mem:{number}", SSN)
    with Link(django_settings.REDIS_URL) as link:
        keys = [b"mem:gone", *[f"mem:{number}".encode() for number in range(30)]]
        tally = Scrubber(link, Judge(), write=True).scrub(keys)
    assert (tally.keys, tally.changed) == (30, 30)


def test_a_server_that_refuses_to_write_is_told(store):
    store.set("mem:a", SSN)
    store.config_set("min-replicas-to-write", 1)
    try:
        tally = scrub(store)
    finally:
        store.config_set("min-replicas-to-write", 0)
    assert (tally.changed, tally.problems) == (0, {Problem.REFUSED: 1})


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
