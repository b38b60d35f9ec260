"""When the night was last due, and what a check makes up for."""

import json
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from celery.schedules import crontab
from django.utils.timezone import now
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from modeling import night, retraining
from modeling.models import RetrainRun

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (crontab(hour="3", minute="17"), "2026-11-23T03:17"),
        (crontab(hour="10", minute="0"), "2026-11-23T10:00"),
        (crontab(hour="10", minute="1"), "2026-11-22T10:01"),
        (crontab(hour="*/6", minute="0"), "2026-11-23T06:00"),
        (crontab(hour="3", minute="17", day_of_week="sun"), "2026-11-22T03:17"),
        (crontab(hour="3", minute="17", day_of_month="1", month_of_year="2"), "2026-02-01T03:17"),
    ],
)
def test_the_last_time_a_crontab_fired(schedule, expected):
    found = night.last_fire(cast(night.Crontab, schedule), now=MONDAY)
    assert found is not None
    assert f"{found:%Y-%m-%dT%H:%M}" == expected


def test_a_day_that_never_comes_was_never_due():
    never = cast(night.Crontab, crontab(day_of_month="31", month_of_year="2"))
    assert night.last_fire(never, now=MONDAY) is None


@pytest.fixture
def _nightly():
    PeriodicTask.objects.filter(task=night.NIGHTLY_TASK).delete()
    at = CrontabSchedule.objects.create(hour="3", minute="17", timezone=ZoneInfo("UTC"))
    PeriodicTask.objects.create(name="the night", task=night.NIGHTLY_TASK, crontab=at, args=json.dumps([]))


@pytest.mark.django_db
@pytest.mark.usefixtures("_nightly")
class TestSchedule:
    def test_a_night_runs_once_however_often_beat_fires(self):
        first = retraining.request_nightly(now=MONDAY, trigger="beat")
        assert first is not None
        assert first.slot == "nightly:2026-11-23T03:17+00:00"
        retraining.run(first.pk)
        assert retraining.request_nightly(now=MONDAY, trigger="another beat") is None
        assert RetrainRun.objects.count() == 1

    def test_the_check_starts_a_night_that_was_missed(self):
        [run_id] = retraining.check(now=now())
        assert RetrainRun.objects.get(pk=run_id).trigger == "catch-up"

    def test_the_check_is_content_when_a_run_began_since(self):
        run = retraining.request_by(person="ada", now=now())
        retraining.run(run.pk)
        due = night.last_slot(now=now())
        RetrainRun.objects.update(started_at=due)
        assert retraining.check(now=now()) == []

    def test_an_edit_in_the_admin_counts(self):
        CrontabSchedule.objects.update(hour="*/6", minute="0")
        assert night.last_slot(now=MONDAY) == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    def test_an_interval_counts_too(self):
        every = IntervalSchedule.objects.create(every=6, period=IntervalSchedule.HOURS)
        PeriodicTask.objects.update(crontab=None, interval=every)
        assert night.last_slot(now=MONDAY) == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    def test_a_night_that_is_switched_off_is_not_made_up_for(self):
        PeriodicTask.objects.update(enabled=False)
        assert retraining.check(now=now()) == []

    def test_a_night_follows_the_time_zone_of_its_row(self):
        CrontabSchedule.objects.update(timezone=ZoneInfo("America/New_York"))
        found = night.last_slot(now=MONDAY)
        assert found == datetime(2026, 11, 23, 8, 17, tzinfo=UTC)

    def test_a_failed_night_is_not_started_again(self):
        run = retraining.request_nightly(now=now(), trigger="beat")
        assert run is not None
        RetrainRun.objects.update(status="failed")
        assert retraining.check(now=now() + timedelta(seconds=1)) == []
