"""Model versions, the ledger of what served when, the runs that made them, and every score given.

What is found out about them later is in modeling/records.py.
"""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from leads.models import Grade, Lead
from modeling.records import Decision, DriftReport, LiveQuality, Measurement
from privacy.fields import JudgedValuesField, RedactedCharField

__all__ = [
    "Decision", "Deployment", "DriftReport", "FeatureRule", "LiveQuality", "Measurement", "ModelVersion",
    "Prediction", "RetrainRun", "ServingProcess", "Verdict",
]  # fmt: skip


class Verdict(models.TextChoices):
    """What the gate said of a candidate."""

    PROMOTE = "promote"
    HOLD = "hold"
    REJECT = "reject"


class ModelVersion(models.Model):
    """An immutable, archived scorecard. `version` is the unix second it was trained at."""

    version = models.BigIntegerField(primary_key=True)
    artifact = models.BinaryField(editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    trained_at = models.DateTimeField()
    auc = models.FloatField(null=True, blank=True)  # on hold-out leads; null when registered without any
    n_train = models.PositiveIntegerField()
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reasons = models.JSONField(default=list)
    comparison = models.JSONField(default=dict)  # the gate's table: candidate and champion on the same rows
    origin = models.CharField(max_length=200)  # "nightly 2026-11-23", "registered by ada"
    recorded_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(version__gt=0), name="version_positive"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="version_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.trained_at:%Y-%m-%d %H:%M})"


class Deployment(models.Model):
    """One line of the append-only ledger. The newest row names the champion; no flag is ever moved."""

    class Kind(models.TextChoices):
        """Why the champion changed."""

        PROMOTE = "promote"
        ROLLBACK = "rollback"
        AUTO_ROLLBACK = "auto_rollback"
        FORCE = "force"

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="deployments")
    kind = models.CharField(max_length=13, choices=Kind.choices)
    actor = models.CharField(max_length=150)
    reason = RedactedCharField(max_length=500)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(actor=""), name="deployment_has_actor"),
            models.CheckConstraint(condition=~Q(reason=""), name="deployment_has_reason"),
            models.CheckConstraint(
                condition=Q(kind__in=["promote", "rollback", "auto_rollback", "force"]),
                name="deployment_kind_known",
            ),
        ]
        indexes = [
            # live_at(t): which version served at a moment
            models.Index(fields=["-at"], name="deployment_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version_id}"


class RetrainRun(models.Model):
    """One night's (or one request's) training, from trigger to verdict, with what it read and why."""

    class Status(models.TextChoices):
        """Where the run stands."""

        QUEUED = "queued"
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"

    class Phase(models.TextChoices):
        """What a running run is doing."""

        WAITING = "waiting"
        READING = "reading"
        PREPARING = "preparing"
        TUNING = "tuning"
        FITTING = "fitting"
        JUDGING = "judging"
        PROMOTING = "promoting"
        DONE = "done"

    # "nightly:2026-11-23T03:17+00:00": a night runs once, whoever asks
    slot = models.CharField(max_length=64, unique=True)
    trigger = models.CharField(max_length=150)  # "beat", "ada (admin)", "key ci"
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.QUEUED)
    phase = models.CharField(max_length=9, choices=Phase.choices, default=Phase.WAITING)
    progress = models.FloatField(default=0.0)  # 0 to 1
    attempts = models.PositiveSmallIntegerField(default=0)
    # when the world began that it learns: leads that matured before are left out; null: none are
    since = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # grows with every claim; a late worker's writes are refused
    fence = models.PositiveIntegerField(default=0)
    requested_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True, default="")
    reasons = models.JSONField(default=list)
    # rows in, out and why dropped; features left out and why; the gate's table
    report = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    version = models.ForeignKey(
        ModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="runs"
    )

    class Meta:
        constraints = [
            # two triggers, one run
            models.UniqueConstraint(
                models.Value(1), condition=Q(status__in=["queued", "running"]), name="run_one_open"
            ),
            models.CheckConstraint(condition=Q(progress__range=(0, 1)), name="run_progress_0_1"),
        ]

    def __str__(self) -> str:
        return self.slot


class FeatureRule(models.Model):
    """What a person decided about one feature; without a row the training decides by itself."""

    class Use(models.TextChoices):
        """Whether the feature may be learned from."""

        AUTO = "auto", "let training decide"
        ALLOW = "allow", "allow, even when it looks like leakage"
        BAN = "ban", "never use"

    class Direction(models.TextChoices):
        """A monotone constraint: more of a number may only help, or only hurt."""

        FREE = "free"
        INCREASING = "increasing"
        DECREASING = "decreasing"

    name = models.CharField(max_length=200, unique=True)
    use = models.CharField(max_length=5, choices=Use.choices, default=Use.AUTO)
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.FREE)
    phrase = models.CharField(
        max_length=200,
        blank=True,
        default="",
        help_text='How a reason reads, such as "came through a {value}".',
    )
    note = RedactedCharField(max_length=500, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.name}: {self.use}"


class Prediction(models.Model):
    """A score as it was given, with the features it saw. Training reads these: it learns from what served."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="predictions")
    version = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    probability = models.FloatField(null=True)  # null: no model was serving
    grade = models.CharField(max_length=1, choices=Grade.choices, blank=True, default="")
    features = JudgedValuesField()
    # when the newest message was said that the features tell of; null: none was
    heard_until = models.DateTimeField(null=True)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(probability__isnull=True) | Q(probability__range=(0, 1)), name="prediction_0_1"
            ),
        ]
        indexes = [
            # live quality: the scores one version gave, in time order
            models.Index(fields=["version", "at"], name="prediction_of_version"),
        ]

    def __str__(self) -> str:
        return f"{self.probability} for {self.lead_id}"


class ServingProcess(models.Model):
    """A running process's own report of the version it has loaded; only that process writes its row."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    role = models.CharField(max_length=20)
    version = models.BigIntegerField(null=True)  # null: nothing loaded
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "serving processes"
        constraints = [models.UniqueConstraint(fields=["host", "pid"], name="process_once")]

    def __str__(self) -> str:
        return f"{self.role} {self.host}:{self.pid}"
