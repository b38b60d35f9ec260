"""Runs the recognizers over one normalised text and settles what overlaps."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from privacy import context as contexts
from privacy.context import Context
from privacy.kinds import Kind
from privacy.recognizers import (
    addresses,
    bare,
    codes,
    dates,
    internet,
    name_cues,
    names,
    numbers,
    secrets,
    streets,
)
from privacy.recognizers.base import Message, Recognizer, Span, Token

Find = Callable[[Message], Iterable[Span]]
Step = tuple[
    Find,
    frozenset[int],
    frozenset[bytes],
    Callable[[Message], bool] | None,
]
RECOGNIZERS: tuple[Recognizer, ...] = (
    *internet.RECOGNIZERS,
    *secrets.RECOGNIZERS,
    *numbers.RECOGNIZERS,
    *codes.RECOGNIZERS,
    *dates.RECOGNIZERS,
    *addresses.RECOGNIZERS,
    *names.RECOGNIZERS,
    *bare.RECOGNIZERS,
)


class Plan(NamedTuple):
    """Which recognizers look, in a form that is quick to go through; fewer when the text has no digit."""

    steps: tuple[Step, ...]
    without_digits: tuple[Step, ...]


def plan(recognizers: Iterable[Recognizer]) -> Plan:
    """In their order."""
    steps = [(each.digits, (each.find, each.signs, each.words, each.needs)) for each in recognizers]
    return Plan(tuple(step for _, step in steps), tuple(step for digits, step in steps if not digits))


EVERYTHING = plan(RECOGNIZERS)
NO_ANSWER = plan(each for each in RECOGNIZERS if each not in bare.RECOGNIZERS)  # nobody was asked anything
QUIET = frozenset(b",.?!'\"\n")
# Every word that lets some recognizer look at a text without digits and unusual words.
CUES = (
    frozenset().union(*(each.words for each in RECOGNIZERS if not each.digits))
    | internet.PROVIDERS
    | streets.STRONG_BEHIND
    | name_cues.TRIGGERS
)
SPREAD = frozenset(
    (
        Kind.PERSON,
        Kind.SECRET,
        Kind.USERNAME,
        Kind.ACCOUNT,
        Kind.NUMBER,
        Kind.NATIONAL_ID,
        Kind.CARD,
        Kind.PHONE,
    )
)
FEW = 4  # values for which the text is searched at once
SEQUENCE = 6  # words of a value looked for elsewhere in the text


def detect(
    message: Message,
    context: Context,
    tick: Callable[[], None],
    *,
    skip: bool = True,
    plan: Plan = EVERYTHING,
) -> list[Span]:
    """Every personal stretch, in order, none overlapping. `skip=False` asks every recognizer regardless."""
    if skip and not context and is_quiet(message):
        return []
    # Of two spans of one extent the first is believed: what was known beforehand tells most.
    found = [*contexts.known(message, context), *contexts.answered(message, context)] if context else []
    for find in _needed(message, plan) if skip else [step[0] for step in plan.steps]:
        found += find(message)
        tick()
    found = [span for span in found if message.data[span.start : span.end].strip(b"\x1f ")]
    return _repeated(message, settle(message, found)) if found else []


def _needed(message: Message, plan: Plan) -> Iterator[Find]:
    """The recognizers that may find something here."""
    seen, said = message.signs, message.words
    for find, signs, words, needs in plan.steps if message.has_digit else plan.without_digits:
        if signs and signs.isdisjoint(seen):
            continue
        if words and words.isdisjoint(said):
            continue
        if needs is None or needs(message):
            yield find


def _repeated(message: Message, settled: list[Span]) -> list[Span]:
    repeated = list(repeats(message, settled))
    return settle(message, settled + repeated) if repeated else settled


def is_quiet(message: Message) -> bool:
    """Ordinary words only, none of them a cue, no digit and no sign that anything needs: most messages."""
    return (
        not (message.has_digit or message.unusual)
        and message.signs <= QUIET
        and message.words.isdisjoint(CUES)
    )


def settle(message: Message, spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans become one, of the longest one's kind; neighbours of one kind join over a blank."""
    settled: list[Span] = []
    longest = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        last = settled[-1] if settled else None
        size = span.end - span.start
        if last is not None and span.start < last.end:
            kind = span.kind if size > longest else last.kind
            settled[-1] = Span(last.start, max(last.end, span.end), kind)
            longest = max(longest, size)
        elif (
            last is not None
            and span.kind == last.kind
            and message.data[last.end : span.start] in (b"", b" ", b"-")
        ):
            settled[-1] = Span(last.start, span.end, last.kind)
            longest = span.end - last.start
        elif size > 0:
            settled.append(span)
            longest = size
    return settled


def repeats(message: Message, spans: list[Span]) -> Iterator[Span]:
    """The same words elsewhere in the text: what was personal once is personal again."""
    values = {value: kind for kind, value in _values(message, spans) if _telling(value)}
    if len(values) <= FEW:  # most often none of them comes twice
        values = {value: kind for value, kind in values.items() if message.lower.count(value[0]) > 1}
    if not values:
        return
    words = [token.word for token in message.tokens]
    for length in {len(value) for value in values}:
        for at in range(len(words) - length + 1):
            kind_here = values.get(tuple(words[at : at + length]))
            if kind_here is not None:
                yield Span(message.tokens[at].start, message.tokens[at + length - 1].end, kind_here)


def _values(message: Message, spans: list[Span]) -> Iterator[tuple[Kind, tuple[bytes, ...]]]:
    tokens = iter(message.tokens)
    token: Token | None = next(tokens, None)
    for span in spans:
        inside: list[bytes] = []
        while token is not None and token.start < span.end:
            if token.start >= span.start:
                inside.append(token.word)
            token = next(tokens, None)
        if span.kind in SPREAD and inside:
            yield span.kind, tuple(inside)


def _telling(value: tuple[bytes, ...]) -> bool:
    if len(value) > 1:
        return len(value) <= SEQUENCE
    return len(value[0]) >= (4 if value[0].isdigit() else 3)
