"""A quick look at raw bytes: most texts hold nothing personal, and this says so without judging them."""

from collections.abc import Iterable, Iterator
from functools import cache

from privacy import lexicon
from privacy.detection import CUES, QUIET, RECOGNIZERS
from privacy.recognizers import numbers
from privacy.recognizers.base import SPLIT
from privacy.recognizers.internet import PROVIDERS
from privacy.recognizers.name_cues import TRIGGERS
from privacy.recognizers.streets import STRONG_BEHIND

APOSTROPHE = b"'"
SPELLED = 4  # words for digits that a spelled number has at least
_ALLOWED = bytes(byte for byte in range(128) if chr(byte).isalpha() or byte in b" " or byte in QUIET)


@cache
def ordinary() -> frozenset[bytes]:
    """Words that neither are anybody's name nor introduce anything."""
    return lexicon.safe() - CUES


@cache
def spelled_digits() -> frozenset[bytes]:
    """Of the words for digits those that mean nothing to any recognizer but the one of spelled numbers."""
    others = [each.words for each in RECOGNIZERS if each.find is not numbers.spelled]
    return numbers.DIGIT_WORDS - PROVIDERS - STRONG_BEHIND - TRIGGERS - frozenset().union(*others)


def is_plain(data: bytes) -> bool:
    """True only for a text that `redact` leaves as it is; False says nothing.

    Plain ASCII letters with the signs and words for which redact() itself asks no recognizer. Nothing in such
    a text is folded or decoded, so what holds for its bytes holds for the copy that recognizers read.
    """
    if data.translate(None, _ALLOWED):
        return False
    words: Iterable[bytes] = data.lower().translate(SPLIT).split()
    if APOSTROPHE in data:
        words = list(_unquoted(words))
    return ordinary().issuperset(words) or _few_digits(words)


def _few_digits(words: Iterable[bytes]) -> bool:
    """As plain as that but for "one" or "two": fewer words for digits than a spelled number has."""
    digits = spelled_digits()
    few = sum(word in digits for word in words) < SPELLED
    return few and ordinary().issuperset(word for word in words if word not in digits)


def _unquoted(words: Iterable[bytes]) -> Iterator[bytes]:
    for word in words:
        bare = word.strip(APOSTROPHE)
        if bare:
            yield bare
            yield from filter(None, bare.split(APOSTROPHE))
