"""A quick look at raw bytes: most texts hold nothing personal, and this says so without judging them."""

from collections.abc import Iterable, Iterator
from functools import cache

from privacy import lexicon
from privacy.detection import CUES, QUIET
from privacy.recognizers.base import SPLIT

APOSTROPHE = b"'"
_ALLOWED = bytes(byte for byte in range(128) if chr(byte).isalpha() or byte in b" " or byte in QUIET)


@cache
def ordinary() -> frozenset[bytes]:
    """Words that neither are anybody's name nor introduce anything."""
    return lexicon.safe() - CUES


def is_plain(data: bytes) -> bool:
    """True only for a text that `redact` leaves as it is; False says nothing.

    Plain ASCII letters with the signs and words for which redact() itself asks no recognizer. Nothing in such
    a text is folded or decoded, so what holds for its bytes holds for the copy that recognizers read.
    """
    if data.translate(None, _ALLOWED):
        return False
    words: Iterable[bytes] = data.lower().translate(SPLIT).split()
    return ordinary().issuperset(_unquoted(words) if APOSTROPHE in data else words)


def _unquoted(words: Iterable[bytes]) -> Iterator[bytes]:
    for word in words:
        bare = word.strip(APOSTROPHE)
        if bare:
            yield bare
            yield from filter(None, bare.split(APOSTROPHE))
