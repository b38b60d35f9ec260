"""The story of a message: redacted, judged, stored with the score that heard it, remembered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from customerops import scoring
from customerops.scoring import Scored
from followups import enrolling
from followups.models import Trigger
from leads import conversation, recall, services, statements
from leads.conversation import Heard, Hearing, NewMessage
from leads.models import Lead, Message
from modeling import serving


@dataclass(frozen=True, slots=True)
class Conversed:
    """The lead after its messages, with its score. `new` tells which of them were not stored before."""

    lead: Lead
    messages: list[Heard]
    new: list[bool]
    scored: Scored


def converse(
    *,
    lead_id: UUID,
    messages: Sequence[NewMessage],
    loaded: serving.Loaded | None,
    now: datetime,
    repeated: bool = False,
) -> Conversed:
    """Hear messages of a stored lead, all or none, and score it with `loaded`. Raises Lead.DoesNotExist.

    One whose external id is known is not stored again; nor are, when the call may be `repeated`, those that
    say what the conversation began with.
    """
    with transaction.atomic():
        lead = services.held(lead_id)  # one at a time, so that turns have an order
        person = services.contact_of(lead)
        before = _before(lead, messages, person, now) if repeated else conversation.known(lead_id, messages)
        new = [message for index, message in enumerate(messages) if index not in before]
        hearing = conversation.hear(new, now=now, person=person, earlier=conversation.newest(lead_id))
        scored = _store(lead, hearing, loaded, now)
    conversation.count(hearing)
    if hearing.new:
        recall.remember(lead=lead_id, heard=hearing.new, changed=bool(hearing.anew), now=now)
    fresh = iter(hearing.new)
    return Conversed(
        lead=lead,
        messages=[
            Heard.of(before[index], external_id=message.external_id) if index in before else next(fresh)
            for index, message in enumerate(messages)
        ],
        new=[index not in before for index in range(len(messages))],
        scored=scored,
    )


def _before(
    lead: Lead, messages: Sequence[NewMessage], person: Mapping[str, str], now: datetime
) -> dict[int, Message]:
    """Which of the messages were stored before, as far as can be told."""
    known = conversation.known(lead.pk, messages)
    if known:
        return known
    opening = conversation.opening(lead.pk, count=len(messages))
    said = [(one.role, one.text) for one in conversation.hear(messages, now=now, person=person).new]
    return dict(enumerate(opening)) if said == [(one.role, one.text) for one in opening] else {}


def _store(lead: Lead, hearing: Hearing, loaded: serving.Loaded | None, now: datetime) -> Scored:
    """Everything that the messages change, and the score that has heard them."""
    told = any(one.tells for one in hearing.new)
    if hearing.new:
        statements.run(conversation.storing([(lead.pk, one) for one in hearing.new], now=now))
        conversation.rewrite(lead.pk, hearing.anew)
    if told:
        services.note_signals(
            lead=lead,
            signals=hearing.signals(lead.signals),
            opts_out=hearing.opts_out,
            replied_at=hearing.replied_at,
            turns=hearing.turns,
            now=now,
        )
    scored = scoring.score_lead(lead, loaded=loaded)
    if told and scored.score is not None:
        scoring.replace({lead.pk: (lead, scored)}, now=now)
    elif told:  # without a model the lead keeps its score; what was known is kept for learning
        statements.run(
            scoring.remembering([(lead, scored)], now=now),
            *enrolling.enrolling([lead], trigger=Trigger.CHANGED, now=now),
        )
    return scored
