"""Windows of conversation, on the real Valkey."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
import redis
from django.conf import settings as django_settings

from privacy import memory
from privacy.memory import Turn

pytestmark = pytest.mark.usefixtures("valkey_server", "fresh_memory")
# tomorrow, so that no window expires while tests wait
NOW = datetime.now(UTC).replace(microsecond=250_000) + timedelta(days=1)


@pytest.fixture
def store() -> redis.Redis:
    return redis.Redis.from_url(django_settings.REDIS_URL)


@pytest.fixture
def lead() -> UUID:
    return uuid4()


def turns(*positions: int, at: datetime = NOW) -> list[Turn]:
    return [Turn(position, "lead", at, f"turn {position}", 1) for position in positions]


def append(**given) -> bool:
    return memory.append(**given, now=NOW)


def fill(**given) -> None:
    memory.fill(**given, now=NOW)


def window(lead: UUID) -> list[int]:
    return [turn.position for turn in memory.read(lead=lead, now=NOW)]


def test_it_keeps_turns_in_their_order_with_all_they_carry(lead):
    assert append(lead=lead, turns=turns(1))
    assert append(lead=lead, turns=[Turn(2, "agent", NOW, "“ok” [EMAIL] ✓", 7)])
    assert memory.read(lead=lead, now=NOW) == [
        *turns(1),
        Turn(2, "agent", NOW, "“ok” [EMAIL] ✓", 7),
    ]


def test_a_window_is_named_by_its_lead_and_expires(lead, store, settings):
    settings.MEMORY_HOURS = 2
    append(lead=lead, turns=turns(1))
    assert store.exists(f"mem:{lead}")
    assert store.pexpiretime(f"mem:{lead}") == int((NOW + timedelta(hours=2)).timestamp() * 1000)


def test_it_keeps_the_newest_turns(lead, settings):
    settings.MEMORY_TURNS = 3
    for position in range(1, 6):
        append(lead=lead, turns=turns(position))
    assert window(lead) == [3, 4, 5]


def test_more_turns_at_once_than_a_window_holds_leave_the_newest(lead, settings):
    settings.MEMORY_TURNS = 3
    assert not append(lead=lead, turns=turns(*range(1, 8)))
    fill(lead=lead, turns=turns(*range(1, 8)))
    assert window(lead) == [5, 6, 7]


def test_it_says_when_turns_are_missing(lead):
    append(lead=lead, turns=turns(1))
    assert not append(lead=lead, turns=turns(3))
    assert not append(lead=uuid4(), turns=turns(2))
    fill(lead=lead, turns=turns(1, 2, 3))
    assert window(lead) == [1, 2, 3]


def test_a_turn_that_comes_twice_is_kept_once(lead):
    append(lead=lead, turns=turns(1, 2))
    assert append(lead=lead, turns=turns(2))
    assert window(lead) == [1, 2]


def test_a_filling_that_read_too_early_does_not_take_a_turn_away(lead):
    append(lead=lead, turns=turns(1, 2))
    fill(lead=lead, turns=turns(1))
    assert window(lead) == [1, 2]


def test_turns_leave_when_they_are_old_though_the_talk_goes_on(lead, settings):
    settings.MEMORY_HOURS = 2
    append(lead=lead, turns=turns(1, at=NOW - timedelta(minutes=119)))
    append(lead=lead, turns=turns(2))
    assert [turn.position for turn in memory.read(lead=lead, now=NOW + timedelta(minutes=5))] == [2]
    settings.MEMORY_HOURS = 1
    append(lead=lead, turns=turns(3))
    assert window(lead) == [2, 3]


def test_a_late_report_of_an_old_turn_does_not_end_the_window(lead, store):
    append(lead=lead, turns=turns(1))
    before = store.pexpiretime(f"mem:{lead}")
    append(lead=lead, turns=turns(2, at=NOW - timedelta(days=20)))
    assert store.pexpiretime(f"mem:{lead}") == before


def test_a_talk_that_is_long_past_is_not_remembered(lead, store):
    append(lead=lead, turns=turns(1, at=NOW - timedelta(days=400)))
    assert not store.exists(f"mem:{lead}")


def test_it_tells_where_windows_end(lead):
    other = uuid4()
    append(lead=lead, turns=turns(1, 2))
    assert memory.ends(leads=[lead, other]) == {lead: 2, other: 0}


def test_what_was_forgotten_cannot_be_written_again(lead, store):
    append(lead=lead, turns=turns(1))
    assert memory.forget(leads=[lead, uuid4()]) == 1
    append(lead=lead, turns=turns(1))
    fill(lead=lead, turns=turns(1, 2))
    assert not store.exists(f"mem:{lead}")


@pytest.mark.parametrize("foreign", [b"no json", b"7", b"[]", b"{}", b'{"position": "x", "at": 1}', b"\xff"])
def test_what_somebody_else_put_into_a_window_is_no_turn_and_is_made_good(lead, store, foreign):
    append(lead=lead, turns=turns(1))
    store.rpush(f"mem:{lead}", foreign)
    assert memory.ends(leads=[lead]) == {lead: 0}
    assert window(lead) == [1]
    assert not append(lead=lead, turns=turns(2))
    fill(lead=lead, turns=turns(1, 2))
    assert window(lead) == [1, 2]
    assert store.llen(f"mem:{lead}") == 2


def test_a_key_of_another_type_is_no_window_and_does_not_take_redis_away_from_others(lead, store):
    store.set(f"mem:{lead}", "hello")
    other = uuid4()
    assert memory.ends(leads=[lead]) == {lead: 0}
    assert window(lead) == []
    fill(lead=lead, turns=turns(1))
    assert window(lead) == [1]
    append(lead=other, turns=turns(1))
    assert window(other) == [1]


def test_while_redis_is_away_nobody_waits_in_a_row(lead, monkeypatch, tmp_path):
    nobody = redis.Redis.from_url(f"unix://{tmp_path}/nobody.sock")
    asked = []

    def store() -> redis.Redis:
        asked.append("once")
        return nobody

    monkeypatch.setattr(memory, "_store", store)
    for _ in range(3):
        with pytest.raises(memory.MemoryAway):
            memory.read(lead=lead, now=NOW)
    assert len(asked) == 1


def test_threads_that_wait_for_redis_beside_each_other_tell_it_once(caplog):
    together = Barrier(4)

    def hang(store: object) -> None:
        together.wait(timeout=10)
        raise redis.TimeoutError("no answer")

    def ask(_: int) -> None:
        with pytest.raises(memory.MemoryAway):
            memory._asked(hang)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
    assert caplog.text.count("memory_away") == 1
