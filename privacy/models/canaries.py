"""What each flight of the canary found."""

from django.db import models
from django.utils.timezone import now


class CanaryFlight(models.Model):
    """One pass of a made-up person through the doors. Clean: nothing of it was found anywhere."""

    class Result(models.TextChoices):
        """How it ended."""

        CLEAN = "clean", "nothing was left behind"
        LEAK = "leak", "a detail was found"
        FAILED = "failed", "it could not pass, or not everything could be looked at"

    at = models.DateTimeField(default=now)
    took_seconds = models.FloatField()
    result = models.CharField(max_length=6, choices=Result.choices)
    found = models.JSONField(default=dict)  # by place: where a detail stood, never the detail
    error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = [
            # the newest clean one is a metric
            models.Index(fields=["result", "-at"], name="canary_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.result} at {self.at:%Y-%m-%d %H:%M}"
