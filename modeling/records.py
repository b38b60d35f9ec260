"""What the nights after the night found: how good served scores were, what drifted, and what was decided."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now


class LiveQuality(models.Model):
    """How good scores turned out to be, once their leads had matured.

    A week: scores that were given, by one version, or by whichever version served (`version` null). Recent:
    what one version says of the newest leads it has not learned from. Figures stay when leads are erased.
    """

    class Span(models.TextChoices):
        """Which leads a row is about."""

        WEEK = "week", "leads that matured in a week"
        RECENT = "recent", "the newest matured leads"

    version = models.ForeignKey(
        "modeling.ModelVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="live_quality"
    )
    span = models.CharField(max_length=6, choices=Span.choices)
    starts = models.DateField()
    ends = models.DateField()  # the first day after it
    leads = models.PositiveIntegerField()
    converted = models.PositiveIntegerField()
    rate = models.FloatField()
    mean_score = models.FloatField()
    # null while there are too few leads to tell
    auc = models.FloatField(null=True)
    auc_low = models.FloatField(null=True)
    auc_high = models.FloatField(null=True)
    expected_auc = models.FloatField()  # by the scores alone, as if they were calibrated
    holdout_auc = models.FloatField(null=True)  # what the versions promised when they were judged
    brier = models.FloatField()
    log_loss = models.FloatField()
    ece = models.FloatField()
    lift = models.FloatField(null=True)
    measured_at = models.DateTimeField(default=now)
    reopened = models.PositiveIntegerField(default=0)  # how often an outcome came after it was measured

    class Meta:
        verbose_name_plural = "live quality"
        constraints = [
            models.UniqueConstraint(
                fields=["version", "starts"], condition=Q(span="week"), name="live_week_of_version_once"
            ),
            models.UniqueConstraint(
                fields=["starts"], condition=Q(span="week", version=None), name="live_week_served_once"
            ),
            models.UniqueConstraint(fields=["version"], condition=Q(span="recent"), name="live_recent_once"),
            models.CheckConstraint(
                condition=Q(span="week") | Q(version__isnull=False), name="live_recent_has_version"
            ),
            models.CheckConstraint(condition=Q(leads__gt=0), name="live_has_leads"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id or 'served'} {self.starts}"


class DriftReport(models.Model):
    """One night's look at whether the newest leads are of the kind the serving version learned from."""

    version = models.ForeignKey(
        "modeling.ModelVersion", on_delete=models.PROTECT, related_name="drift_reports"
    )
    at = models.DateTimeField(default=now)
    since = models.DateTimeField()  # the leads that came in from here on
    leads = models.PositiveIntegerField()
    # the largest index beyond noise, of a feature or of the score: 0 within it; null: too few leads to tell
    drift = models.FloatField(null=True)
    largest = models.CharField(max_length=200, blank=True, default="")  # which it is
    # for each feature: index, noise, bound, leads on both sides, and the segments that moved most
    shifts = models.JSONField(default=list)
    score = models.JSONField(null=True)  # the same for the scores
    remark = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            # what a scrape shows, and the newest page of the admin
            models.Index(fields=["version", "-at"], name="drift_of_version"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.at:%Y-%m-%d}"


class Decision(models.Model):
    """What the product decided by itself, also when that was to do nothing, with the evidence it had."""

    class Kind(models.TextChoices):
        """What was to be decided."""

        RETRAIN = "retrain", "whether to ask for a training run"
        ROLLBACK = "rollback", "whether to roll back"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    at = models.DateTimeField(default=now)
    version = models.ForeignKey(
        "modeling.ModelVersion", null=True, on_delete=models.PROTECT, related_name="decisions"
    )
    acted = models.BooleanField()
    reason = models.TextField()
    evidence = models.JSONField(default=dict)
    run = models.ForeignKey("modeling.RetrainRun", null=True, on_delete=models.PROTECT, related_name="+")
    deployment = models.ForeignKey(
        "modeling.Deployment", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="decision_has_reason"),
            models.CheckConstraint(
                condition=Q(acted=False) | Q(run__isnull=False) | Q(deployment__isnull=False),
                name="decision_that_acted_names_what",
            ),
        ]
        indexes = [
            # the newest decision of a kind that acted: the cooldown
            models.Index(fields=["kind", "-at"], name="decision_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}: {'acted' if self.acted else 'nothing done'}"


class Measurement(models.Model):
    """A night's measurement of what serves: once for each time it was due, whoever started it."""

    class Kind(models.TextChoices):
        """What is measured."""

        LIVE_QUALITY = "live_quality", "live quality"
        DRIFT = "drift", "drift"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    slot = models.DateTimeField()  # when it was due
    trigger = models.CharField(max_length=10)  # "beat", "catch-up"
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)  # the newest attempt; null: it failed, another may follow
    completed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = "nightly measurement"
        constraints = [
            models.UniqueConstraint(fields=["kind", "slot"], name="measurement_once_a_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slot:%Y-%m-%d %H:%M}"
