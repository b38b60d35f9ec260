"""What is said: the only writer of messages. Nothing is stored or judged before it is redacted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

import orjson

from leads import adapted, enrichment, metrics
from leads.models import Message, Role
from leads.signals import Enrichment, Intent, Judgement, Signals, after
from leads.statements import Prepared, Statement
from privacy import keeping, turns
from privacy.digests import opaque
from privacy.kinds import DETECTOR_VERSION, Kind, Surface
from privacy.turns import Said

NAMED = "message"  # what the digests of callers' ids are of
LOOK_BACK = 6  # turns that are read again for what they ask, and for numbers that go on in the next one


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A turn as it comes in, raw. `sent_at` None means now; `external_id` is the caller's own."""

    text: str
    role: str = Role.LEAD
    sent_at: datetime | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A turn that may be stored. `kinds` counts what was taken out; an agent's turn tells nothing."""

    position: int
    role: str
    text: str
    sent_at: datetime
    external_id: str | None
    kinds: Counter[Kind]
    tells: Enrichment | None

    @classmethod
    def of(cls, message: Message, *, external_id: str | None) -> Self:
        """A turn that was stored before, under an id of which only the digest was kept."""
        return cls(
            position=message.position,
            role=message.role,
            text=message.text,
            sent_at=message.sent_at,
            external_id=external_id,
            kinds=Counter({kind: times for kind in Kind if (times := message.text.count(kind.placeholder))}),
            tells=told(message),
        )

    @property
    def opts_out(self) -> bool:
        """The person wants no more messages."""
        return self.tells is not None and self.tells.intent.label == Intent.OPT_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A turn that we sent, as it may be stored: once, by the digests of its id."""

    lead: UUID
    text: str
    sent_at: datetime
    digests: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Hearing:
    """New turns of one conversation, and earlier ones, by position, in which more was found now."""

    new: list[Heard]
    anew: dict[int, str]

    @property
    def opts_out(self) -> bool:
        """One of them does."""
        return any(heard.opts_out for heard in self.new)

    @property
    def replied_at(self) -> datetime | None:
        """When the person said the last of them; None when only an agent spoke."""
        return max((heard.sent_at for heard in self.new if heard.tells is not None), default=None)

    @property
    def turns(self) -> int:
        """How many of them the person said."""
        return sum(heard.tells is not None for heard in self.new)

    def signals(self, before: Signals) -> Signals:
        """What all messages say together, these included."""
        for heard in self.new:
            if heard.tells is not None:
                before = after(before, heard.tells)
        return before


# For one turn or thousands. Turns of a lead that is not there, known under another id, are left out.
_STORE = Prepared(
    "store_messages",
    """
    INSERT INTO leads_message (lead_id, position, role, text, detector_version, external_digest, sent_at,
        received_at, intent, intent_confidence, sentiment, sentiment_score, sentiment_confidence, urgency,
        urgency_score, urgency_confidence, words, enrichment_version, corrected_intent, corrected_sentiment,
        corrected_urgency, corrected_by)
    SELECT lead, position, role, text, $1::smallint, external_digest, sent_at, $2::timestamptz, intent,
        intent_confidence, sentiment, sentiment_score, sentiment_confidence, urgency, urgency_score,
        urgency_confidence, words, version, '', '', '', ''
    FROM jsonb_to_recordset($3::jsonb)
         AS new (lead uuid, position int, role text, text text, external_digest uuid, sent_at timestamptz,
                 intent text, intent_confidence float8, sentiment text, sentiment_score float8,
                 sentiment_confidence float8, urgency text, urgency_score float8, urgency_confidence float8,
                 words jsonb, version text)
    WHERE EXISTS (SELECT FROM leads_lead WHERE id = lead)
    """,
)

# What we sent, behind what was said before: a position each, in the order given.
_TELL = Prepared(
    "store_told_messages",
    """
    INSERT INTO leads_message (lead_id, position, role, text, detector_version, external_digest, sent_at,
        received_at, intent, sentiment, urgency, words, enrichment_version, corrected_intent,
        corrected_sentiment, corrected_urgency, corrected_by)
    SELECT lead, last.position + row_number() OVER (PARTITION BY lead ORDER BY place), 'agent', text,
        $1::smallint, digests[1], sent_at, $2::timestamptz, '', '', '', '{}', '', '', '', '', ''
    FROM jsonb_to_recordset($3::jsonb)
         AS new (place int, lead uuid, text text, digests uuid[], sent_at timestamptz)
    CROSS JOIN LATERAL (
        SELECT coalesce(max(position), 0) AS position FROM leads_message WHERE lead_id = lead
    ) AS last
    WHERE NOT EXISTS (
        SELECT FROM leads_message AS before
        WHERE before.lead_id = lead AND before.external_digest = ANY (new.digests)
    )
    """,
)


def hear(
    messages: Sequence[NewMessage],
    *,
    now: datetime,
    person: Mapping[str, str] | None = None,
    earlier: Sequence[Message] = (),
) -> Hearing:
    """Redact and judge new turns that follow `earlier` ones, the newest of the conversation, oldest first."""
    kept = turns.kept_turns(
        [Said(message.text, message.role == Role.AGENT) for message in messages],
        earlier=[Said(message.text, message.role == Role.AGENT) for message in earlier],
        person=person,
    )
    first = earlier[-1].position + 1 if earlier else 1
    new = [
        Heard(
            position=position,
            role=message.role,
            text=redaction.text,
            sent_at=message.sent_at or now,
            external_id=message.external_id,
            kinds=redaction.kinds,
            tells=enrichment.enrich(redaction.text, models=adapted.current())
            if message.role == Role.LEAD
            else None,
        )
        for position, (message, redaction) in enumerate(zip(messages, kept.new, strict=True), first)
    ]
    changed = zip(earlier, kept.earlier, strict=True)
    return Hearing(new, {was.position: is_.text for was, is_ in changed if was.text != is_.text})


def get_ready() -> None:
    """Load what the first message would else wait for: word lists and models, some 0.3 s."""
    keeping.detector()
    enrichment.shipped()


def count(hearing: Hearing) -> None:
    """Counted once it is stored."""
    for heard in hearing.new:
        if heard.tells is not None:
            metrics.count_enrichment(heard.tells)


def newest(lead: UUID, *, count: int = LOOK_BACK) -> list[Message]:
    """The last turns of a conversation, oldest first."""
    return list(Message.objects.filter(lead=lead).order_by("-position")[:count])[::-1]


def told(message: Message) -> Enrichment | None:
    """What a stored turn was judged to tell; None for an agent's."""
    if not message.intent:
        return None
    words = {name: tuple(found) for name, found in message.words.items()}
    confidence = message.intent_confidence or 0.0
    return Enrichment(
        intent=Judgement(message.intent, confidence, confidence, words.get("intent", ())),
        sentiment=Judgement(
            message.sentiment,
            message.sentiment_score or 0.0,
            message.sentiment_confidence or 0.0,
            words.get("sentiment", ()),
        ),
        urgency=Judgement(
            message.urgency,
            message.urgency_score or 0.0,
            message.urgency_confidence or 0.0,
            words.get("urgency", ()),
        ),
        version=message.enrichment_version,
    )


