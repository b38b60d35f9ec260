"""What beat and workers run: thin, patient with old messages, and quick when the broker is away."""

import time

import pytest
from celery import current_app
from django.utils.timezone import now
from django_celery_beat.models import PeriodicTask

from modeling import retraining, tasks
from modeling.models import RetrainRun

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _unscheduled():
    PeriodicTask.objects.all().delete()


def test_a_check_hands_open_runs_to_the_training_queue(monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.run_retraining, "apply_async", lambda **message: sent.append(message))
    run = retraining.request_by(person="ada", now=now())
    tasks.check_retraining()
    assert sent == [{"kwargs": {"run_id": run.pk}}]
    assert getattr(tasks.run_retraining, "queue", "") == "training"


def test_a_message_from_a_newer_version_is_understood():
    run = retraining.request_by(person="ada", now=now())
    tasks.run_retraining(run_id=run.pk, colour="blue")
    assert RetrainRun.objects.get().status == "completed"


def test_a_message_for_a_run_that_is_over_does_nothing():
    run = retraining.request_by(person="ada", now=now())
    for _ in range(2):
        tasks.run_retraining(run_id=run.pk)
    assert RetrainRun.objects.get().attempts == 1


def test_a_broker_that_is_away_costs_a_moment_and_no_run(monkeypatch):
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis+socket:///nowhere/valkey.sock")
    run = retraining.request_by(person="ada", now=now())
    started = time.monotonic()
    assert tasks.hand_over(run) is False
    assert time.monotonic() - started < 2
    assert retraining.check(now=now()) == [run.pk]
