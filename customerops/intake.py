"""The story of a lead that comes in: heard, scored with reasons, stored with both, remembered, answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from customerops import conversing, scoring
from customerops.conversing import Conversed
from customerops.scoring import Scored
from followups import enrolling
from followups.models import Trigger
from leads import conversation, recall, services
from leads.conversation import Hearing
from leads.models import Lead
from leads.services import Created, NewLead
from leads.statements import Statement
from modeling import serving
from modeling.features import Value

_SILENT = Hearing([], {})


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored lead with its score; `new` is False when its external id was known.

    `conversed` is None when no message came with it. With `erased` nothing was stored: its person was erased.
    """

    lead: Lead
    new: bool
    scored: Scored
    conversed: Conversed | None = None
    erased: bool = False


def receive(*, leads: Sequence[NewLead], now: datetime) -> list[Answer]:
    """Hear, score and store leads, all or none, and answer in their order.

    A lead whose external id is known keeps what is stored; it is scored again if another version serves now,
    and messages that came with it are added unless they were heard before.
    """
    loaded = serving.current()
    leads = [services.safe(lead) for lead in leads]
    heard = [_hear(lead, now) for lead in leads]
    scored = [_score(lead, hearing, loaded, now) for lead, hearing in zip(leads, heard, strict=True)]
    created = services.create_leads(
        leads=[_completed(*parts, now) for parts in zip(leads, heard, scored, strict=True)],
        now=now,
        along=lambda rows: _along(rows, heard, scored, now),
    )
    for made, hearing in zip(created, heard, strict=True):
        if made.new and hearing.new:
            conversation.count(hearing)
            recall.remember(lead=made.lead.pk, heard=hearing.new, changed=False, now=now)
    answers = [
        _stored(made, hearing, one) or _known(made.lead, lead, loaded, now)
        for made, lead, hearing, one in zip(created, leads, heard, scored, strict=True)
    ]
    outdated = {one.lead.pk: (one.lead, one.scored) for one in answers if _is_outdated(one)}
    scoring.replace(outdated, now=now)
    return answers


def rescore(*, lead: Lead, now: datetime) -> Answer:
    """Score a stored lead again; what it had stays in the history, and on the lead while no model serves."""
    scored = scoring.score_lead(lead, loaded=serving.current())
    if scored.score is not None:
        scoring.replace({lead.pk: (lead, scored)}, now=now)
    return Answer(lead, False, scored)


def _hear(lead: NewLead, now: datetime) -> Hearing:
    if not lead.messages:
        return _SILENT
    return conversation.hear(lead.messages, person=lead.contact, now=lead.created_at or now)


def _score(lead: NewLead, hearing: Hearing, loaded: serving.Loaded | None, now: datetime) -> Scored:
    return scoring.score(
        attributes=cast("dict[str, Value]", lead.attributes),
        source=lead.source,
        created_at=lead.created_at or now,
        signals=hearing.signals({}),
        loaded=loaded,
    )


def _completed(lead: NewLead, hearing: Hearing, scored: Scored, now: datetime) -> NewLead:
    return replace(
        lead,
        signals=hearing.signals({}),
        opted_out_at=now if hearing.opts_out else None,
        replied_at=hearing.replied_at,
        turns_heard=hearing.turns,
        score=scoring.lead_score(scored, now=now),
    )


def _along(
    rows: Sequence[Lead], heard: Sequence[Hearing], scored: Sequence[Scored], now: datetime
) -> list[Statement]:
    """What is stored with new leads."""
    statements = [scoring.remembering(zip(rows, scored, strict=True), now=now)]
    statements += enrolling.enrolling(rows, trigger=Trigger.CREATED, now=now)
    said = [(row.pk, one) for row, hearing in zip(rows, heard, strict=True) for one in hearing.new]
    return [*statements, conversation.storing(said, now=now)] if said else statements


def _stored(made: Created, hearing: Hearing, scored: Scored) -> Answer | None:
    """None for a lead that was known."""
    if made.new:
        return Answer(made.lead, True, scored, _conversed(made.lead, hearing, scored))
    return Answer(made.lead, False, scored, erased=True) if made.erased else None


def _conversed(lead: Lead, hearing: Hearing, scored: Scored) -> Conversed | None:
    said = hearing.new
    return Conversed(lead, said, [True] * len(said), scored) if said else None


def _known(lead: Lead, came: NewLead, loaded: serving.Loaded | None, now: datetime) -> Answer:
    if not came.messages:
        return Answer(lead, False, scoring.score_lead(lead, loaded=loaded))
    try:
        conversed = conversing.converse(
            lead_id=lead.pk, messages=came.messages, loaded=loaded, now=now, repeated=True
        )
    except Lead.DoesNotExist:  # it was erased since it was found
        return Answer(lead, False, scoring.score_lead(lead, loaded=loaded), erased=True)
    return Answer(conversed.lead, False, conversed.scored, conversed)


def _is_outdated(answer: Answer) -> bool:
    version = answer.scored.version
    stored = not answer.new and not answer.erased
    return stored and version is not None and version != answer.lead.model_version
