"""What is to be sent: policies, their versions, and the switch that stops them."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from privacy.fields import RedactedCharField


class Policy(models.Model):
    """A name. What it says is its newest version; whether it sends, the newest row of the switch."""

    name = models.CharField(max_length=100, unique=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name_plural = "policies"
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="policy_has_name")]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """An immutable wording of a policy. Leads that were enrolled under it keep it."""

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()  # 1, 2, 3
    document = models.JSONField()  # what followups.documents reads
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            # also the look-up of the newest
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once"),
            models.CheckConstraint(condition=~Q(created_by=""), name="policy_version_has_author"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class Switch(models.Model):
    """One line of an append-only ledger. The newest row of a policy, and that of all, must both be on.

    A policy without a row has never been switched on.
    """

    policy = models.ForeignKey(
        Policy, null=True, blank=True, on_delete=models.PROTECT, related_name="switches", db_index=False
    )  # none: the switch of everything, on until a row says otherwise
    on = models.BooleanField()
    actor = models.CharField(max_length=150)
    reason = RedactedCharField(max_length=500, blank=True, default="")
    at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = "switch"
        verbose_name_plural = "switches"
        permissions = [("throw_switch", "Can start and stop sending")]
        constraints = [models.CheckConstraint(condition=~Q(actor=""), name="switch_has_actor")]
        indexes = [
            # the newest row of each
            models.Index(fields=["policy", "-id"], name="switch_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.policy or 'everything'} {'on' if self.on else 'off'}"
