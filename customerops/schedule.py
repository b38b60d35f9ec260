"""The schedule: PeriodicTask rows, made when missing and then left to the admin. All times are UTC."""

from dataclasses import dataclass

from django.db import router
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask


@dataclass(frozen=True)
class Entry:
    """A task with the crontab "minute hour", or the number of minutes, between two runs of it."""

    name: str
    task: str
    every: str | int
    expire_seconds: int
    description: str


ENTRIES = (
    Entry(
        "Nightly retraining", "modeling.tasks.nightly_retrain", "17 3", 3600,
        "Learns from every lead that matured, and promotes what the gate lets through.",
    ),
    Entry(
        "Missed or abandoned retraining", "modeling.tasks.check_retraining", 10, 590,
        "Starts a night's run that beat missed, and hands on the run of a worker that died.",
    ),
    Entry(
        "Ghost silent leads", "leads.tasks.ghost_silent_leads", 60, 3500,
        "Records `ghosted` for leads that matured without a word.",
    ),
    Entry(
        "Conversation memory", "leads.tasks.catch_up_memory", 1, 55,
        "Makes conversation windows anew that Redis lost, or missed while it was away.",
    ),
    Entry(
        "Apply retention", "leads.tasks.apply_retention", "10 4", 3600,
        "Removes messages, contacts and leads that were kept for as long as the settings say.",
    ),
    Entry(
        "Erase again who came back", "customerops.tasks.erase_again", "40 4", 3600,
        "Erases erased people whom a restored backup or a late import brought back.",
    ),
    Entry(
        "Finish erasures", "customerops.tasks.finish_erasures", 10, 590,
        "Lets Redis forget erased people whom it could not forget while it was away.",
    ),
    Entry(
        "Nightly scrub", "privacy.tasks.scrub_history", "0 2", 3600,
        "Looks at what is kept in Redis and Postgres once more, and redacts what should not have been kept.",
    ),
    Entry(
        "Canary", "customerops.tasks.fly_canary", 10, 590,
        "Sends a made-up person through the doors and looks everywhere for what was left behind.",
    ),
    Entry(
        "Send follow-ups", "followups.tasks.send_due", 1, 55,
        "Sends what is due, beside `manage.py send_due --loop`, or while that is down.",
    ),
    Entry(
        "Learn from corrected messages", "leads.tasks.adapt_enrichment", "40 3", 3600,
        "Reads messages better where people said that they were misread, if nothing else gets worse.",
    ),
    Entry(
        "Live quality", "modeling.tasks.live_quality", "20 4", 21_600,
        "Measures what served scores were worth now that leads matured; rolls back if AUTO_ROLLBACK is on.",
    ),
    Entry(
        "Drift", "modeling.tasks.drift", "30 4", 21_600,
        "Looks whether new leads are of another kind; asks for a training run if DRIFT_RETRAIN is on.",
    ),
    Entry(
        "Missed measurements", "modeling.tasks.check_measurements", 10, 590,
        "Measures live quality and drift when beat or the worker was down at their minute.",
    ),
)  # fmt: skip


def create_missing_rows(*, using: str = "default", **kwargs: object) -> None:
    """After a migrate. A row is known by its task: one that was renamed, moved or disabled stays as it is."""
    if not router.allow_migrate_model(using, PeriodicTask):
        return
    for entry in ENTRIES:
        if not PeriodicTask.objects.using(using).filter(task=entry.task).exists():
            _create(entry, using)


def _create(entry: Entry, using: str) -> None:
    crontab = interval = None
    if isinstance(entry.every, str):
        minute, hour = entry.every.split()
        crontab, _ = CrontabSchedule.objects.using(using).get_or_create(
            minute=minute, hour=hour, day_of_week="*", day_of_month="*", month_of_year="*", timezone="UTC"
        )
    else:
        interval, _ = IntervalSchedule.objects.using(using).get_or_create(
            every=entry.every, period=IntervalSchedule.MINUTES
        )
    PeriodicTask.objects.using(using).create(
        name=entry.name, task=entry.task, crontab=crontab, interval=interval,
        expire_seconds=entry.expire_seconds, description=entry.description,
    )  # fmt: skip
