"""What became of a step in doubt, as a person found out. The dispatcher never settles one by itself."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from followups import standing
from followups.claiming import Claimed
from followups.models import FollowUp, Status
from followups.preparing import prepare
from followups.standing import State
from leads import conversation, services
from leads.models import Lead
from leads.statements import run

log = structlog.get_logger(__name__)


class SettlingError(Exception):
    """It cannot be done; the message is for the person who asked."""


def sent(*, followup: UUID, actor: str, now: datetime) -> None:
    """It arrived. Its text, as it reads now, becomes a turn of the conversation. Raises SettlingError."""
    row = _in_doubt(followup)
    [ready] = prepare([Claimed(row.pk, row.fence, row.lead_id)])
    told = ready.told(row.changed_at)
    with transaction.atomic():
        _held(row)
        _settle(row, actor, now, status=Status.SENT, sent_at=row.changed_at, reason="")
        if told is not None:
            run(conversation.telling([told], now=now))


def send_again(*, followup: UUID, actor: str, now: datetime) -> None:
    """It did not arrive: it goes back to the queue, with all its attempts. Raises SettlingError.

    Not when it would only be cancelled there, such as after a reply.
    """
    row = _in_doubt(followup)
    with transaction.atomic():
        _held(row)
        _settle(row, actor, now, status=Status.PENDING, due_at=now, reason="", detail="", attempts=0)
        again = next(one for one in standing.of_lead(row.lead_id, now=now) if one.id == row.pk)
        if again.state is State.CANCELLED:
            raise SettlingError(f"it would not be sent: {again.sentence}")


def give_up(*, followup: UUID, actor: str, now: datetime) -> None:
    """Nobody will know, or it did not arrive and need not. Raises SettlingError."""
    row = _in_doubt(followup)
    with transaction.atomic():
        _held(row)
        _settle(row, actor, now, status=Status.FAILED)


def _in_doubt(followup: UUID) -> FollowUp:
    row = FollowUp.objects.filter(pk=followup, status=Status.IN_DOUBT).first()
    if row is None:
        raise SettlingError("it is not in doubt (any more)")
    return row


def _held(row: FollowUp) -> None:
    try:
        services.held(row.lead_id)
    except Lead.DoesNotExist as gone:
        raise SettlingError("its lead is gone") from gone


def _settle(row: FollowUp, actor: str, now: datetime, **values: object) -> None:
    """Unless its own worker has told its end meanwhile."""
    same = FollowUp.objects.filter(pk=row.pk, status=Status.IN_DOUBT, fence=row.fence)
    if not same.update(changed_at=now, settled_by=actor[:150], **values):
        raise SettlingError("it is not in doubt (any more)")
    log.info("followup_settled", followup=str(row.pk), status=str(values["status"]), by=actor)
