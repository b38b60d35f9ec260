"""The one way by which free text of people gets into the database: redacted, counted, never logged."""

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING

import structlog

from privacy import metrics
from privacy.kinds import Surface

if TYPE_CHECKING:
    from privacy.redaction import Redaction

log = structlog.get_logger(__name__)
_loading = Lock()


def kept(text: str, *, surface: Surface, person: Mapping[str, str] | None = None) -> str:
    """What may be stored of `text`; `[WITHHELD]` where it could not be judged.

    `person` is the contact of the one it is about (name, email, phone), which is found in any spelling.
    """
    if not text or text.isspace():
        return text
    redaction = _redacted(text, person or {})
    metrics.count(surface=surface, kinds=redaction.kinds, reason=redaction.reason)
    if redaction.reason is not None:
        log.error("text_withheld", surface=str(surface), reason=str(redaction.reason))
    return redaction.text


def _redacted(text: str, person: Mapping[str, str]) -> "Redaction":
    # Imported at the first text: no process starts slower or carries the lists unless people write in it.
    # One thread reads the lists while others wait, before the clock of their text runs.
    with _loading:
        from privacy import lexicon
        from privacy.context import Context
        from privacy.redaction import redact

        lexicon.load()
    known = Context(
        known_name=person.get("name", ""),
        known_email=person.get("email", ""),
        known_phone=person.get("phone", ""),
    )
    return redact(text, context=known)
