"""The night's run: asked for once, done once, taken over when its worker dies."""

import signal
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import now
from django_celery_beat.models import PeriodicTask

from modeling import lease, registry, retraining, study
from modeling.models import ModelVersion, RetrainRun
from modeling.tests import processes
from modeling.tests.cast import archived, past_leads, promoted, the
from privacy.redaction import redact

# Committed rows: what the heartbeat's own connection cannot see, it takes for lost.
pytestmark = pytest.mark.django_db(transaction=True)

TRAIN = """
import django; django.setup()
from modeling import retraining
retraining.run({run_id})
"""


@pytest.fixture(autouse=True)
def _untuned_and_unscheduled(settings):
    settings.TUNING_SECONDS = 0.0
    PeriodicTask.objects.all().delete()


def requested() -> RetrainRun:
    return retraining.request_by(person="ada", now=now())


def done(run: RetrainRun) -> RetrainRun:
    return the(retraining.run(run.pk))


def lease_over(run: RetrainRun) -> None:
    RetrainRun.objects.filter(pk=run.pk).update(lease_until=Now() - timedelta(seconds=1))


def break_reading(monkeypatch) -> None:
    def fall_over(**kwargs: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(study, "read_dataset", fall_over)


def test_two_triggers_make_one_run():
    assert requested() == retraining.request_by(person="ben", now=now()) == RetrainRun.objects.get()


def test_a_slot_runs_once():
    first = retraining.request(slot="nightly:x", trigger="beat")
    retraining.run(first.pk)
    assert retraining.request(slot="nightly:x", trigger="another beat") == first


def test_a_first_run_learns_promotes_and_tells_why():
    past_leads()
    run = done(requested())
    assert (run.status, run.verdict, run.phase, run.progress) == ("completed", "promote", "done", 1.0)
    assert "AUC" in run.reasons[0]
    assert run.report["rows"]["known"] == 1200
    assert set(run.report) >= {"rows", "features", "left_out", "comparison"}
    champion = the(registry.champion())
    assert redact(champion.reason).text == champion.reason  # a scrub leaves the ledger alone
    assert (champion.version_id, champion.actor) == (run.version_id, "ada")
    assert champion.version.n_train == 1200


def test_a_run_without_enough_leads_ends_in_hold_with_a_sentence():
    run = done(requested())
    assert (run.status, run.verdict, run.version_id) == ("completed", "hold", None)
    assert "not enough to learn from" in run.reasons[0]


def test_what_is_held_is_archived_but_does_not_serve():
    past_leads(liking=0.0)
    run = done(requested())
    assert run.verdict == "hold"
    assert ModelVersion.objects.get().verdict == "hold"
    assert registry.champion() is None


def test_learning_the_same_again_changes_nothing():
    past_leads()
    first = done(requested())
    second = done(requested())
    assert (second.verdict, second.version_id) == ("hold", first.version_id)
    assert "learned again" in second.reasons[0]
    assert the(registry.champion()).version_id == first.version_id


def test_it_holds_when_somebody_deployed_while_it_was_judged(monkeypatch):
    past_leads()
    really = study.study

    def interrupted(**kwargs):
        promoted()
        return really(**kwargs)

    monkeypatch.setattr(study, "study", interrupted)
    run = done(requested())
    assert run.verdict == "hold"
    assert "no longer serves" in run.reasons[0]
    assert the(registry.champion()).actor == "ada"
    assert the(registry.champion()).version_id != run.version_id


def test_a_failed_attempt_waits_for_the_next_check_with_its_error(monkeypatch):
    break_reading(monkeypatch)
    run = done(requested())
    assert (run.status, run.error) == ("queued", "RuntimeError: the disk is on fire")
    assert retraining.check(now=now()) == [run.pk]


def test_the_third_failure_is_the_last(monkeypatch):
    break_reading(monkeypatch)
    asked = requested()
    for _ in range(3):
        run = done(asked)
    assert (run.status, run.attempts) == ("failed", 3)
    assert "on fire" in run.error
    assert retraining.check(now=now()) == []
    assert retraining.run(asked.pk) is None


def test_a_run_is_done_by_one_worker_at_a_time():
    asked = requested()
    assert the(lease.claim(asked.pk)).fence == 1
    assert lease.claim(asked.pk) is None
    lease_over(asked)
    assert the(lease.claim(asked.pk)).fence == 2


def test_a_worker_that_lost_its_run_can_promote_nothing(monkeypatch):
    past_leads()
    really = study.study

    def slow(**kwargs):
        lesson = really(**kwargs)
        lease_over(asked)
        while lease.claim(asked.pk) is None:  # its heart may have beaten in between
            lease_over(asked)
        return lesson

    monkeypatch.setattr(study, "study", slow)
    asked = requested()
    run = done(asked)
    assert (run.status, run.fence) == ("running", 2)
    assert registry.champion() is None
    assert not ModelVersion.objects.exists()


def test_the_work_stops_when_the_lease_is_lost():
    run = the(lease.claim(requested().pk))
    with lease.Heartbeat(run) as heartbeat:
        heartbeat._lost = True
        with pytest.raises(lease.LeaseLost):
            heartbeat.progress("tuning", 0.5)


def test_a_run_whose_workers_all_died_is_failed_by_the_check():
    asked = requested()
    for _ in range(3):
        lease.claim(asked.pk)
        lease_over(asked)
    assert retraining.check(now=now()) == []
    asked.refresh_from_db()
    assert (asked.status, asked.error) == ("failed", "the worker died in attempt 3 of 3")


def test_a_version_has_the_second_its_run_began():
    past_leads()
    run = done(requested())
    assert run.version_id == int(the(run.started_at).timestamp())


def test_numbers_follow_when_two_versions_share_a_second():
    with transaction.atomic():
        assert archived(base=0.2).version + 1 == archived(base=0.4).version


def test_the_next_check_takes_over_from_a_killed_worker():
    past_leads(6000)
    asked = requested()
    with processes.running(TRAIN.format(run_id=asked.pk), TUNING_SECONDS="600") as worker:
        deadline = time.monotonic() + 30
        while asked.phase != "tuning" and time.monotonic() < deadline:
            time.sleep(0.1)
            asked.refresh_from_db()
        assert (asked.status, asked.attempts) == ("running", 1)
        assert 0 < asked.progress < 1
        worker.kill()
        worker.wait()
    assert retraining.check(now=now()) == []  # the lease still holds
    lease_over(asked)
    assert retraining.check(now=now()) == [asked.pk]
    run = done(asked)
    assert (run.status, run.attempts, run.verdict) == ("completed", 2, "promote")
    assert ModelVersion.objects.count() == 1


def test_a_worker_that_is_stopped_on_purpose_gives_its_run_back_at_once():
    past_leads(6000)
    asked = requested()
    with processes.running(TRAIN.format(run_id=asked.pk), TUNING_SECONDS="600") as worker:
        deadline = time.monotonic() + 30
        while asked.phase != "tuning" and time.monotonic() < deadline:
            time.sleep(0.1)
            asked.refresh_from_db()
        worker.send_signal(signal.SIGINT)
        worker.wait()
    asked.refresh_from_db()
    assert (asked.status, asked.phase, asked.attempts) == ("queued", "waiting", 0)
    assert retraining.check(now=now()) == [asked.pk]
