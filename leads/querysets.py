"""Questions about leads that more than one door asks."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Subquery

if TYPE_CHECKING:
    from leads.models import Lead  # noqa: F401 - the type of the rows


class LeadQuerySet(models.QuerySet["Lead"]):
    """Leads, with how they stand."""

    def with_state(self) -> "LeadQuerySet":
        """Annotates `state`: that of the newest outcome, None when there is none."""
        outcomes = apps.get_model("leads", "Outcome").objects.filter(lead=OuterRef("pk"))
        newest = outcomes.order_by("-recorded_at", "-id").values("state")[:1]
        return self.annotate(state=Subquery(newest))

    def matured(self, *, now: datetime) -> "LeadQuerySet":
        """Leads that may be judged."""
        return self.filter(matures_at__lte=now)

    def immature(self, *, now: datetime) -> "LeadQuerySet":
        """Leads that may still change."""
        return self.filter(matures_at__gt=now)
