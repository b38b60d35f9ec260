"""Legal holds: what must not be erased yet, and why."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from privacy.fields import RedactedCharField


class LegalHold(models.Model):
    """A lead that must be kept. Rows are added and lifted, never removed.

    Once the lead may be and is erased, a lifted hold stays without its id.
    """

    lead_id = models.UUIDField(null=True)
    reason = RedactedCharField(max_length=500)
    placed_by = models.CharField(max_length=150)
    placed_at = models.DateTimeField(default=now)
    lifted_by = models.CharField(max_length=150, blank=True, default="")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("place_hold", "Can place a legal hold"), ("lift_hold", "Can lift a legal hold")]
        constraints = [
            # also the look-up of what stands in the way of an erasure
            models.UniqueConstraint(
                fields=["lead_id"], condition=Q(lifted_at=None), name="hold_one_open_of_a_lead"
            ),
            models.CheckConstraint(
                condition=Q(lead_id__isnull=False) | Q(lifted_at__isnull=False),
                name="hold_open_names_its_lead",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_has_reason"),
            models.CheckConstraint(condition=~Q(placed_by=""), name="hold_has_actor"),
        ]

    def __str__(self) -> str:
        return f"held since {self.placed_at:%Y-%m-%d}"
