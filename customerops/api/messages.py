"""Reads messages of a body, and tells what was heard."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from customerops.api.fields import LONGEST_ID, RefusedError, object_of, sent_moment, text_of
from customerops.conversing import Conversed
from leads.attributes import Fault
from leads.conversation import Heard, NewMessage
from leads.models import Role
from leads.signals import Judgement

KEYS = frozenset(("text", "role", "sent_at", "external_id"))


def of_body(body: object, *, now: datetime) -> list[NewMessage]:
    """One message or an array of them, or RefusedError: a conversation is taken whole or not at all."""
    faults: list[Fault] = []
    read = _many(body, faults, "", now) if isinstance(body, list) else [_message(body, faults, "", now)]
    if faults:
        raise RefusedError(faults)
    return read


def of_lead(fields: Mapping[str, object], faults: list[Fault], at: str, now: datetime) -> list[NewMessage]:
    """What a new lead says: `message`, a text or an object, or an array `messages`."""
    one, many = fields.get("message"), fields.get("messages")
    if one is not None and many is not None:
        faults.append(Fault(f"{at}/messages", "stands beside message; send one of the two"))
    if one is not None:
        body = {"text": one} if isinstance(one, str) else one
        return [_message(body, faults, f"{at}/message", now)]
    if many is None:
        return []
    return _many(many, faults, f"{at}/messages", now)


def _many(items: object, faults: list[Fault], at: str, now: datetime) -> list[NewMessage]:
    if not isinstance(items, list):
        faults.append(Fault(at, "must be an array of messages"))
        return []
    if not 0 < len(items) <= settings.BATCH_LIMIT:
        faults.append(Fault(at, f"has {len(items):,} messages; send 1 to {settings.BATCH_LIMIT:,}"))
        return []
    read = [_message(item, faults, f"{at}/{index}", now) for index, item in enumerate(items)]
    seen: set[str] = set()
    for index, message in enumerate(read):
        if message.external_id in seen:
            faults.append(Fault(f"{at}/{index}/external_id", "stands at an earlier message as well"))
        seen.update({message.external_id} if message.external_id else ())
    return read


def _message(item: object, faults: list[Fault], at: str, now: datetime) -> NewMessage:
    try:
        fields = object_of(item, KEYS, faults, at)
    except RefusedError as refused:
        faults.extend(refused.faults)
        return NewMessage(text="")
    text = text_of(fields, "text", settings.DATA_UPLOAD_MAX_MEMORY_SIZE, faults, at)
    if text is not None and not text.strip():
        faults.append(Fault(f"{at}/text", "is empty"))
    elif fields.get("text") is None:
        faults.append(Fault(f"{at}/text", "is missing"))
    role = text_of(fields, "role", LONGEST_ID, faults, at) or Role.LEAD
    if role not in Role.values:
        faults.append(Fault(f"{at}/role", f"is none of {', '.join(Role.values)}"))
    external_id = text_of(fields, "external_id", LONGEST_ID, faults, at)
    if external_id is not None and not external_id.strip():
        faults.append(Fault(f"{at}/external_id", "must not be empty; leave it out instead"))
    return NewMessage(
        text=text or "",
        role=role,
        sent_at=sent_moment(fields, "sent_at", faults, at, now),
        external_id=external_id,
    )


def told(conversed: Conversed) -> list[dict[str, Any]]:
    """Each message as it was stored and understood."""
    pairs = zip(conversed.messages, conversed.new, strict=True)
    return [_told(heard) | {"created": new} for heard, new in pairs]


def _told(heard: Heard) -> dict[str, Any]:
    tells = heard.tells
    return {
        "position": heard.position,
        "role": heard.role,
        "sent_at": heard.sent_at,
        "external_id": heard.external_id,
        "text": heard.text,
        "redacted": {kind.value: times for kind, times in heard.kinds.items()},
        "intent": _judgement(tells.intent) if tells else None,
        "sentiment": _judgement(tells.sentiment) if tells else None,
        "urgency": _judgement(tells.urgency) if tells else None,
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "label": judgement.label,
        "score": judgement.score,
        "confidence": judgement.confidence,
        "words": judgement.words,
    }
