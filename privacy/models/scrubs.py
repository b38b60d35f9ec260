"""Scrubs: the certificate of each, and how far the one under way has come."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now


class ScrubRun(models.Model):
    """What one scrub saw and did, signed. Rows are only added: Postgres itself refuses the rest."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(default=now)
    actor = models.CharField(max_length=150)
    pattern = models.CharField(max_length=1000)
    database = models.IntegerField(null=True)  # of Redis; null: the one that REDIS_URL names
    stores = models.CharField(max_length=40)  # "redis, postgres"
    dry_run = models.BooleanField()
    resumed = models.PositiveIntegerField(default=0)  # times it was taken up again after an interruption
    detector_version = models.PositiveIntegerField()
    keys_scanned = models.BigIntegerField()
    values_scanned = models.BigIntegerField()
    values_changed = models.BigIntegerField()  # in a dry run: that would be
    values_withheld = models.BigIntegerField()
    unscrubbable = models.BigIntegerField()
    kinds = models.JSONField(default=dict)  # kind: how many were replaced
    figures = models.JSONField(default=dict)  # for Redis and for each column of Postgres, with the problems
    signature = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(finished_at__gte=models.F("started_at")), name="scrub_ends"),
            models.CheckConstraint(
                condition=~Q(signature="") & ~Q(actor=""), name="scrub_signed_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} of {self.started_at:%Y-%m-%d %H:%M}"


class ScrubProgress(models.Model):
    """The scrub under way, or the one that was interrupted; there is one row at most."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    started_at = models.DateTimeField(default=now)
    saved_at = models.DateTimeField(default=now)
    actor = models.CharField(max_length=150)
    pattern = models.CharField(max_length=1000)
    database = models.IntegerField(null=True)
    stores = models.CharField(max_length=40)
    dry_run = models.BooleanField()
    resumed = models.PositiveIntegerField(default=0)
    detector_version = models.PositiveIntegerField()
    # SCAN's cursor, valid as long as the server that gave it lives; empty when Redis is done
    cursor = models.CharField(max_length=40, blank=True, default="0")
    server = models.CharField(max_length=64, blank=True, default="")
    # {"column": "leads.Outcome", "after": "pk"} of the last batch of Postgres
    place = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "scrub progress"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="scrub_one_open")]

    def __str__(self) -> str:
        return f"since {self.started_at:%Y-%m-%d %H:%M}"
