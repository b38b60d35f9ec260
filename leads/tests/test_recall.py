"""Conversation windows in Redis and the record in Postgres, held together."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis
from django.conf import settings as django_settings
from django.db import OperationalError

from leads import conversation, recall, services, statements
from leads.conversation import NewMessage
from leads.models import Lead, Message
from leads.services import NewLead
from privacy import memory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey_server", "fresh_memory")]
NOW = datetime.now(UTC)


@pytest.fixture
def store() -> redis.Redis:
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.delete(memory.MARK)
    return client


@pytest.fixture
def ada() -> Lead:
    [made] = services.create_leads(leads=[NewLead(external_id="ada")], now=NOW)
    return made.lead


def say(lead: Lead, *texts: str, remember: bool = True, at: datetime = NOW) -> None:
    """Stored, and remembered unless Redis is away just then."""
    earlier = conversation.newest(lead.pk)
    hearing = conversation.hear([NewMessage(text=text) for text in texts], now=at, earlier=earlier)
    statements.run(conversation.storing([(lead.pk, one) for one in hearing.new], now=at))
    if remember:
        recall.remember(lead=lead.pk, heard=hearing.new, changed=False, now=at)


def recalled(lead: Lead) -> tuple[str, list[str]]:
    found = recall.recall(lead=lead.pk, now=NOW)
    return found.source, [turn.text for turn in found.turns]


def test_it_reads_the_window(ada):
    say(ada, "hello", "my mail is ann@example.org")
    assert recalled(ada) == ("memory", ["hello", "my mail is [EMAIL]"])


def test_a_lead_that_said_nothing_has_an_empty_memory(ada):
    assert recalled(ada) == ("memory", [])


def test_a_lead_that_is_not_there_has_none():
    with pytest.raises(Lead.DoesNotExist):
        recall.recall(lead=uuid4(), now=NOW)


def test_a_window_that_missed_a_turn_is_read_from_the_record_and_filled(ada):
    say(ada, "one")
    say(ada, "two", remember=False)
    assert recalled(ada) == ("record", ["one", "two"])
    assert recalled(ada) == ("memory", ["one", "two"])


def test_the_next_turn_fills_the_gap_as_well(ada):
    say(ada, "one")
    say(ada, "two", remember=False)
    say(ada, "three")
    assert recalled(ada) == ("memory", ["one", "two", "three"])


def test_after_a_flush_everything_is_there_again(ada, store):
    say(ada, "one", "two")
    store.delete(memory.key_of(ada.pk))
    assert recalled(ada) == ("record", ["one", "two"])
    assert recalled(ada) == ("memory", ["one", "two"])


def test_without_redis_the_record_is_read_and_nothing_is_lost(ada, tmp_path, monkeypatch):
    with monkeypatch.context() as away:
        nobody = redis.Redis.from_url(f"unix://{tmp_path}/nobody.sock")
        away.setattr(memory, "_store", lambda: nobody)
        say(ada, "one", "two")
        assert recalled(ada) == ("record", ["one", "two"])
    monkeypatch.setattr(memory, "_away_until", 0.0)
    assert recalled(ada)[0] == "record"
    assert recalled(ada) == ("memory", ["one", "two"])


def test_without_postgres_the_window_is_read(ada, monkeypatch):
    say(ada, "one")

    def away(now: datetime) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(recall, "_newer", away)
    assert recalled(ada) == ("memory", ["one"])
    with pytest.raises(OperationalError):
        recall.recall(lead=uuid4(), now=NOW)


def test_turns_older_than_the_memory_are_not_recalled(ada, settings):
    settings.MEMORY_HOURS = 1
    say(ada, "long ago", at=NOW - timedelta(hours=2))
    assert recalled(ada) == ("memory", [])
    say(ada, "now")
    assert recalled(ada)[1] == ["now"]


def test_the_sweep_fills_what_redis_missed_and_leaves_the_rest(ada, store):
    [ben] = [made.lead for made in services.create_leads(leads=[NewLead()], now=NOW)]
    say(ada, "one", remember=False)
    say(ben, "one")
    assert recall.catch_up(now=NOW) == 1
    assert recalled(ada) == ("memory", ["one"])
    assert recall.catch_up(now=NOW) == 0


def test_the_sweep_makes_all_windows_again_after_redis_lost_its_data(ada, store):
    long_ago = NOW - timedelta(days=3)
    say(ada, "one", at=long_ago)
    recall.catch_up(now=NOW)
    assert store.delete(memory.key_of(ada.pk)) == 1
    assert recall.catch_up(now=NOW) == 0  # far back, and nothing says that data were lost
    store.delete(memory.MARK)
    assert recall.catch_up(now=NOW) == 1
    assert recalled(ada) == ("memory", ["one"])


def test_a_number_that_went_on_is_taken_out_of_the_window_too(ada):
    say(ada, "my card is 4111 1111")
    earlier = conversation.newest(ada.pk)
    hearing = conversation.hear([NewMessage(text="1111 1111")], now=NOW, earlier=earlier)
    statements.run(conversation.storing([(ada.pk, one) for one in hearing.new], now=NOW))
    conversation.rewrite(ada.pk, hearing.anew)
    recall.remember(lead=ada.pk, heard=hearing.new, changed=bool(hearing.anew), now=NOW)
    assert not any("1111" in text for text in recalled(ada)[1])
    assert not Message.objects.filter(text__contains="1111").exists()
