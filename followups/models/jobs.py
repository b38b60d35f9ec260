"""Who is followed up, and one row for each step of each lead. The rows are the queue."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.timezone import now
from uuid6 import uuid7

from followups.models.policies import Policy, PolicyVersion
from leads.models import Lead
from privacy.fields import RedactedCharField


class Trigger(models.TextChoices):
    """What brought a lead into a policy."""

    CREATED = "created", "it came in"
    CHANGED = "changed", "it changed"
    IMPORTED = "imported", "an import asked for it"
    PERSON = "person", "a person enrolled it"


class Status(models.TextChoices):
    """How far a step is. `sending` is the only one of which a crash leaves open what happened."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    IN_DOUBT = "in_doubt", "in doubt"
    CANCELLED = "cancelled"


class Reason(models.TextChoices):
    """Why a step was not sent, or not yet."""

    # cancelled
    REPLIED = "replied", "the person wrote after they were enrolled"
    ENDED = "ended", "the lead ended"
    OPTED_OUT = "opted_out", "the person wants no more messages"
    STOPPED = "stopped", "a person stopped it"
    TOO_LATE = "too_late", "it was due so long ago that it would only confuse"
    # held: pending, and tried again at `due_at`
    QUIET = "quiet", "quiet hours"
    LEAD_CAP = "lead_cap", "enough messages to this lead today"
    POLICY_CAP = "policy_cap", "enough messages of this policy today"
    SWITCHED_OFF = "switched_off", "sending is switched off"
    RETRY = "retry", "the last attempt failed; there will be another"
    # failed
    REFUSED = "refused", "the receiver refused it"
    UNREACHABLE = "unreachable", "every attempt failed"
    NO_ADDRESS = "no_address", "nothing to send it to"
    UNSENDABLE = "unsendable", "the policy cannot be carried out"
    # in doubt
    NO_ANSWER = "no_answer", "it was handed over and no answer came"
    CRASHED = "crashed", "the process that sent it died"


class Enrolment(models.Model):
    """A lead in a policy, once and for all under the version of that moment.

    One that is held out gets nothing: comparing it with the others tells what follow-ups cause.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="enrolments", db_index=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="enrolments", db_index=False)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="enrolments")
    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    held_out = models.BooleanField()
    turns_heard = models.PositiveIntegerField()  # more than these is a reply
    enrolled_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.CharField(max_length=150, blank=True, default="")
    stop_reason = RedactedCharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lead", "policy"], name="enrolment_once"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stopped_by="")
                | (Q(stopped_at__isnull=False) & ~Q(stopped_by="")),
                name="enrolment_stopped_by_somebody",
            ),
        ]
        indexes = [
            # what a policy causes: its followed leads and those held out, in time order
            models.Index(fields=["policy", "enrolled_at"], name="enrolment_of_policy"),
        ]

    def __str__(self) -> str:
        return f"enrolled {self.enrolled_at:%Y-%m-%d}"


class FollowUp(models.Model):
    """One step for one lead. Its id is the idempotency key that receivers see."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="followups", db_index=False)
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="followups", db_index=False)
    step = models.PositiveSmallIntegerField()  # 1 is the first
    channel = models.CharField(max_length=20)
    planned_at = models.DateTimeField()  # what the policy says, within its hours
    due_at = models.DateTimeField()  # when it is tried next: planned, put off, or to be repeated
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PENDING)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True, default="")
    detail = RedactedCharField(max_length=300, blank=True, default="")
    changed_at = models.DateTimeField(default=now)  # when status or reason became what they are
    attempts = models.PositiveSmallIntegerField(default=0)  # sends begun
    # grows with every claim; a late worker's writes are refused
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_by = models.CharField(max_length=100, blank=True, default="")  # host:pid
    # of the newest attempt: should nobody learn its end, whether it is made again
    repeatable = models.BooleanField(default=False, db_default=False)
    # where that attempt went, as a digest: it is repeated nowhere else
    aimed_at = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    # who said what became of it when it was in doubt
    settled_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    receipt = RedactedCharField(max_length=200, blank=True, default="")  # what the receiver answered

    class Meta:
        verbose_name = "follow-up"
        verbose_name_plural = "follow-ups"
        permissions = [("settle_followup", "Can say what became of a follow-up in doubt")]
        constraints = [
            # nobody hears the same step twice; also all steps of a lead
            models.UniqueConstraint(fields=["lead", "policy", "step"], name="followup_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="followup_status_known"),
            models.CheckConstraint(condition=Q(step__gte=1), name="followup_step_from_1"),
            models.CheckConstraint(
                condition=Q(status__in=["claimed", "sending"]) ^ Q(lease_until__isnull=True),
                name="followup_lease_while_worked_on",
            ),
            models.CheckConstraint(
                condition=~Q(status="sent") | Q(sent_at__isnull=False), name="followup_sent_when"
            ),
        ]
        indexes = [
            # the dispatcher's claim: what is due, oldest first, of each policy that is on
            models.Index(fields=["policy", "due_at"], name="followup_due", condition=Q(status="pending")),
            # leases that ended
            models.Index(
                fields=["lease_until"], name="followup_leased", condition=Q(status__in=["claimed", "sending"])
            ),
            # what a person has to look at
            models.Index(fields=["changed_at"], name="followup_in_doubt", condition=Q(status="in_doubt")),
            # what went to a lead in the last days, or may have: looked at before each send
            models.Index(
                F("lead"),
                Coalesce("sent_at", "changed_at"),
                name="followup_lately",
                condition=Q(status__in=["sending", "sent", "in_doubt"])
                | Q(status__in=["pending", "claimed"], reason__in=["crashed", "no_answer"]),
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.step}, {self.get_status_display()}"


class PolicyDay(models.Model):
    """How many sends of a policy began on a day of its time zone; only for policies with such a cap."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    begun = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["policy", "day"], name="policy_day_once")]

    def __str__(self) -> str:
        return f"{self.begun} on {self.day}"
