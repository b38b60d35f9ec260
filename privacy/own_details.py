"""The contact of one person, looked for in short values: cheaply in all of them at once, then in each."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from privacy.context import Context, known
from privacy.kinds import Kind
from privacy.lexicon import Word
from privacy.normalization import normalise
from privacy.recognizers.base import DIGITS, Message, Span
from privacy.recognizers.numbers import NO_DIGITS

FEW = 7  # digits that tell a telephone


class OwnDetails(NamedTuple):
    """What to look for: words of the name, the mail address and what stands before its @, the last digits."""

    context: Context
    words: tuple[bytes, ...]
    digits: bytes

    def may_be_in(self, texts: Iterable[str]) -> bool:
        """One of them, in whatever spelling, may stand in one of the texts."""
        data = normalise("\n".join(texts)).data.lower()
        _, words, digits = self
        for word in words:
            if word in data:
                return True
        return digits != b"" and digits in data.translate(None, NO_DIGITS)

    def spans(self, message: Message, *, names: bool) -> Iterator[Span]:
        """Where they stand. A word that is ordinary too ("Price", "May") counts only in the whole name."""
        found = list(known(message, self.context))
        people = [span for span in found if span.kind is Kind.PERSON]
        whole = len(people) > 1 and len(people) == len(message.tokens)
        for span in found:
            if span.kind is Kind.PERSON:
                if names and (whole or _tells(message, span)):
                    yield span
            elif span.kind is not Kind.PHONE:
                yield span
            elif _digits(message, span) >= FEW:
                yield Span(_first_digit(message, span.start), span.end, span.kind)


def own_details(person: Context) -> OwnDetails:
    """Of a person of whom something is known."""
    parts = "\0".join((person.known_name, person.known_email, person.known_phone))
    name, address, phone = normalise(parts).data.lower().split(b"\0", 2)
    words = [word for word in name.split() if len(word) > 1]
    if address := address.strip():
        words.append(address.partition(b"@")[0] or address)
    digits = phone.translate(None, NO_DIGITS)
    return OwnDetails(person, tuple(words), digits[-FEW:] if len(digits) >= FEW else b"")


def _tells(message: Message, span: Span) -> bool:
    token = next(token for token in message.tokens if token.start == span.start)
    return token.kind not in (Word.ORDINARY, Word.PROPER)


def _digits(message: Message, span: Span) -> int:
    return len(message.data[span.start : span.end].translate(None, NO_DIGITS))


def _first_digit(message: Message, start: int) -> int:
    while start and message.data[start - 1] in DIGITS:
        start -= 1
    return start