def opening(lead: UUID, *, count: int) -> list[Message]:
    """The first turns of a conversation."""
    return list(Message.objects.filter(lead=lead).order_by("position")[:count])


def known(lead: UUID, messages: Sequence[NewMessage]) -> dict[int, Message]:
    """Those of the messages, by their index, that were stored before: the caller's ids tell."""
    digests = {
        digest: index
        for index, message in enumerate(messages)
        if message.external_id
        for digest in opaque(NAMED, message.external_id)
    }
    found = Message.objects.filter(lead=lead, external_digest__in=digests) if digests else []
    return {digests[message.external_digest]: message for message in found if message.external_digest}


def storing(heard: Iterable[tuple[UUID, Heard]], *, now: datetime) -> Statement:
    """Stores turns, each with the id of its lead."""
    rows = [_columns(lead, one) for lead, one in heard]
    return Statement(_STORE, [DETECTOR_VERSION, now, orjson.dumps(rows).decode()])


def spoken(text: str, *, lead: UUID, person: Mapping[str, str], sent_at: datetime, external_id: str) -> Told:
    """A turn that we sent, redacted. `person` is the lead's contact; `external_id` is ours. No database."""
    safe = keeping.kept(text, surface=Surface.MESSAGE, person=person)
    return Told(lead=lead, text=safe, sent_at=sent_at, digests=opaque(NAMED, external_id))


def telling(turns: Sequence[Told], *, now: datetime) -> Statement:
    """Stores turns that were sent. The transaction has to hold their leads, so that turns have an order."""
    rows = [
        {"place": place, "lead": one.lead, "text": one.text, "sent_at": one.sent_at, "digests": one.digests}
        for place, one in enumerate(turns)
    ]
    return Statement(_TELL, [DETECTOR_VERSION, now, orjson.dumps(rows).decode()])


def rewrite(lead: UUID, texts: Mapping[int, str]) -> None:
    """Store earlier turns anew."""
    for position, text in texts.items():
        Message.objects.filter(lead=lead, position=position).update(
            text=text, detector_version=DETECTOR_VERSION
        )


def _columns(lead: UUID, heard: Heard) -> dict[str, object]:
    return {
        "lead": lead,
        "position": heard.position,
        "role": heard.role,
        "text": heard.text,
        "external_digest": opaque(NAMED, heard.external_id)[0] if heard.external_id else None,
        "sent_at": heard.sent_at,
        **(_judged(heard.tells) if heard.tells else _UNJUDGED),
    }


_UNJUDGED: dict[str, object] = {"intent": "", "sentiment": "", "urgency": "", "words": {}, "version": ""}


def _judged(tells: Enrichment) -> dict[str, object]:
    return {
        "intent": tells.intent.label,
        "intent_confidence": tells.intent.confidence,
        "sentiment": tells.sentiment.label,
        "sentiment_score": tells.sentiment.score,
        "sentiment_confidence": tells.sentiment.confidence,
        "urgency": tells.urgency.label,
        "urgency_score": tells.urgency.score,
        "urgency_confidence": tells.urgency.confidence,
        "words": {
            "intent": tells.intent.words,
            "sentiment": tells.sentiment.words,
            "urgency": tells.urgency.words,
        },
        "version": tells.version,
    }
