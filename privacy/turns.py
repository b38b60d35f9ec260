"""Turns of a conversation, made safe to keep: each in the light of what was said before it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from privacy import keeping
from privacy.kinds import Surface

if TYPE_CHECKING:
    from privacy.redaction import Redaction


@dataclass(frozen=True, slots=True)
class Said:
    """One turn, by the person or by an agent."""

    text: str
    by_agent: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be stored of the new turns, and of the earlier ones, which it may change; in their order."""

    new: "list[Redaction]"
    earlier: "list[Redaction]"


def kept_turns(
    turns: Sequence[Said], *, earlier: Sequence[Said] = (), person: Mapping[str, str] | None = None
) -> Kept:
    """Redact `turns`. `earlier` turns, redacted already, come before them.

    What an agent asked makes a bare answer personal, and a number that a person types over several turns is
    found in all of them, so earlier turns may have to be stored anew. `person` is the contact.
    """
    said = [*earlier, *turns]
    redactions = _redacted(said, person or {})
    new = redactions[len(earlier) :]
    for redaction in new:
        keeping.count(redaction, surface=Surface.MESSAGE)
    return Kept(new=new, earlier=redactions[: len(earlier)])


def _redacted(said: Sequence[Said], person: Mapping[str, str]) -> "list[Redaction]":
    detector, known = keeping.detector(), keeping.known(person)
    questions = list(_questions(said))
    own = [index for index, turn in enumerate(said) if not turn.by_agent]
    thread = detector.redact_thread(
        [said[index].text for index in own],
        contexts=[replace(known, asked=questions[index]) for index in own],
    )
    redactions = dict(zip(own, thread, strict=True))
    return [
        detector.redact(turn.text, context=known) if turn.by_agent else redactions[index]
        for index, turn in enumerate(said)
    ]


def _questions(said: Sequence[Said]) -> Iterator[str]:
    """What an agent said last before each turn."""
    last = ""
    for turn in said:
        yield last
        last = turn.text if turn.by_agent else last
