"""Leads, the append-only record of how they ended, and what was said, redacted."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.fields.json import KT
from django.utils.timezone import now
from uuid6 import uuid7

from leads.signals import INTENT, Intent, Sentiment, Urgency
from privacy.encryption import EncryptedJSONField
from privacy.fields import JudgedValueField, JudgedValuesField, RedactedJSONField, RedactedTextField


def default_maturity() -> datetime:
    """When a lead that came in now may be judged."""
    return now() + timedelta(days=settings.OUTCOME_HORIZON_DAYS)


class State(models.TextChoices):
    """How a lead ended, or how far it came."""

    BOOKED = "booked"
    QUALIFIED = "qualified"
    NURTURE = "nurture"
    GHOSTED = "ghosted"
    UNQUALIFIED = "unqualified"
    SPAM = "spam"


class Grade(models.TextChoices):
    """Where a score stands among the leads the model learned from; A is the best fifth."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class LeadQuerySet(models.QuerySet["Lead"]):
    """Questions about leads that more than one door asks."""

    def with_state(self) -> "LeadQuerySet":
        """Annotates `state`: that of the newest outcome, None when there is none."""
        newest = Outcome.objects.filter(lead=OuterRef("pk")).order_by("-recorded_at", "-id")
        return self.annotate(state=Subquery(newest.values("state")[:1]))

    def matured(self, *, now: datetime) -> "LeadQuerySet":
        """Leads that may be judged."""
        return self.filter(matures_at__lte=now)

    def immature(self, *, now: datetime) -> "LeadQuerySet":
        """Leads that may still change."""
        return self.filter(matures_at__gt=now)


class Lead(models.Model):
    """Somebody who may book. `attributes` is what the caller knows: numbers, strings, booleans, dates."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    source = JudgedValueField(max_length=100, blank=True, default="")
    attributes = JudgedValuesField(default=dict, blank=True)
    contact = EncryptedJSONField(null=True, blank=True, editable=False)
    # what the contact can be found by, though nobody can read it
    email_digest = models.UUIDField(null=True, editable=False)
    phone_digest = models.UUIDField(null=True, editable=False)
    timezone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(default=now)
    recorded_at = models.DateTimeField(auto_now_add=True)
    matures_at = models.DateTimeField(default=default_maturity)
    opted_out_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)  # when the person wrote last
    # turns of the person that came in so far: it only grows, whatever clocks and retention do
    turns_heard = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # what its messages say, as a score sees it; written with each message, and made anew by a correction
    signals = models.JSONField(default=dict, db_default={}, blank=True, editable=False)

    probability = models.FloatField(null=True, blank=True, editable=False)
    grade = models.CharField(max_length=1, choices=Grade.choices, blank=True, default="", editable=False)
    model_version = models.BigIntegerField(null=True, blank=True, editable=False)
    scored_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LeadQuerySet.as_manager()

    class Meta:
        permissions = [("view_contact", "Can see contact details")]
        constraints = [
            models.CheckConstraint(
                condition=Q(matures_at__gte=F("created_at")), name="lead_matures_after_created"
            ),
            models.CheckConstraint(
                condition=Q(probability__isnull=True) | Q(probability__range=(0, 1)),
                name="lead_probability_0_1",
            ),
            models.CheckConstraint(condition=~Q(external_id=""), name="lead_external_id_not_empty"),
        ]
        indexes = [
            # GET /v1/leads: newest first, cursor on (created_at, id)
            models.Index(fields=["-created_at", "-id"], name="lead_newest"),
            # admin: best leads first
            models.Index(F("probability").desc(nulls_last=True), name="lead_best"),
            # admin: best leads first that wrote about one thing last
            models.Index(
                KT(f"signals__{INTENT}"),
                F("probability").desc(nulls_last=True),
                name="lead_wants",
                condition=Q(signals__has_key=INTENT),
            ),
            # the training dataset and the task that ghosts silent leads
            models.Index(fields=["matures_at"], name="lead_maturity"),
            # whose leads are these: an erasure or an export by e-mail or phone
            models.Index(fields=["email_digest"], name="lead_email", condition=Q(email_digest__isnull=False)),
            models.Index(fields=["phone_digest"], name="lead_phone", condition=Q(phone_digest__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.external_id or str(self.id)


class Outcome(models.Model):
    """One report of how a lead ended. Rows are only added: the newest row of a lead is the truth."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="outcomes")
    state = models.CharField(max_length=12, choices=State.choices)
    occurred_at = models.DateTimeField(default=now)
    recorded_at = models.DateTimeField(default=now)
    source = models.CharField(max_length=100, default="api")
    note = RedactedTextField(blank=True, default="", validators=[MaxLengthValidator(2000)])

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="outcome_state_known"),
        ]
        indexes = [
            # the newest outcome of a lead
            models.Index(fields=["lead", "-recorded_at", "-id"], name="outcome_newest"),
            # conversion and ghost rates of a window
            models.Index(fields=["recorded_at", "state"], name="outcome_recorded"),
        ]

    def __str__(self) -> str:
        return f"{self.state} at {self.occurred_at:%Y-%m-%d}"

    @property
    def reward(self) -> float:
        """What this ending is worth, -1 to 1 by default (`OUTCOME_REWARDS`)."""
        return float(settings.OUTCOME_REWARDS[self.state])


