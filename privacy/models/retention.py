"""What a night's retention removed."""

from django.db import models
from django.utils.timezone import now


class RetentionRun(models.Model):
    """One run's report, in numbers alone."""

    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)  # null: it was stopped on its way; the next one goes on
    messages = models.PositiveIntegerField(default=0)
    contacts = models.PositiveIntegerField(default=0)
    leads = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)  # leads due for something that a legal hold keeps
    periods = models.JSONField(default=dict)  # the settings it went by, in days

    class Meta:
        indexes = [
            # the admin: newest first
            models.Index(fields=["-started_at"], name="retention_newest"),
        ]

    def __str__(self) -> str:
        return f"retention of {self.started_at:%Y-%m-%d %H:%M}"
