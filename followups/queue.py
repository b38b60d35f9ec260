"""How the queue stands: what waits, what is overdue, what nobody knows the end of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from followups import policies
from followups.models import FollowUp, Status, Switch

GRACE = timedelta(seconds=5)  # what became due a moment ago is being claimed


@dataclass(frozen=True, slots=True)
class Standing:
    """As rows tell. `overdue` could be sent now and is not; what is switched off is not overdue."""

    on: bool
    switch: Switch | None
    waiting: int
    overdue: int
    oldest_overdue_at: datetime | None
    in_doubt: int


def standing(*, now: datetime) -> Standing:
    """Of everything."""
    switch = Switch.objects.filter(policy=None).order_by("-pk").first()
    all_on = switch is None or switch.on
    due = FollowUp.objects.filter(
        policy__in=policies.on() if all_on else [], status=Status.PENDING, due_at__lt=now - GRACE
    )
    late = due.aggregate(rows=Count("pk"), oldest=Min("due_at"))
    return Standing(
        on=all_on,
        switch=switch,
        waiting=FollowUp.objects.filter(status=Status.PENDING).count(),
        overdue=late["rows"],
        oldest_overdue_at=late["oldest"],
        in_doubt=FollowUp.objects.filter(status=Status.IN_DOUBT).count(),
    )