class Role(models.TextChoices):
    """Who speaks."""

    LEAD = "lead"
    AGENT = "agent"


class OptOut(models.Model):
    """Somebody who wants no more messages, whatever lead they are: the keyed digest of an e-mail address."""

    digest = models.UUIDField(primary_key=True, editable=False)
    at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return f"opted out {self.at:%Y-%m-%d}"


def _choices(labels: type[Intent] | type[Sentiment] | type[Urgency]) -> list[tuple[str, str]]:
    return [(label.value, label.value.replace("_", " ")) for label in labels]


class Message(models.Model):
    """One turn of a conversation, redacted. These rows are the record; Redis holds a window of the newest.

    What a turn of the lead tells is kept as it was judged. `corrected_*` is what a person says instead.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="messages", db_index=False)
    position = models.PositiveIntegerField()  # 1 for the lead's first turn, without gaps
    role = models.CharField(max_length=5, choices=Role.choices)
    text = RedactedTextField()
    detector_version = models.PositiveSmallIntegerField()
    external_digest = models.UUIDField(
        null=True
    )  # of the caller's id, which may be made of an e-mail address
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()

    # empty for a turn of the agent
    intent = models.CharField(max_length=16, choices=_choices(Intent), blank=True, default="")
    intent_confidence = models.FloatField(null=True)
    sentiment = models.CharField(max_length=8, choices=_choices(Sentiment), blank=True, default="")
    sentiment_score = models.FloatField(null=True)
    sentiment_confidence = models.FloatField(null=True)
    urgency = models.CharField(max_length=6, choices=_choices(Urgency), blank=True, default="")
    urgency_score = models.FloatField(null=True)
    urgency_confidence = models.FloatField(null=True)
    words = RedactedJSONField(default=dict)  # the words that decided, by judgement
    enrichment_version = models.CharField(max_length=64, blank=True, default="")

    corrected_intent = models.CharField(
        "rather this intent", max_length=16, choices=_choices(Intent), blank=True, default=""
    )
    corrected_sentiment = models.CharField(
        "rather this mood", max_length=8, choices=_choices(Sentiment), blank=True, default=""
    )
    corrected_urgency = models.CharField(
        "rather this urgency", max_length=6, choices=_choices(Urgency), blank=True, default=""
    )
    corrected_at = models.DateTimeField(null=True, blank=True)
    corrected_by = models.CharField(max_length=150, blank=True, default="")

    class Meta:
        constraints = [
            # also the order of a conversation, and its newest turns
            models.UniqueConstraint(fields=["lead", "position"], name="message_position_once"),
            # a caller may repeat a call that timed out
            models.UniqueConstraint(fields=["lead", "external_digest"], name="message_external_id_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="message_role_known"),
        ]
        indexes = [
            # windows of Redis that are behind; retention
            models.Index(fields=["received_at"], name="message_received"),
            # what the next training of the enrichment learns from
            models.Index(
                fields=["corrected_at"], name="message_corrected", condition=Q(corrected_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"turn {self.position} of {self.lead_id}"


class EnrichmentModel(models.Model):
    """What came of learning from corrections, night by night. Rows are only added; the newest to serve reads.

    One that does not has no `data`: what there was stays. `base` is the digest of the shipped models that it
    started from, since those of another release are not used; `corrections` that of what it learned from.
    """

    data = models.BinaryField(editable=False)
    sha256 = models.CharField(max_length=64, blank=True, default="", editable=False)
    base = models.CharField(max_length=64, editable=False)
    corrections = models.CharField(max_length=64, editable=False)
    serves = models.BooleanField(editable=False)
    figures = models.JSONField(editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = "reading of messages"
        verbose_name_plural = "readings of messages"
        constraints = [
            models.CheckConstraint(
                condition=Q(serves=False, sha256="") | (Q(serves=True) & ~Q(sha256="")),
                name="enrichment_model_serves_data",
            ),
        ]

    def __str__(self) -> str:
        return f"reading of {self.created_at:%Y-%m-%d}{'' if self.serves else ', held'}"
