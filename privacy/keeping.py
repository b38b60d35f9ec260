"""The one way by which words of people get into the database: redacted, counted, never logged."""

from collections.abc import Mapping
from functools import cache
from threading import Lock
from types import ModuleType

import structlog
from django.conf import settings

from privacy import lexicon, metrics, redaction
from privacy.context import Context
from privacy.kinds import Surface
from privacy.redaction import Redaction
from privacy.values import Value, judged

log = structlog.get_logger(__name__)
_loading = Lock()


def kept(text: str, *, surface: Surface, person: Mapping[str, str] | None = None) -> str:
    """What may be stored of `text`; `[WITHHELD]` where it could not be judged.

    `person` is the contact of the one it is about (name, email, phone), which is found in any spelling.
    """
    if not text or text.isspace():
        return text
    found: Redaction = detector().redact(text, context=known(person or {}))
    count(found, surface=surface)
    return found.text


def kept_values(
    values: Mapping[str, Value], *, surface: Surface, person: Mapping[str, str] | None = None
) -> Mapping[str, Value]:
    """What may be stored of named values, such as attributes; the given object when all of them may.

    A value whose name says that it is personal becomes a placeholder, whatever it is; in others what is
    personal is replaced, as in a text. What could not be judged is `[WITHHELD]`.
    """
    if not values:
        return values
    detector()
    found = judged(values, person=known(person) if person else _nobody(settings.PHONE_REGION))
    metrics.count(surface=surface, kinds=found.kinds, reasons=found.reasons)
    for reason in found.reasons:
        log.error("text_withheld", surface=str(surface), reason=str(reason))
    return found.values


@cache
def _nobody(region: str) -> Context:
    return Context(region=region)


def detector() -> ModuleType:
    """`privacy.redaction`, ready to work.

    Its lists are read at the first text: no process carries them unless people write in it. One thread reads
    while others wait, before the clock of their text runs.
    """
    with _loading:
        lexicon.load()
    return redaction


def known(person: Mapping[str, str]) -> Context:
    """What the contact tells beforehand."""
    return Context(
        known_name=person.get("name", ""),
        known_email=person.get("email", ""),
        known_phone=person.get("phone", ""),
        region=settings.PHONE_REGION,
    )


def count(found: Redaction, *, surface: Surface) -> None:
    """One text was looked at; one that was withheld is an error in the log."""
    reasons = [] if found.reason is None else [found.reason]
    metrics.count(surface=surface, kinds=found.kinds, reasons=reasons)
    if reasons:
        log.error("text_withheld", surface=str(surface), reason=str(found.reason))
