"""Turns of a conversation, made safe to keep: each in the light of what was said before it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from privacy import keeping
from privacy.context import Context, asking
from privacy.kinds import Surface
from privacy.redaction import Redaction

READ_AGAIN = 10_000  # characters of a turn that is read again with those that follow it


@dataclass(frozen=True, slots=True)
class Said:
    """One turn, by the person or by an agent."""

    text: str
    by_agent: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be stored of the new turns, and of the earlier ones, which it may change; in their order."""

    new: list[Redaction]
    earlier: list[Redaction]


def kept_turns(
    turns: Sequence[Said], *, earlier: Sequence[Said] = (), person: Mapping[str, str] | None = None
) -> Kept:
    """Redact `turns`. `earlier` turns, redacted already, come before them.

    What an agent asked makes a bare answer personal, and a number that a person types over several turns is
    found in all of them, so earlier turns may have to be stored anew. `person` is the contact.
    """
    again = [_short(turn) for turn in earlier]
    redactions = _redacted([*again, *turns], person or {})
    new = redactions[len(earlier) :]
    for redaction in new:
        keeping.count(redaction, surface=Surface.MESSAGE)
    found = zip(earlier, again, redactions, strict=False)
    return Kept(new=new, earlier=[_anew(turn, redaction, turn is read) for turn, read, redaction in found])


def _anew(turn: Said, redaction: Redaction, read: bool) -> Redaction:
    """Of what is stored nothing is lost to a machine that was busy when it was read again."""
    if read and not redaction.withheld:
        return redaction
    return redaction._replace(text=turn.text, found=(), reason=None)


def _short(turn: Said) -> Said:
    """A long turn is not read again; of what an agent said its end is, where a question stands."""
    if len(turn.text) <= READ_AGAIN:
        return turn
    return Said(turn.text[-READ_AGAIN:] if turn.by_agent else "", turn.by_agent)


def _redacted(said: Sequence[Said], person: Mapping[str, str]) -> list[Redaction]:
    detector, known = keeping.detector(), keeping.known(person)
    contexts = list(_contexts(said, known))
    own = [index for index, turn in enumerate(said) if not turn.by_agent]
    thread = detector.redact_thread(
        [said[index].text for index in own],
        contexts=[contexts[index] for index in own],
    )
    redactions = dict(zip(own, thread, strict=True))
    return [
        detector.redact(turn.text, context=known) if turn.by_agent else redactions[index]
        for index, turn in enumerate(said)
    ]


def _contexts(said: Sequence[Said], known: Context) -> Iterator[Context]:
    """What is known before each turn: whose it is, and what an agent said last."""
    context = known
    for turn in said:
        yield context
        context = asking(known, turn.text) if turn.by_agent else context
