"""Given names that name something else: a city, a firm, a place where people eat, a month."""

from privacy import lexicon
from privacy.lexicon import Word, listed
from privacy.recognizers.base import Message, Token

LOCATIVE = frozenset(b"in at near inside outside around via".split())
LANDMARKS = listed("cues/names_landmarks")
AT = frozenset(b"at does do from restaurant".split())
EATING = frozenset(
    b"reservation reservations reserve reserved table tables menu dine dining restaurant eat busy wait "
    b"reviews review rated rating serve serves food".split()
)
MONTHS = frozenset(b"jan april may june august".split())
VENUES = LANDMARKS | frozenset(b"shop store market taco tacos grille seafood steaks".split())
OWNED = frozenset(
    b"house home place party apartment flat office desk name birthday wedding mother mom dad".split()
)
SAINTS = frozenset(
    b"san santa santo sao st saint chez los las el new port fort lake mount mt ho ras la las".split()
)
PHRASE = 4  # words of a city or a firm at most


def is_place(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """No person is meant by the given name at `index`."""
    return (
        _is_landmark(message, tokens, index)
        or _in_town(message, tokens, index)
        or in_phrase(tokens, index)
        or _is_venue(message, tokens, index)
        or _is_month(tokens, index)
    )


def _is_month(tokens: tuple[Token, ...], index: int) -> bool:
    """jan 15th, June 3."""
    return tokens[index].word in MONTHS and index + 1 < len(tokens) and tokens[index + 1].dated


def in_phrase(tokens: tuple[Token, ...], index: int) -> bool:
    """Part of a city or a firm of several words: Ann Arbor, Eddie Bauer."""
    if tokens[index].word not in lexicon.phrase_words():
        return False
    for first in range(max(0, index - PHRASE + 1), index + 1):
        words = tuple(token.word for token in tokens[first : first + PHRASE])
        sizes = range(max(2, index - first + 1), PHRASE + 1)
        if any(words[:size] in lexicon.phrases() for size in sizes):
            return True
    return False


def _is_venue(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """at michael's, does luigi's, jose's taco shop: where people eat, in talk of tables and menus."""
    if not index or tokens[index - 1].word not in AT or not _owns(message, tokens[index]):
        return False
    behind = [token.word for token in tokens[index + 1 : index + 3]]
    if not OWNED.isdisjoint(behind[:1]):
        return False
    return not VENUES.isdisjoint(behind) or not message.words.isdisjoint(EATING)


def _owns(message: Message, token: Token) -> bool:
    return message.lower[token.end : token.end + 2] == b"'s"


def _is_landmark(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """San Diego, St. Louis, Beverly Hills; not John's house."""
    before = tokens[index - 1].word if index else b""
    after = tokens[index + 1].word if index + 1 < len(tokens) else b""
    if after in OWNED and _owns(message, tokens[index]):
        return False
    return before in SAINTS or after in LANDMARKS


def _in_town(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """in reno; not in john's name, and not with a surname behind it."""
    token = tokens[index]
    if message.cased or not index or tokens[index - 1].word != b"in":
        return False
    if message.lower[token.end : token.end + 2] == b"'s":
        return False
    return index + 1 == len(tokens) or tokens[index + 1].kind in (Word.ORDINARY, Word.PROPER)
