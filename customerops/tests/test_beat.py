"""Beat: one fires, the other waits, and neither ends because a server went away."""

import contextlib
from datetime import timedelta

import pytest
import redis
from django.db import OperationalError, connections
from django.utils.timezone import now
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks
from structlog.testing import capture_logs

from customerops import beat_tick
from customerops.beat import STANDBY_SECONDS, Leadership, SingleBeatScheduler
from customerops.celery import app

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def beats():
    """Beats in this process, each with its own lock connection; all are ended."""
    made: list[SingleBeatScheduler] = []

    def make() -> SingleBeatScheduler:
        made.append(SingleBeatScheduler(app=app))
        return made[-1]

    yield make
    for beat in made:
        beat.close()
        beat._finalize.cancel()


@pytest.fixture
def due():
    """One task that was due an hour ago, and no other."""
    PeriodicTask.objects.all().delete()
    every, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.HOURS)
    row = PeriodicTask.objects.create(name="due", task="test.nothing", interval=every, queue="nobody_reads")
    PeriodicTask.objects.filter(pk=row.pk).update(last_run_at=now() - timedelta(hours=2))
    PeriodicTasks.update_changed()
    with app.connection_for_write() as connection:
        queue = connection.SimpleQueue("nobody_reads")
        queue.clear()
        yield row
        queue.clear()
        queue.close()


def sent() -> int:
    with app.connection_for_write() as connection:
        queue = connection.SimpleQueue("nobody_reads")
        try:
            return queue.qsize()
        finally:
            queue.close()


def end_other_sessions() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


def test_it_fires_once_when_two_beats_run(beats, due):
    first, second = beats(), beats()
    for _ in range(3):
        first.tick()
        assert second.tick() == STANDBY_SECONDS
    assert sent() == 1


def test_it_takes_over_and_knows_what_was_fired(beats, due):
    first, second = beats(), beats()
    first.tick()
    second.tick()
    first.close()
    second.tick()
    second.tick()
    assert sent() == 1
    due.refresh_from_db()
    assert due.total_run_count == 1


def test_it_leads_again_after_postgres_cut_its_sessions(beats, due):
    beat = beats()
    beat.tick()
    end_other_sessions()
    assert beat.tick() > 0  # notices, and waits
    beat.tick()
    assert beat._leads
    assert sent() == 1


def test_it_goes_on_while_redis_is_away(beats, due, settings):
    url = settings.REDIS_URL
    beat = beats()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert beat.tick() > 0
    settings.REDIS_URL = url
    beat.tick()
    assert (beat_tick.seconds_ago() or 99) < 5


def test_it_says_once_that_it_waits(beats, due, settings):
    url = settings.REDIS_URL
    beat = beats()
    with capture_logs() as logs:
        for away in ("redis://127.0.0.1:1/0", url, "redis://127.0.0.1:1/0"):
            settings.REDIS_URL = away
            for _ in range(3):
                beat.tick()
    assert [line["event"] for line in logs].count("beat_waits") == 2
    settings.REDIS_URL = url


def test_it_keeps_what_it_could_not_write(beats, due, monkeypatch):
    beat = beats()
    beat.tick()
    beat._dirty.add("due")
    with monkeypatch.context() as patch:
        patch.setattr(beat, "_save", lambda name: (_ for _ in ()).throw(OperationalError("away")))
        beat.sync()
    assert beat._dirty == {"due"}
    beat.sync()
    assert beat._dirty == set()


def test_it_records_when_it_ticked(beats, due, settings):
    with contextlib.closing(redis.Redis.from_url(settings.REDIS_URL)) as client:
        client.delete(beat_tick.KEY)
    assert beat_tick.seconds_ago() is None
    beats().tick()
    assert (beat_tick.seconds_ago() or 99) < 5


def test_it_gives_the_lock_to_one_session_only():
    first, second = Leadership(), Leadership()
    assert first.held()
    assert not second.held()
    first.release()
    assert second.held()
    second.release()
