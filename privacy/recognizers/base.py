"""What every recognizer is and what it is given."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from privacy import lexicon
from privacy.kinds import Kind
from privacy.lexicon import Word
from privacy.normalization import BARRIER
from privacy.patterns import pattern
from privacy.recognizers import calendar

IN_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789'\xaa" + BARRIER)
SPLIT = bytes(byte if byte in IN_WORD else 32 for byte in range(256))
_WORDS = SPLIT.replace(BARRIER, b" ")
APOSTROPHE = 39
BLANK = calendar.BLANK[0]
ENDS = b'.!?:;\n"*(>-/\xa4'
ABBREVIATIONS = frozenset(b"mr mrs ms dr prof st rev hon sr jr capt sgt lt col gen fr mx".split())
MIXED = pattern(rb"[A-Za-z][-_/]?\d|\d[-_/]?[A-Za-z]|\d[-+]\d{3}[A-Za-z]")
DIGITS = frozenset(b"0123456789")
_NO_DIGITS = bytes(byte for byte in range(256) if byte not in DIGITS)
_PLAIN = bytes(byte for byte in range(128) if chr(byte).isalnum() or byte in b" " + BARRIER)
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

    __slots__ = (
        "_masked",
        "_tokens",
        "cased",
        "data",
        "has_digit",
        "lower",
        "mixed",
        "region",
        "signs",
        "unusual",
        "words",
    )

    def __init__(self, data: bytes, region: str = "US") -> None:
        self.data = data
        self.region = region
        self.lower = lower = data.lower()
        self.has_digit = bool(data.translate(None, _NO_DIGITS))
        # A letter and a digit stand together, or with one joint between.
        self.mixed = self.has_digit and MIXED.search(data) is not None
        # Every byte that is no letter, digit or blank.
        self.signs = frozenset(data.translate(None, _PLAIN))
        words = lower.translate(_WORDS).split()
        self.words = frozenset(_unquoted(words) if APOSTROPHE in self.signs else words)
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


def _unquoted(words: list[bytes]) -> Iterator[bytes]:
    """Words without quotation marks, those with an apostrophe in them also in parts."""
    for word in words:
        bare = word.strip(b"'")
        if bare:
            yield bare
        if b"'" in bare:
            yield from filter(None, bare.split(b"'"))


def _tokens(message: Message) -> list[Token]:
    known, data, lower, masked = lexicon.classes().get, message.data, message.lower, message.masked
    unknown, new, find = Word.UNKNOWN, tuple.__new__, lower.find
    end, previous, before = 0, 0, b""
    found: list[Token] = []
    for word in lower.translate(SPLIT).split():
        start = find(word, end)
        end = whole = start + len(word)
        number = dated = first = False
        kind = known(word, unknown)
        if kind is unknown:
            start, whole, word = _bare(start, word)
            if not word:
                continue
            kind = Word.ORDINARY if word[0] == BARRIER[0] else known(word, unknown)
            number = not DIGITS.isdisjoint(word)
            dated = number and masked[start] == BLANK
        capital = 65 <= data[start] <= 90
        if capital:
            first = not previous or _begins(data[previous:start].strip(b" \t"), before)
        found.append(new(Token, (start, whole, word, kind, capital, first, number and not dated, dated)))
        previous, before = whole, word
    return found


def _bare(start: int, word: bytes) -> tuple[int, int, bytes]:
    """The word without quotation marks and without 's."""
    bare = word.strip(b"'")
    start += word.find(bare)
    if bare[-2:] == b"'s":
        bare = bare[:-2]
    return start, start + len(bare), bare


def _begins(between: bytes, before: bytes) -> bool:
    """A sentence begins behind these signs; not behind the dot of a title or an initial."""
    if not between or between[-1] not in ENDS:
        return False
    return between != b"." or (len(before) > 1 and before not in ABBREVIATIONS)


@dataclass(frozen=True, slots=True)
class Recognizer:
    """`find` names what is there. The rest is what it cannot do without: a digit, one of these signs, one of
    these words, and whatever `needs` asks; so most recognizers are skipped for most texts.

    That skipping never hides anything is held by a test that compares both on fuzzed text.
    """

    name: str
    find: Callable[[Message], Iterable[Span]]
    digits: bool = False
    signs: frozenset[int] = frozenset()
    words: frozenset[bytes] = frozenset()
    needs: Callable[[Message], bool] | None = None
