"""Real Celery workers: every child follows the ledger, and they do what the doors hand over."""

import io
import os
import signal

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask

from customerops.tests.servers import serving_celery, wait_for
from modeling import fleet, registry
from modeling.models import RetrainRun
from modeling.tests.cast import past_leads, promoted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NOBODY = "unix:///nowhere/valkey.sock?db=0"


def pids() -> set[int]:
    return set(fleet.alive().filter(role="worker").values_list("pid", flat=True))


@pytest.mark.parametrize("bell", ["rung", "unheard"])
def test_every_child_follows_a_promotion_and_a_rollback_within_three_seconds(bell, settings):
    first = promoted(base=0.1)
    with serving_celery() as children:
        if bell == "unheard":  # the pollers look by themselves
            settings.REDIS_URL = NOBODY
        assert fleet.count(first.version_id).total == children == 3
        second = promoted(base=0.2)
        took = [wait_for(lambda: fleet.count(second.version_id).agrees, seconds=10)]
        registry.roll_back(actor="ada", reason="wrong")
        took.append(wait_for(lambda: fleet.count(first.version_id).agrees, seconds=10))
        assert fleet.count(first.version_id).on_version == children
        assert max(took) < 3


def test_a_killed_child_is_replaced_by_one_that_serves_the_champion():
    promoted(base=0.1)
    with serving_celery() as children:
        before = pids()
        victim = min(before)
        champion = promoted(base=0.2)
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: victim not in pids() and len(pids()) == children, seconds=20)
        assert len(pids() - before) == 1
        wait_for(lambda: fleet.count(champion.version_id).on_version == children, seconds=3)


def test_a_run_that_was_handed_over_is_learned_from_by_a_worker(settings):
    PeriodicTask.objects.all().delete()
    past_leads()
    said = io.StringIO()
    with serving_celery(TUNING_SECONDS="0") as children:
        before = pids()
        call_command("retrain", "--queue", "--wait", stdout=said, stderr=io.StringIO())
        run = RetrainRun.objects.get()
        assert f"promote version {run.version_id}" in said.getvalue()
        assert (run.status, run.attempts) == ("completed", 1)
        # the child that trained gives its memory back: another takes its place and serves what was learned
        wait_for(lambda: len(pids() - before) == 1 and len(pids()) == children, seconds=20)
        wait_for(lambda: fleet.count(run.version_id).on_version == children, seconds=3)
        assert call_command("retrain", "--queue", stdout=said, stderr=io.StringIO()).endswith("is queued.")
