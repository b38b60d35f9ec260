"""When a night's task was last due, by the PeriodicTask row an operator may edit."""

from datetime import datetime, timedelta
from typing import Protocol

from django_celery_beat.models import PeriodicTask

NIGHTLY_TASK = "modeling.tasks.nightly_retrain"
DAYS_BACK = 400  # a crontab that fires on 29 February only is not a night's schedule


class Crontab(Protocol):
    """What we need of celery's crontab: the sets it expanded its five fields to."""

    minute: set[int]
    hour: set[int]
    day_of_week: set[int]
    day_of_month: set[int]
    month_of_year: set[int]


def last_slot(*, now: datetime, task: str = NIGHTLY_TASK) -> datetime | None:
    """The newest moment, not after `now`, at which an enabled row asked for `task`; None without one."""
    rows = PeriodicTask.objects.filter(task=task, enabled=True).select_related("crontab", "interval")
    due = (_last_due(row, now) for row in rows)
    return max((moment for moment in due if moment is not None), default=None)


def slot_name(moment: datetime) -> str:
    """How a run's slot names it: "nightly:2026-11-23T03:17+00:00"."""
    return f"nightly:{moment.isoformat(timespec='minutes')}"


def _last_due(row: PeriodicTask, now: datetime) -> datetime | None:
    if row.crontab is not None:
        return last_fire(row.crontab.schedule, now=now.astimezone(row.crontab.timezone))
    if row.interval is not None:
        every = row.interval.schedule.run_every.total_seconds()
        return datetime.fromtimestamp(now.timestamp() // every * every, tz=now.tzinfo)
    return None


def last_fire(schedule: Crontab, *, now: datetime) -> datetime | None:
    """The newest minute, not after `now`, that a crontab names in `now`'s time zone."""
    for days in range(DAYS_BACK):
        day = now - timedelta(days=days)
        if not _names_day(schedule, day):
            continue
        for hour in sorted(schedule.hour, reverse=True):
            for minute in sorted(schedule.minute, reverse=True):
                moment = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
                if moment <= now:
                    return moment
    return None


def _names_day(schedule: Crontab, day: datetime) -> bool:
    return (
        day.isoweekday() % 7 in schedule.day_of_week
        and day.day in schedule.day_of_month
        and day.month in schedule.month_of_year
    )
