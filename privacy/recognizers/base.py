"""What every recognizer is and what it is given."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from privacy import lexicon
from privacy.kinds import Kind
from privacy.lexicon import Word
from privacy.normalization import BARRIER
from privacy.patterns import pattern
from privacy.recognizers import calendar

IN_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789'\xaa")
_SPLIT = bytes(byte if byte in IN_WORD else 32 for byte in range(256))
_TOKEN = pattern(rb"[a-z0-9'\xaa]+|\x1f+")
APOSTROPHE = 39
ENDS = b".!?:;\n\"*(>-/\xa4"
ABBREVIATIONS = frozenset(b"mr mrs ms dr prof st rev hon sr jr capt sgt lt col gen fr mx".split())
DIGITS = frozenset(b"0123456789")
CAPITALS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Bytes start to end of the normalised copy are of this kind."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the copy, in small letters and without its 's; `capital` tells how it was written."""

    start: int
    end: int
    word: bytes
    kind: Word
    capital: bool
    first: bool  # of a sentence
    has_digit: bool  # a code or a number rather than a word, and no date, time or amount
    dated: bool  # part of a date, a time or an amount


@dataclass(frozen=True)
class Message:
    """The normalised copy of one text with what is asked of it again and again."""

    data: bytes
    region: str = "US"
    lower: bytes = field(init=False)
    characters: frozenset[int] = field(init=False)
    words: frozenset[bytes] = field(init=False)

    def __post_init__(self) -> None:
        lower = self.data.lower()
        object.__setattr__(self, "lower", lower)
        object.__setattr__(self, "characters", frozenset(lower))
        object.__setattr__(self, "words", frozenset(lower.translate(_SPLIT).split()))

    @cached_property
    def has_digit(self) -> bool:
        """There is a digit somewhere."""
        return not DIGITS.isdisjoint(self.characters)

    @cached_property
    def unusual(self) -> frozenset[bytes]:
        """Words that are neither ordinary nor a place."""
        return self.words - lexicon.safe()

    @cached_property
    def cased(self) -> bool:
        """Capitals mean something here: there are some, and small letters too."""
        return self.data != self.lower and self.data != self.data.upper()

    @cached_property
    def masked(self) -> bytes:
        """The copy with dates, times and amounts of money blanked."""
        return calendar.masked(self.data) if self.has_digit else self.data

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """Every word in order. A run of barriers is a token without letters."""
        known, data, lower, masked = lexicon.classes(), self.data, self.lower, self.masked
        digits = self.has_digit
        found: list[Token] = []
        previous, before = 0, b""
        for start, end in _bounds(lower):
            word = lower[start:end]
            if word[0] == APOSTROPHE or word[-1] == APOSTROPHE:  # quotation marks
                start += len(word) - len(word.lstrip(b"'"))
                word = word.strip(b"'")
                end = start + len(word)
                if not word:
                    continue
            kind = known.get(word, Word.UNKNOWN)
            if kind == Word.UNKNOWN and word[-2:] == b"'s":
                end -= 2
                word = word[:-2]
                kind = known.get(word, Word.UNKNOWN)
            first = not previous or _begins(data[previous:start].strip(b" \t"), before)
            number = digits and not DIGITS.isdisjoint(word)
            dated = number and masked[start] == calendar.BLANK[0]
            found.append(Token(start, end, word, kind, data[start] in CAPITALS, first, number and not dated, dated))
            previous, before = end, word
        return tuple(found)


def _begins(between: bytes, before: bytes) -> bool:
    """A sentence begins behind these signs; not behind the dot of a title or an initial."""
    if not between or between[-1] not in ENDS:
        return False
    return between != b"." or (len(before) > 1 and before not in ABBREVIATIONS)


def _bounds(lower: bytes) -> Iterable[tuple[int, int]]:
    if BARRIER in lower:
        yield from (match.span() for match in _TOKEN.finditer(lower))
        return
    at = 0
    for word in lower.translate(_SPLIT).split():
        start = lower.find(word, at)
        at = start + len(word)
        yield start, at


def always(message: Message) -> bool:
    """A recognizer that cannot tell cheaply that it has nothing to find."""
    return True


@dataclass(frozen=True, slots=True)
class Recognizer:
    """`find` names what is there. `needs` is a cheap necessary condition: without it `find` finds nothing.

    That `needs` never hides anything is held by a test that compares both on fuzzed text.
    """

    name: str
    find: Callable[[Message], Iterable[Span]]
    needs: Callable[[Message], bool] = always
