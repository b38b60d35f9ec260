"""What the queue tells Prometheus: rows as Postgres holds them now."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now
from prometheus_client import REGISTRY

from followups import metrics
from followups.channels import channels
from followups.claiming import reclaim
from followups.metrics import FollowUpCollector
from followups.models import FollowUp, Status
from followups.tests.cast import begun, lead, leases_end, policy, switch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent")]


TESTED = ("followups.channels.scripted", "followups.channels.sink")


def scraped() -> dict[str, float]:
    return {family.name: family.samples[0].value for family in FollowUpCollector().collect()}


def test_every_series_is_born_at_the_start():
    for channel in (
        name for name in channels() if name not in ("scripted", "repeatable", "sink", "once-sink")
    ):
        for result in ("sent", "retry", "failed", "in_doubt"):
            labels = {"channel": channel, "result": result}
            assert REGISTRY.get_sample_value("followup_attempts_total", labels) is not None
    for result in ("sent", "failed", "cancelled", "in_doubt"):
        assert REGISTRY.get_sample_value("followup_jobs_total", {"result": result}) is not None


def test_without_rows_every_gauge_is_zero():
    assert scraped() == {
        "followup_scheduled": 0,
        "followup_overdue": 0,
        "followup_oldest_overdue_seconds": 0,
        "followup_in_doubt": 0,
    }


def test_only_what_could_be_sent_now_is_overdue():
    nudge = policy("1m", "2d")
    lead(now())
    assert scraped()["followup_scheduled"] == 2
    assert scraped()["followup_overdue"] == 0
    FollowUp.objects.filter(step=1).update(due_at=now() - timedelta(seconds=1))
    assert scraped()["followup_overdue"] == 0  # it is just being claimed
    FollowUp.objects.filter(step=1).update(due_at=now() - timedelta(seconds=90))
    assert scraped()["followup_overdue"] == 1
    assert 90 <= scraped()["followup_oldest_overdue_seconds"] < 100
    switch(nudge, on=False)
    assert (scraped()["followup_overdue"], scraped()["followup_scheduled"]) == (0, 2)
    switch(nudge, on=True)
    switch(None, on=False)
    assert scraped()["followup_overdue"] == 0


def test_more_than_can_be_counted_quickly_are_estimated(monkeypatch):
    policy("1m", "2d", "3d")
    lead(now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE followups_followup")
    FollowUp.objects.filter(step=3).delete()
    FollowUp.objects.update(due_at=now() - timedelta(minutes=1))
    monkeypatch.setattr(metrics, "EXACT", 2)
    assert (scraped()["followup_scheduled"], scraped()["followup_overdue"]) == (3, 2)
    monkeypatch.setattr(metrics, "EXACT", 1)
    assert (scraped()["followup_scheduled"], scraped()["followup_overdue"]) == (3, 1)
    monkeypatch.setattr(metrics, "EXACT", 9)
    assert (scraped()["followup_scheduled"], scraped()["followup_overdue"]) == (2, 2)


def test_what_a_dead_worker_left_is_counted_by_whoever_finds_it():
    policy("1m", hours={"quiet": []})
    lead(now())
    begun(now() + timedelta(minutes=2))
    leases_end()
    attempt = {"channel": "scripted", "result": "in_doubt"}
    before = REGISTRY.get_sample_value("followup_attempts_total", attempt) or 0
    metrics.count_reclaimed(reclaim(now=now()))
    assert REGISTRY.get_sample_value("followup_attempts_total", attempt) == before + 1
    assert scraped()["followup_in_doubt"] == 1
    assert FollowUp.objects.get().status == Status.IN_DOUBT
