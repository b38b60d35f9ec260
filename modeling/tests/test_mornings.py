"""The night's measurements: each once, made up for when missed, tried again when they fail, and told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django_celery_beat.models import PeriodicTask

from customerops.schedule import create_missing_rows
from modeling import measuring, mornings, tasks
from modeling.models import Decision, Measurement
from modeling.tests.cast import the

pytestmark = pytest.mark.django_db

LIVE, DRIFT = Measurement.Kind.LIVE_QUALITY, Measurement.Kind.DRIFT
DUE = datetime(2026, 11, 23, 4, 20, tzinfo=UTC)  # live quality's minute; drift's comes ten minutes later
LATER = DUE + timedelta(hours=3)
NEXT_NIGHT = LATER + timedelta(days=1)


@pytest.fixture(autouse=True)
def _scheduled():
    create_missing_rows()


@pytest.fixture
def today(monkeypatch):
    monkeypatch.setattr(tasks, "now", lambda: LATER)


def begun(*, now: datetime = LATER, kind: Measurement.Kind = LIVE) -> mornings.Attempt | None:
    return mornings.begin(kind, trigger="beat", now=now)


def measured(*, now: datetime = LATER, kind: Measurement.Kind = LIVE) -> None:
    with the(begun(now=now, kind=kind)):
        pass


def fail() -> None:
    with pytest.raises(RuntimeError, match="disk"), the(begun()):
        raise RuntimeError("the disk is full")


def test_what_nobody_measured_is_missed():
    assert mornings.missed(now=LATER) == [LIVE, DRIFT]


def test_what_was_measured_is_not_missed_until_it_is_due_again():
    measured()
    measured(kind=DRIFT)
    assert mornings.missed(now=LATER) == []
    assert mornings.missed(now=DUE + timedelta(days=1, minutes=5)) == [LIVE]
    assert mornings.missed(now=NEXT_NIGHT) == [LIVE, DRIFT]


def test_it_is_measured_once_a_night_however_many_beats_ask():
    measured()
    assert begun() is None
    assert begun(now=LATER + timedelta(hours=12)) is None
    assert begun(now=NEXT_NIGHT) is not None
    assert Measurement.objects.count() == 2


def test_a_row_tells_which_night_was_measured_by_whom():
    with the(mornings.begin(DRIFT, trigger="catch-up", now=LATER)):
        assert Measurement.objects.get().completed_at is None
    row = Measurement.objects.get()
    assert (row.kind, row.slot, row.trigger) == ("drift", DUE + timedelta(minutes=10), "catch-up")
    assert row.started_at <= the(row.completed_at)
    assert (row.attempts, row.error) == (1, "")


def test_while_it_is_measured_nobody_else_begins_and_nothing_is_missed():
    assert begun() is not None
    assert begun() is None
    assert LIVE not in mornings.missed(now=LATER)


def test_a_failure_is_told_and_tried_again_three_times_at_most():
    for _ in range(2):
        fail()
        assert LIVE in mornings.missed(now=LATER)
    fail()
    assert LIVE not in mornings.missed(now=LATER)
    assert begun() is None
    row = Measurement.objects.get()
    assert (row.attempts, row.completed_at, row.error) == (3, None, "RuntimeError: the disk is full")
    assert LIVE in mornings.missed(now=NEXT_NIGHT)


def test_success_after_a_failure_leaves_no_error_behind():
    fail()
    measured()
    assert (Measurement.objects.get().attempts, Measurement.objects.get().error) == (2, "")


def test_what_a_dead_worker_began_is_taken_over_and_its_last_word_is_not_heard():
    late = the(begun())
    Measurement.objects.update(started_at=Now() - timedelta(seconds=mornings.LIMIT_SECONDS + 1))
    assert LIVE in mornings.missed(now=LATER)
    assert begun() is not None
    with late:
        pass
    assert Measurement.objects.get().completed_at is None


def test_a_measurement_that_is_switched_off_is_not_made_up_for():
    PeriodicTask.objects.filter(task="modeling.tasks.live_quality").update(enabled=False)
    assert mornings.missed(now=LATER) == [DRIFT]
    assert begun() is None


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_that_begin_at_once_one_measures():
    def attempt(_: int) -> bool:
        try:
            return begun() is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(attempt, range(8))).count(True) == 1
    assert Measurement.objects.get().attempts == 1


@pytest.mark.usefixtures("today")
def test_the_check_sends_what_was_missed_and_the_tasks_do_it_once(monkeypatch):
    sent = []
    for task in (tasks.live_quality, tasks.drift):
        monkeypatch.setattr(task, "apply_async", lambda task=task, **message: sent.append((task, message)))
    tasks.check_measurements(colour="blue")
    assert [task for task, _ in sent] == [tasks.live_quality, tasks.drift]
    for task, message in [*sent, *sent]:  # the next check came before a worker was free
        assert message["expires"] == tasks.CHECK_SECONDS
        task(**message["kwargs"])
    assert sorted(Decision.objects.values_list("kind", flat=True)) == ["retrain", "rollback"]
    assert set(Measurement.objects.values_list("trigger", "attempts")) == {("catch-up", 1)}
    sent.clear()
    tasks.check_measurements()
    assert sent == []


@pytest.mark.usefixtures("today")
def test_a_task_that_fails_says_so_in_its_row(monkeypatch):
    def fall_over(**kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(measuring, "measure", fall_over)
    with pytest.raises(RuntimeError):
        tasks.live_quality()
    assert Measurement.objects.get().error == "RuntimeError: the disk is full"


def test_both_wait_in_the_queue_that_has_numpy():
    assert {getattr(task, "queue", "") for task in tasks.MEASURING.values()} == {"training"}
    assert set(tasks.MEASURING) == set(Measurement.Kind)
