"""A person ends the follow-ups of one lead. What waits is cancelled when its time comes."""

from datetime import datetime
from uuid import UUID

import structlog

from followups.models import Enrolment
from privacy.keeping import kept
from privacy.kinds import Surface

log = structlog.get_logger(__name__)


def stop(*, lead: UUID, actor: str, reason: str, now: datetime) -> int:
    """In how many policies it was. One that takes the lead in later starts anew; an opt-out lasts."""
    safe = kept(reason.strip(), surface=Surface.STOP_REASON)[:500]
    stopped = Enrolment.objects.filter(lead=lead, held_out=False, stopped_at=None).update(
        stopped_at=now, stopped_by=actor[:150], stop_reason=safe
    )
    log.info("followups_stopped", lead=str(lead), by=actor, policies=stopped)
    return stopped
