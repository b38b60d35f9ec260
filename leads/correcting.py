"""What people say of a message that was misunderstood: kept beside it, learned from, and heard at once."""

from datetime import datetime
from functools import reduce

from django.db import transaction

from leads import conversation, services
from leads.models import Lead, Message, Role
from leads.signals import Signals, after, corrected

FIELDS = ["corrected_intent", "corrected_sentiment", "corrected_urgency"]


def correct(*, message: Message, intent: str, sentiment: str, urgency: str, by: str, now: datetime) -> None:
    """Keep the labels a person gives, empty ones for those that are right; the lead's signals follow.

    An opt-out that was overlooked counts from now on. One that was none is not undone here: whether somebody
    may be contacted again is for that person to say. The next score of the lead hears it.
    """
    with transaction.atomic():
        lead = services.held(message.lead_id)
        message.corrected_intent, message.corrected_sentiment = intent, sentiment
        message.corrected_urgency = urgency
        message.corrected_at = now if intent or sentiment or urgency else None
        message.corrected_by = by[:150]
        message.save(update_fields=[*FIELDS, "corrected_at", "corrected_by"])
        services.note_signals(lead=lead, signals=_signals(lead), opts_out=intent == "opt_out", now=now)


def _signals(lead: Lead) -> Signals:
    """What all messages say, as people corrected them."""
    said = Message.objects.filter(lead=lead, role=Role.LEAD).order_by("position")
    heard = [
        corrected(
            told,
            intent=one.corrected_intent,
            sentiment=one.corrected_sentiment,
            urgency=one.corrected_urgency,
        )
        for one in said
        if (told := conversation.told(one)) is not None
    ]
    return reduce(after, heard, {})
