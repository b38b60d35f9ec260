"""Every type of Redis scrubbed in place, on the real Valkey."""

import json

import pytest
import redis
from django.conf import settings as django_settings

from privacy.scrubbing import reading, streams
from privacy.scrubbing.keyspace import Scrubber
from privacy.scrubbing.link import Link
from privacy.scrubbing.tally import Problem
from privacy.scrubbing.values import Judge
from privacy.tests.scrubs import SAFE, SSN, commands, fill, image, numbered, scrub

pytestmark = pytest.mark.usefixtures("valkey_server")


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
    before, groups, ends = (
        store.xinfo_stream("mem:a"),
        store.xinfo_groups("mem:a"),
        store.pexpiretime("mem:a"),
    )
    tally = scrub(store)
    entries = store.xrange("mem:a")
    assert [number for number, _ in entries] == [number for number in ids if number != ids[5]]
    assert {fields["text"] for _, fields in entries} == {SAFE, "hello"}
    after = store.xinfo_stream("mem:a")
    for name in ("length", "last-generated-id", "entries-added", "max-deleted-entry-id"):
        assert after[name] == before[name]
    assert store.xinfo_groups("mem:a") == groups
    assert store.xpending("mem:a", "readers")["consumers"] == [{"name": "ada", "pending": 7}]
    assert store.pexpiretime("mem:a") == ends
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
