"""What is remembered of an erasure: a receipt, digests that keep the person away, what Redis still owes."""

from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from uuid6 import uuid7

from privacy.digests import Name
from privacy.fields import RedactedCharField


def new_receipt() -> UUID:
    """The plain type, which orjson knows."""
    return UUID(int=uuid7().int)


class Erasure(models.Model):
    """The receipt of one erasure. It names nobody: who was erased is a keyed digest."""

    class Trigger(models.TextChoices):
        """Why it happened."""

        REQUEST = "request", "somebody asked for it"
        AGAIN = "again", "erased data had come back"

    id = models.UUIDField(primary_key=True, default=new_receipt, editable=False)
    at = models.DateTimeField(default=now)
    trigger = models.CharField(max_length=7, choices=Trigger.choices, default=Trigger.REQUEST)
    actor = models.CharField(max_length=150)
    reason = RedactedCharField(max_length=500)
    subject_name = models.CharField(max_length=11, choices=[(name.value, name.value) for name in Name])
    subject_digest = models.UUIDField(null=True)
    leads = models.PositiveIntegerField()
    rows = models.JSONField(default=dict)  # rows removed, by table
    redis_keys = models.PositiveIntegerField(null=True)  # null: Redis has still to be cleaned
    model_versions = models.JSONField(default=list)  # those that may have learned from the person
    signature = models.CharField(max_length=64)

    class Meta:
        permissions = [
            ("erase_subject", "Can erase a person"),
            ("export_subject", "Can export a person's data"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(actor=""), name="erasure_has_actor"),
            models.CheckConstraint(condition=~Q(reason=""), name="erasure_has_reason"),
        ]
        indexes = [
            # the admin: newest first
            models.Index(fields=["-at"], name="erasure_newest"),
        ]

    def __str__(self) -> str:
        return f"erasure {self.id}"


class Tombstone(models.Model):
    """A name of somebody who was erased. Copies live outside Postgres (`privacy.gravestones`)."""

    name = models.CharField(max_length=11, choices=[(name.value, name.value) for name in Name])
    digest = models.UUIDField()
    erased_at = models.DateTimeField()
    erasure = models.UUIDField()  # the receipt, which an older backup may lack

    class Meta:
        constraints = [
            # also the look-up of every lead that comes in
            models.UniqueConstraint(fields=["digest", "name"], name="tombstone_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} erased at {self.erased_at:%Y-%m-%d}"


class Forgetting(models.Model):
    """A lead whose memory in Redis has still to go. The row goes with it."""

    lead_id = models.UUIDField(unique=True)
    erasure = models.ForeignKey(Erasure, null=True, on_delete=models.CASCADE, related_name="forgettings")
    since = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return f"forget {self.lead_id}"
