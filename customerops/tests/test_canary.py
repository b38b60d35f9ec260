"""A made-up person passes through the doors; whatever is left of it anywhere is found."""

import logging
import re
import time
from io import StringIO

import pytest
import redis
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.timezone import now
from kombu import Connection, Queue
from prometheus_client import Counter

from customerops.canary import doors, flight
from customerops.celery import broker_url
from customerops.metrics import exposition
from customerops.models import ApiKey
from leads import metrics, removal
from leads.models import Lead, Outcome
from modeling.models import Prediction
from privacy import memory
from privacy.canary import Canary
from privacy.models import CanaryFlight

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey_server")]


def store(database: int = 0) -> redis.Redis:
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.connection_pool.connection_kwargs["db"] = database
    return client


def test_it_flies_through_leaves_nothing_behind_and_says_so():
    before, windows = exposition().decode(), set(store().scan_iter("mem:*"))
    flown = flight.fly(now=now())
    assert (flown.result, flown.found, flown.error) == ("clean", {}, "")
    assert not Lead.objects.exists()
    assert not Prediction.objects.exists()
    assert not ApiKey.objects.exists()
    assert set(store().scan_iter("mem:*")) == windows
    after = exposition().decode()
    assert "pii_canary_last_success_timestamp_seconds 1." in after
    assert "pii_canary_leaking 0.0" in after
    for name in ("lead_outcomes_total", "lead_enrichments_total"):
        assert _series(name, before) == _series(name, after)


def _series(name: str, text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(name)]


LABELLED = Counter("test_canary_leak", "A metric with a label that is not closed", ["who"])
LEAKS = {
    "a turn in Redis": ("redis", lambda canary, lead: store().rpush(f"mem:{lead}", canary.texts[0])),
    "a stream in another database": (
        "redis", lambda canary, lead: store(5).xadd("events", {"text": f"ring {canary.phone}"}),
    ),
    "a field name of a hash": ("redis", lambda canary, lead: store().hset("seen", canary.email, "1")),
    "the name of a key": ("redis", lambda canary, lead: store().set(f"cache:{canary.email}", "1")),
    "a task on its way": ("redis", lambda canary, lead: _queue({"to": canary.email})),
    "a message in Postgres": ("postgres", lambda canary, lead: lead.messages.update(text=canary.texts[1])),
    "features of a score": (
        "postgres", lambda canary, lead: Prediction.objects.update(features={"note": [canary.secret]}),
    ),
    "a note": ("postgres", lambda canary, lead: Outcome.objects.update(note=f"card {canary.card}")),
    "the export": ("answers and exports", lambda canary, lead: Lead.objects.update(source=canary.name)),
    "a log line": (
        "logs", lambda canary, lead: logging.getLogger("somebody").warning("sent to %s", canary.email),
    ),
    "a label of a metric": ("metrics", lambda canary, lead: LABELLED.labels(canary.name.upper()).inc()),
    "a file": (
        "files", lambda canary, lead: (django_settings.VAR_DIR / "dump.csv").write_text(f"1,{canary.street}"),
    ),
}  # fmt: skip


def _queue(arguments: dict[str, str]) -> None:
    """A real task, which no worker fetches."""
    with Connection(broker_url(django_settings.REDIS_URL)) as broker:
        queue = Queue("a-queue", routing_key="a-queue")
        broker.Producer().publish([[], arguments, {}], routing_key="a-queue", declare=[queue])


@pytest.fixture
def clean_redis():
    yield
    for number in range(8):
        store(number).delete(
            "events", "seen", "a-queue", "_kombu.binding.a-queue", *store(number).keys("cache:*")
        )
    LABELLED.clear()


@pytest.mark.parametrize("leak", LEAKS)
def test_each_leak_is_found(leak, monkeypatch, clean_redis, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    place, spill = LEAKS[leak]
    met: list[Canary] = []
    passing = flight._pass

    def leaking(canary, through):
        lead = passing(canary, through)
        spill(canary, Lead.objects.get(pk=lead))
        met.append(canary)
        return lead

    monkeypatch.setattr(flight, "_pass", leaking)
    flown = flight.fly(now=now())
    assert (flown.result, place in flown.found) == ("leak", True), flown.error
    told = str(flown.found).lower()
    assert not any(word in told for word in met[0].words)
    assert "pii_canary_leaking 1.0" in exposition().decode()


def test_a_detail_that_outlives_the_erasure_is_found(monkeypatch):
    monkeypatch.setattr(removal, "remove", lambda named: None)
    flown = flight.fly(now=now())
    assert flown.result == "leak"
    assert "leads_lead" in flown.found["after erasure"]


def test_a_door_that_is_shut_fails_the_flight_and_is_no_success(monkeypatch):
    monkeypatch.setattr(doors.Doors, "post", _shut)
    flown = flight.fly(now=now())
    assert (flown.result, flown.error) == ("failed", "Refused: POST /v1/leads answered 503")
    assert "pii_canary_last_success_timestamp_seconds 1" not in exposition().decode()


def _shut(self, path, body):
    raise doors.Refused(f"POST {path} answered 503")


def test_while_redis_is_away_it_cannot_look_and_fails(monkeypatch, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(memory, "_away_until", time.monotonic() + 60)
    flown = flight.fly(now=now())
    assert flown.result == "failed"
    assert not Lead.objects.exists()


def test_the_lead_of_a_flight_that_was_killed_is_erased_later():
    Lead.objects.create(external_id="canary-1", created_at=now() - 2 * flight.LOST)
    kept = Lead.objects.create(external_id="ada", created_at=now() - 2 * flight.LOST)
    flight.fly(now=now())
    assert list(Lead.objects.values_list("pk", flat=True)) == [kept.pk]


def test_the_command_says_where(monkeypatch, capsys):
    said = StringIO()
    call_command("canary", stdout=said)
    assert re.match(r"Nothing was left behind; looked everywhere in \d", said.getvalue())
    monkeypatch.setattr(removal, "remove", lambda named: None)
    with pytest.raises(CommandError, match=r"after erasure: .*leads_lead"):
        call_command("canary")
    monkeypatch.undo()
    monkeypatch.setattr(doors.Doors, "post", _shut)
    with pytest.raises(CommandError, match="could not fly: Refused"):
        call_command("canary")


def test_the_admin_lists_flights_and_lets_nobody_change_them():
    CanaryFlight.objects.create(took_seconds=1, result="leak", found={"redis": ["db0: mem:…"]})
    boss = Client()
    boss.force_login(User.objects.create_superuser("boss", password="x"))
    text = boss.get("/admin/privacy/canaryflight/").content.decode()
    assert "redis: db0: mem:…" in text
    assert boss.get("/admin/privacy/canaryflight/add/").status_code == 403


def test_old_flights_leave_the_list():
    CanaryFlight.objects.create(at=now() - 2 * flight.KEPT, took_seconds=1, result="clean")
    flight.fly(now=now())
    assert CanaryFlight.objects.count() == 1


def test_probes_count_in_no_rate():
    with metrics.synthetic():
        before = _series("lead_outcomes_total", exposition().decode())
        metrics.count_outcomes(["booked"])
        assert _series("lead_outcomes_total", exposition().decode()) == before
