"""Whom webhooks go to. `followups.receivers` is the only writer."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from privacy.encryption import EncryptedJSONField
from privacy.fields import RedactedCharField


class Receiver(models.Model):
    """A server of somebody who is told of follow-ups. Policies name it, so its name stays."""

    name = models.CharField(max_length=100, unique=True, help_text="What the steps of a policy call it")
    url = models.CharField("URL", max_length=2000)
    secrets = EncryptedJSONField(editable=False)  # `current`, and `previous` until it has been replaced
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)
    private = models.BooleanField(
        "in a private network",
        default=False,
        help_text="It may be where FOLLOWUP_PRIVATE_RECEIVERS allows, there also without TLS",
    )
    gets_contact = models.BooleanField(
        "gets the contact",
        default=False,
        help_text="Each message carries the person's name, e-mail and phone: only for who may have them",
    )
    deduplicates = models.BooleanField(
        "ignores repetitions",
        default=True,
        help_text="It acts once on a webhook-id. Untick it if not: what it may have got is then not repeated,"
        " but waits in doubt for a person",
    )
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_why = RedactedCharField(max_length=200, blank=True, default="", editable=False)
    created_by = models.CharField(max_length=150, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="receiver_has_name"),
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True) ^ ~Q(disabled_why=""), name="receiver_disabled_why"
            ),
        ]

    def __str__(self) -> str:
        return self.name
