"""Names of keys, fields and JSON members: whether they hold something personal, and what they say of a value.

A name is wording of a programmer, so a single unknown word in it is nobody's name, and identifiers that the
product itself gives are none of a person.
"""

import re
from functools import lru_cache
from itertools import pairwise

from privacy import lexicon
from privacy.context import asked_kinds
from privacy.kinds import Kind
from privacy.lexicon import Word
from privacy.redaction import redact

UUID = rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
GIVEN_IDS = re.compile(rb"(?<![\w@.+-])(?:" + UUID + rb"|[0-9]{1,6})(?![\w@.-])")
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
TELLING = frozenset(
    (Kind.EMAIL, Kind.PHONE, Kind.CARD, Kind.IBAN, Kind.NATIONAL_ID, Kind.IP, Kind.MAC, Kind.URL)
)
LONGEST_CUE = 60
SHORT = 300  # bytes of a name that is remembered
LONG_NUMBER = re.compile(rb"[0-9]{9}")


def without_ids(name: bytes) -> bytes:
    """The name without UUIDs and short numbers, which are the product's own."""
    return GIVEN_IDS.sub(b"", name)


def personal(name: bytes) -> bool:
    """Whether a name (`without_ids`) tells who somebody is."""
    return _known(name) if len(name) <= SHORT else _personal(name)


def _personal(name: bytes) -> bool:
    text = name.decode(errors="replace")
    if not text.isascii() or " " in text:
        return redact(text).text != text
    if LONG_NUMBER.search(name) or any(found.kind in TELLING for found in redact(text).found):
        return True
    words = [word.lower().encode() for word in WORDS.findall(text)]
    return any(_is_given(first) and _is_surname(second) for first, second in pairwise(words))


_known = lru_cache(maxsize=4096)(_personal)


def _is_given(word: bytes) -> bool:
    return lexicon.classes().get(word) is Word.GIVEN


def _is_surname(word: bytes) -> bool:
    return lexicon.classes().get(word) in (Word.GIVEN, Word.SURNAME) or word in lexicon.surname_words()


@lru_cache(maxsize=4096)
def cue(name: bytes) -> str:
    """What the name of a field says of its value, as a question: "phone" for `homePhone`; else nothing.

    Ask for names of up to LONGEST_CUE bytes: they are remembered.
    """
    if b"[" in name:  # a placeholder names what was there
        return ""
    words = " ".join(WORDS.findall(name.decode(errors="replace"))).lower()
    return words if words and asked_kinds(words) else ""


def is_reference(name: bytes) -> bool:
    """Whether the value of this field is an identifier that the product gave: `id`, `lead_id`."""
    return len(name) <= LONGEST_CUE and _is_reference(name)


@lru_cache(maxsize=4096)
def _is_reference(name: bytes) -> bool:
    words = [word.lower() for word in WORDS.findall(name.decode(errors="replace"))]
    return bool(words) and words[-1] in ("id", "uuid") and not {"device", "advertising", "ad"} & set(words)
