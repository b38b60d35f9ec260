"""Bare answers: a message of nothing but a name or a number answers a question that we may not have seen."""

from collections.abc import Iterator

from privacy import lexicon
from privacy.kinds import Kind
from privacy.lexicon import Word, listed
from privacy.normalization import BARRIER
from privacy.recognizers import codes, name_cues
from privacy.recognizers.base import Message, Recognizer, Span, Token
from privacy.recognizers.number_cues import AMOUNT_WORDS, CUES

LONGEST = 8  # words
BYTES = 100
DICTATED = 5  # digits of one piece of it
NAMES = (Word.GIVEN, Word.SURNAME, Word.UNKNOWN)
CODE = 3  # letters between the digits of a dictated code
PREFIXES = (b"un", b"re", b"pre", b"non", b"mis", b"over", b"auto")
NO_CODE = name_cues.NEVER | AMOUNT_WORDS
FILLERS = listed("cues/bare_fillers")


def bare(message: Message) -> Iterator[Span]:
    """Every word that is left of a short message without the fillers, when none of them is ordinary."""
    tokens = message.tokens
    if len(tokens) > LONGEST or len(message.data) > BYTES:
        return
    telling = [token for at, token in enumerate(tokens) if _tells(tokens, at)]
    if not telling or not all(_can_answer(message, token, tokens) for token in telling):
        return
    if any(map(_is_amount, tokens)) and not _coded(telling):
        return
    yield from _numbers(telling)
    yield from _words(message, telling, tokens)


def _tells(tokens: tuple[Token, ...], at: int) -> bool:
    word = tokens[at].word
    return (word not in FILLERS or codes.is_dictated(tokens, at)) and word[:1] != BARRIER


def _is_amount(token: Token) -> bool:
    return token.word in AMOUNT_WORDS and len(token.word) > 1


def _can_answer(message: Message, token: Token, tokens: tuple[Token, ...]) -> bool:
    if token.dated:
        return False
    if token.has_digit or token.kind is not Word.ORDINARY or token.word in CUES or len(token.word) == 1:
        return True
    if len(token.word) <= CODE and token.word not in NO_CODE:
        return _may_be_dictated(token, tokens)
    return token.word in lexicon.surname_words() and _is_surname(message, token, tokens)


def _may_be_dictated(token: Token, tokens: tuple[Token, ...]) -> bool:
    """A piece of a code with digits; three letters in a longer text are a word: add 456 and 781."""
    if len(token.word) == CODE and len(tokens) > CODE:
        return False
    return any(other.has_digit and len(other.word) <= DICTATED for other in tokens)


def _is_surname(message: Message, token: Token, tokens: tuple[Token, ...]) -> bool:
    """Brian White; brian white."""
    index = tokens.index(token)
    named = index > 0 and tokens[index - 1].kind in NAMES
    return (message.cased and token.capital) or (named and len(tokens) <= name_cues.BARE)


def _coded(telling: list[Token]) -> bool:
    return sum(len(token.word) for token in telling if token.has_digit) >= 4


def _numbers(telling: list[Token]) -> Iterator[Span]:
    """Four digits or more, or every piece of a dictated code of letters and digits."""
    pieces = [token for token in telling if _is_piece(token)]
    whole = b"".join(token.word for token in pieces)
    digits = len(whole) - len(whole.translate(None, b"0123456789"))
    code = digits >= 2 and len(whole) >= 5 and not whole.isdigit()
    for token in pieces:
        if code or (token.word.isdigit() and len(token.word) >= 4):
            yield Span(token.start, token.end, Kind.NUMBER)


def _is_piece(token: Token) -> bool:
    return token.has_digit or (len(token.word) <= CODE and token.word not in CUES)


def _words(message: Message, telling: list[Token], tokens: tuple[Token, ...]) -> Iterator[Span]:
    """Names: words of the lists or of none; a word that is either only when it stands alone or beside one."""
    words = list(filter(_is_word, telling))
    kinds = {token.kind for token in words}
    if kinds.isdisjoint(NAMES) and not (len(tokens) <= 2 and kinds <= {Word.EITHER}):
        return
    others = sum(token.word[:1] == BARRIER for token in tokens)
    listed_only = len(words) + others > name_cues.BARE  # so many unknown words are another language
    for token in words:
        if not (listed_only and token.kind is Word.UNKNOWN) and _may_name(token):
            yield Span(token.start, token.end, Kind.PERSON)


def _may_name(token: Token) -> bool:
    if token.kind is Word.UNKNOWN:
        return not _is_derived(token.word)
    return token.kind is not Word.PROPER or token.word in lexicon.surname_words()


def _is_derived(word: bytes) -> bool:
    """unlink, preorder: a prefix and an ordinary word."""
    return any(
        word.startswith(prefix) and lexicon.classes().get(word.removeprefix(prefix)) is Word.ORDINARY
        for prefix in PREFIXES
    )


def _is_word(token: Token) -> bool:
    return not token.has_digit and len(token.word) > 1 and token.word not in CUES


def is_short(message: Message) -> bool:
    """Short enough, and with a number or an unusual word."""
    return (
        len(message.words) <= 2 * LONGEST
        and len(message.data) <= BYTES
        and (message.has_digit or bool(message.unusual))
    )


RECOGNIZERS = (Recognizer("bare answer", bare, needs=is_short),)
