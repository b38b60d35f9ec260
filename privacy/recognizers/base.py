"""What every recognizer is and what it is given."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

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
BLANK = calendar.BLANK[0]
ENDS = b".!?:;\n\"*(>-/\xa4"
ABBREVIATIONS = frozenset(b"mr mrs ms dr prof st rev hon sr jr capt sgt lt col gen fr mx".split())
DIGITS = frozenset(b"0123456789")
CAPITALS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class Span(NamedTuple):
    """Bytes start to end of the normalised copy are of this kind."""

    start: int
    end: int
    kind: Kind


class Token(NamedTuple):
    """One word of the copy, in small letters and without its 's; `capital` tells how it was written."""

    start: int
    end: int
    word: bytes
    kind: Word
    capital: bool
    first: bool  # a capital at the beginning of a sentence
    has_digit: bool  # a code or a number rather than a word, and no date, time or amount
    dated: bool  # part of a date, a time or an amount


class Message:
    """The normalised copy of one text with what is asked of it again and again. Never changed once made."""

    __slots__ = ("_masked", "_tokens", "cased", "characters", "data", "has_digit", "lower", "region", "unusual", "words")

    def __init__(self, data: bytes, region: str = "US") -> None:
        self.data = data
        self.region = region
        self.lower = lower = data.lower()
        self.characters = frozenset(lower)
        self.has_digit = not DIGITS.isdisjoint(self.characters)
        self.words = frozenset(lower.translate(_SPLIT).split())
        # Words that are neither ordinary nor a place.
        self.unusual = self.words - lexicon.safe()
        # Capitals mean something: there are some, and small letters too.
        self.cased = data != lower and data != data.upper()
        self._masked: bytes | None = None
        self._tokens: tuple[Token, ...] | None = None

    @property
    def masked(self) -> bytes:
        """The copy with dates, times and amounts of money blanked."""
        if self._masked is None:
            self._masked = calendar.masked(self.data) if self.has_digit else self.data
        return self._masked

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Every word in order. A run of barriers is a token without letters."""
        if self._tokens is None:
            self._tokens = tuple(_tokens(self))
        return self._tokens


def _tokens(message: Message) -> list[Token]:
    known, data, lower, masked = lexicon.classes(), message.data, message.lower, message.masked
    digits, previous, before, unknown = message.has_digit, 0, b"", Word.UNKNOWN
    found: list[Token] = []
    for start, end in _bounds(lower):
        word = lower[start:end]
        if word[0] == APOSTROPHE or word[-1] == APOSTROPHE:  # quotation marks
            start += len(word) - len(word.lstrip(b"'"))
            word = word.strip(b"'")
            end = start + len(word)
            if not word:
                continue
        kind = known.get(word, unknown)
        if kind is unknown and word[-2:] == b"'s":
            end -= 2
            word = word[:-2]
            kind = known.get(word, unknown)
        capital = data[start] in CAPITALS
        first = capital and (not previous or _begins(data[previous:start].strip(b" \t"), before))
        number = digits and not DIGITS.isdisjoint(word)
        dated = number and masked[start] == BLANK
        found.append(Token(start, end, word, kind, capital, first, number and not dated, dated))
        previous, before = end, word
    return found


def _begins(between: bytes, before: bytes) -> bool:
    """A sentence begins behind these signs; not behind the dot of a title or an initial."""
    if not between or between[-1] not in ENDS:
        return False
    return between != b"." or (len(before) > 1 and before not in ABBREVIATIONS)


def _bounds(lower: bytes) -> list[tuple[int, int]]:
    if BARRIER in lower:
        return [match.span() for match in _TOKEN.finditer(lower)]
    found = []
    end = 0
    for word in lower.translate(_SPLIT).split():
        start = lower.find(word, end)
        end = start + len(word)
        found.append((start, end))
    return found


@dataclass(frozen=True, slots=True)
class Recognizer:
    """`find` names what is there. The rest is what it cannot do without: one of these characters, one of these words,
    and whatever `needs` asks; so most recognizers are skipped for most texts.

    That skipping never hides anything is held by a test that compares both on fuzzed text.
    """

    name: str
    find: Callable[[Message], Iterable[Span]]
    characters: frozenset[int] = frozenset()
    words: frozenset[bytes] = frozenset()
    needs: Callable[[Message], bool] | None = None
