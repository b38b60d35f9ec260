"""The schedule's rows: made once, then the operator's."""

import pytest
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from customerops.schedule import ENTRIES, create_missing_rows

pytestmark = pytest.mark.django_db


def test_it_makes_the_night_at_03_17_utc():
    night = PeriodicTask.objects.get(task="modeling.tasks.nightly_retrain")
    assert (night.crontab.hour, night.crontab.minute) == ("3", "17")
    assert str(night.crontab.timezone) == "UTC"
    assert night.enabled


def test_it_makes_one_row_for_each_entry_however_often_migrate_runs():
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    assert PeriodicTask.objects.count() == len(ENTRIES)
    assert CrontabSchedule.objects.count() == len(
        {entry.every for entry in ENTRIES if isinstance(entry.every, str)}
    )
    assert IntervalSchedule.objects.count() == len(
        {entry.every for entry in ENTRIES if isinstance(entry.every, int)}
    )


def test_it_never_overwrites_what_an_operator_chose():
    six_hours, _ = IntervalSchedule.objects.get_or_create(every=6, period=IntervalSchedule.HOURS)
    PeriodicTask.objects.filter(task="modeling.tasks.nightly_retrain").update(
        name="Every six hours", crontab=None, interval=six_hours, enabled=False
    )
    create_missing_rows()
    row = PeriodicTask.objects.get(task="modeling.tasks.nightly_retrain")
    assert (row.name, row.interval, row.enabled) == ("Every six hours", six_hours, False)


def test_it_makes_a_deleted_row_again():
    PeriodicTask.objects.filter(task="leads.tasks.ghost_silent_leads").delete()
    create_missing_rows()
    assert PeriodicTask.objects.filter(task="leads.tasks.ghost_silent_leads").count() == 1
