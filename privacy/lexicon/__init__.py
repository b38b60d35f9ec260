"""What a word can be: ordinary, a given name, a surname, a place. Sources and licences: README.md."""

from enum import IntEnum
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


class Word(IntEnum):
    """The class of a word. A word is looked up in small letters, without accents and without 's."""

    UNKNOWN = 0
    ORDINARY = 1
    PROPER = 2  # a place, a month, a brand: written with a capital, yet nobody's name
    GIVEN = 3
    EITHER = 4  # a given name that is also an ordinary word or a place: Grace, Mark, Austin
    SURNAME = 5


@cache
def classes() -> dict[bytes, Word]:
    """Every known word with its class."""
    known: dict[bytes, Word] = {}
    for name, word in (
        ("surnames", Word.SURNAME),
        ("proper_nouns", Word.PROPER),
        ("places", Word.PROPER),
        ("words", Word.ORDINARY),
        ("chat_words", Word.ORDINARY),
        ("given_names", Word.GIVEN),
        ("given_name_words", Word.EITHER),
    ):
        known.update(dict.fromkeys(listed(name), word))
    return known


@cache
def safe() -> frozenset[bytes]:
    """Words that start no search for a name."""
    return frozenset(word for word, kind in classes().items() if kind in (Word.ORDINARY, Word.PROPER))


@cache
def surname_words() -> frozenset[bytes]:
    """Ordinary words and places that are common surnames: a name only beside a given name."""
    return listed("surname_words")


@cache
def phrases() -> frozenset[tuple[bytes, ...]]:
    """Cities and firms of several words, one of them a given name."""
    return frozenset(tuple(phrase.split(b"_")) for phrase in listed("place_phrases") | listed("firm_phrases"))


@cache
def phrase_words() -> frozenset[bytes]:
    """What phrases consist of."""
    return frozenset(word for phrase in phrases() for word in phrase)


@cache
def listed(name: str) -> frozenset[bytes]:
    """The words of one file, one a line; # starts a comment."""
    lines = (FOLDER / f"{name}.txt").read_bytes().splitlines()
    return frozenset(word for line in lines for word in line.partition(b"#")[0].split())


def load() -> None:
    """Read every list now, so that no text waits for them."""
    classes(), safe(), surname_words(), phrase_words()
