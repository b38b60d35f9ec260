"""The one way by which words of people get into the database: redacted, counted, never logged."""

from collections.abc import Mapping
from functools import cache
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

from privacy import metrics
from privacy.kinds import Surface

if TYPE_CHECKING:
    from privacy.context import Context
    from privacy.redaction import Redaction
    from privacy.values import Judge, Value

log = structlog.get_logger(__name__)
_loading = Lock()


def kept(text: str, *, surface: Surface, person: Mapping[str, str] | None = None) -> str:
    """What may be stored of `text`; `[WITHHELD]` where it could not be judged.

    `person` is the contact of the one it is about (name, email, phone), which is found in any spelling.
    """
    if not text or text.isspace():
        return text
    redaction: Redaction = detector().redact(text, context=known(person or {}))
    count(redaction, surface=surface)
    return redaction.text


def kept_values(
    values: "Mapping[str, Value]", *, surface: Surface, person: Mapping[str, str] | None = None
) -> "Mapping[str, Value]":
    """What may be stored of named values, such as attributes; the given object when all of them may.

    A value whose name says that it is personal becomes a placeholder, whatever it is; in others what is
    personal is replaced, as in a text. What could not be judged is `[WITHHELD]`.
    """
    if not values:
        return values
    found = _judge()(values, person=known(person) if person else _nobody(settings.PHONE_REGION))
    metrics.count(surface=surface, kinds=found.kinds, reasons=found.reasons)
    for reason in found.reasons:
        log.error("text_withheld", surface=str(surface), reason=str(reason))
    return found.values


@cache
def _judge() -> "Judge":
    detector()
    from privacy.values import judged

    return judged


@cache
def _nobody(region: str) -> "Context":
    from privacy.context import Context

    return Context(region=region)


def detector() -> ModuleType:
    """`privacy.redaction`, ready to work.

    Imported at the first text: no process starts slower or carries the lists unless people write in it. One
    thread reads the lists while others wait, before the clock of their text runs.
    """
    with _loading:
        from privacy import lexicon, redaction, values  # noqa: F401 - ready as well

        lexicon.load()
    return redaction


def known(person: Mapping[str, str]) -> "Context":
    """What the contact tells beforehand."""
    from privacy.context import Context

    return Context(
        known_name=person.get("name", ""),
        known_email=person.get("email", ""),
        known_phone=person.get("phone", ""),
        region=settings.PHONE_REGION,
    )


def count(redaction: "Redaction", *, surface: Surface) -> None:
    """One text was looked at; one that was withheld is an error in the log."""
    reasons = [] if redaction.reason is None else [redaction.reason]
    metrics.count(surface=surface, kinds=redaction.kinds, reasons=reasons)
    if reasons:
        log.error("text_withheld", surface=str(surface), reason=str(redaction.reason))
