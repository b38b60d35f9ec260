"""What the queue tells Prometheus: rows as Postgres holds them now."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.timezone import now
from prometheus_client import REGISTRY

from followups import metrics
from followups.channels import channels
from followups.claiming import reclaim
from followups.completing import Result, complete
from followups.metrics import FollowUpCollector
from followups.models import FollowUp, Status
from followups.tests.cast import begun, ended, lead, leases_end, policy, switch

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


@pytest.mark.parametrize(
    ("channel", "believed", "result", "told", "jobs"),
    [
        ("scripted", "in_doubt", Result.SENT, {"receipt": "ok"}, {"in_doubt": 1, "sent": 1}),
        ("scripted", "in_doubt", Result.IN_DOUBT, {"reason": "no_answer"}, {"in_doubt": 1, "sent": 0}),
        ("repeatable", "retry", Result.SENT, {"receipt": "ok"}, {"in_doubt": 0, "sent": 1}),
    ],
)
def test_an_attempt_is_counted_once_though_its_worker_speaks_up_late(channel, believed, result, told, jobs):
    policy("1m", channel=channel, hours={"quiet": []})
    lead(now())
    at = now() + timedelta(minutes=2)
    [one] = begun(at)
    attempts = {result: attempted(channel, result) for result in ("sent", "retry", "failed", "in_doubt")}
    ends = {end: ended_as(end) for end in jobs}
    leases_end()
    metrics.count_reclaimed(reclaim(now=at))
    done = complete(completions=[ended(one, result, at, **told)], now=at)
    metrics.count_completed(done.written, late=done.late)
    more = {result: attempted(channel, result) - before for result, before in attempts.items()}
    assert more == {"sent": 0, "retry": 0, "failed": 0, "in_doubt": 0} | {believed: 1}
    assert {end: ended_as(end) - before for end, before in ends.items()} == jobs


def attempted(channel: str, result: str) -> float:
    labels = {"channel": channel, "result": result}
    return REGISTRY.get_sample_value("followup_attempts_total", labels) or 0.0


def ended_as(end: str) -> float:
    return REGISTRY.get_sample_value("followup_jobs_total", {"result": end}) or 0.0
