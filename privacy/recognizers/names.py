"""People's names: lists, capitals, and the words that introduce a name."""

from collections.abc import Iterator

from privacy import lexicon
from privacy.kinds import Kind
from privacy.lexicon import Word
from privacy.recognizers import name_cues
from privacy.recognizers.base import Message, Recognizer, Span, Token

NAMES = (Word.GIVEN, Word.SURNAME, Word.EITHER, Word.UNKNOWN)
PARTICLES = frozenset(b"van von der den de del della da di du dos das la le el al bin ibn bint abu ter ten st mc mac o y e af av zu zur vom".split())
FOREIGN = 0.4  # above this share of unknown words the text is in no language we know: an unknown word says nothing
SHORT = 3  # letters a name of the lists has at least


def people(message: Message) -> Iterator[Span]:
    """Every name: seeds first, then the words that belong to them."""
    tokens = message.tokens
    seeds = set(_listed(message, tokens))
    seeds.update(name_cues.introduced(message, tokens))
    if not seeds:
        return
    at = -1
    for index in sorted(seeds):
        if index <= at:
            continue
        first, last = _left(message, tokens, index), _right(message, tokens, index, seeds)
        at = last
        yield Span(tokens[first].start, tokens[last].end, Kind.PERSON)


def _listed(message: Message, tokens: tuple[Token, ...]) -> Iterator[int]:
    """Words that are a name by themselves."""
    readable = not _foreign(tokens)
    for index, token in enumerate(tokens):
        if token.kind in (Word.ORDINARY, Word.PROPER) or len(token.word) < SHORT or token.has_digit:
            continue
        if token.word[:1] == b"\x1f":
            continue
        if token.kind == Word.GIVEN:
            yield index
        elif message.cased and token.capital and readable and _stands_out(message, tokens, index):
            yield index


def _foreign(tokens: tuple[Token, ...]) -> bool:
    small = [token for token in tokens if not token.capital and not token.has_digit and len(token.word) > 2]
    unknown = sum(token.kind == Word.UNKNOWN for token in small)
    return len(small) >= 4 and unknown > FOREIGN * len(small)


def _stands_out(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """A capital where English has none, on a word that is no brand or place; not in a title of capitals."""
    token = tokens[index]
    written = message.data[token.start : token.end]
    if len(written) > 1 and not written[1:].islower() and not _inner_capital(written):
        return False
    if token.first:
        return name_cues.subject(message, tokens, index)
    if token.kind == Word.EITHER:
        near = [tokens[i] for i in (index - 1, index + 1) if 0 <= i < len(tokens)]
        return not any(other.capital and other.kind in (Word.ORDINARY, Word.PROPER) and not other.first for other in near)
    return True


def _inner_capital(written: bytes) -> bool:
    """McDonald, O'Brien, Anne-Marie; not iPhone, ATM, PayPal."""
    return written[:2] in (b"Mc", b"O'", b"D'") or written[:3] in (b"Mac", b"Fitz")


def _joined(message: Message, left: Token, right: Token) -> bool:
    between = message.data[left.end : right.start]
    return between in (b" ", b"-", b"  ", b"'") or (between in (b". ", b".") and len(left.word) <= 2)


def _right(message: Message, tokens: tuple[Token, ...], index: int, seeds: set[int]) -> int:
    last = index
    while last + 1 < len(tokens) and _joined(message, tokens[last], tokens[last + 1]):
        if last + 1 not in seeds and not _continues(message, tokens, last + 1):
            break
        last += 1
    while last > index and last not in seeds and tokens[last].word in PARTICLES:
        last -= 1
    return last


def _continues(message: Message, tokens: tuple[Token, ...], at: int) -> bool:
    """A word behind a name that still belongs to it."""
    token = tokens[at]
    if token.has_digit or token.word[:1] == b"\x1f" or token.word in name_cues.NEVER:
        return False
    if len(token.word) == 1:
        return token.capital or (not message.cased and token.word not in (b"a", b"i"))
    if token.word in PARTICLES:
        return at + 1 < len(tokens) and (tokens[at + 1].capital or not message.cased) and tokens[at + 1].kind in NAMES
    if message.cased and tokens[at - 1].capital:
        return token.capital
    if token.kind in (Word.SURNAME, Word.GIVEN, Word.UNKNOWN):
        return True
    return token.word in lexicon.surname_words() or (token.kind == Word.EITHER and len(tokens) <= name_cues.BARE)


def _left(message: Message, tokens: tuple[Token, ...], index: int) -> int:
    first = index
    while first and _joined(message, tokens[first - 1], tokens[first]):
        token = tokens[first - 1]
        if token.has_digit or token.word[:1] == b"\x1f" or token.word in name_cues.NEVER:
            break
        initial = len(token.word) == 1 and token.capital and token.word not in (b"i", b"a")
        capital = message.cased and token.capital and token.kind in NAMES and len(token.word) > 1
        listed = not message.cased and token.kind in (Word.SURNAME, Word.GIVEN)
        if not (initial or capital or listed):
            break
        first -= 1
    return first


def has_name_words(message: Message) -> bool:
    """Some word is neither ordinary nor a place, or introduces a name."""
    return bool(message.unusual) or not name_cues.TRIGGERS.isdisjoint(message.words)


RECOGNIZERS = (Recognizer("person", people, has_name_words),)
