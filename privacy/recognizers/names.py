"""People's names: lists, capitals, and the words that introduce a name."""

from collections.abc import Iterator

from privacy import lexicon
from privacy.kinds import Kind
from privacy.lexicon import Word, listed
from privacy.normalization import BARRIER
from privacy.recognizers import name_cues
from privacy.recognizers.base import CAPITALS, DIGITS, Message, Recognizer, Span, Token
from privacy.recognizers.name_places import LANDMARKS, LOCATIVE, in_phrase, is_place

NAMES = (Word.GIVEN, Word.SURNAME, Word.EITHER, Word.UNKNOWN)
PARTICLES = listed("cues/names_particles")
TWO_LETTERS = frozenset(
    b"li wu yu xu hu lu bo ng vo ho jo ed al cy ty mo le".split()
)  # names only beside a name
ARTICLES = (b"a", b"i")
AFTER_NAMES = TWO_LETTERS | frozenset(b"jr sr ii iii iv md phd esq psyd dds".split())
FOREIGN = listed("cues/names_foreign")
# Without the words that English has too.
FOREIGN_ONLY = FOREIGN - frozenset(
    b"a i in is as on me he no so or of we be do was die all per one an at to man hat has had not war".split()
)
SHARE = 0.3  # of the small words of a text are foreign or unknown: the text is in another language
FEW = 4  # small words that tell a language
RUN = 6  # words looked at on either side in a run of capitals
SHORT = 3  # letters a name of the lists has at least


def people(message: Message) -> Iterator[Span]:
    """Every name: seeds first, then the words that belong to them."""
    tokens = message.tokens
    candidates = [
        index
        for index, token in enumerate(tokens)
        if (token.kind is not Word.ORDINARY and token.kind is not Word.PROPER)
        or token.word in name_cues.TRIGGERS
    ]
    seeds = set(_listed(message, tokens, candidates))
    seeds.update(name_cues.introduced(message, tokens, candidates))
    if not seeds:
        return
    seeds.update(_enumerated(message, tokens, candidates, seeds))
    at = -1
    for index in sorted(seeds):
        if index <= at:
            continue
        first, last = _left(message, tokens, index), _right(message, tokens, index, seeds)
        at = last
        yield Span(_titled(tokens, first), _dotted(message, tokens[last]), Kind.PERSON)


def _titled(tokens: tuple[Token, ...], first: int) -> int:
    """Where the name begins, with the title before it."""
    if (
        first
        and tokens[first - 1].word in name_cues.TITLES
        and tokens[first].start - tokens[first - 1].end <= 2
    ):
        return tokens[first - 1].start
    return tokens[first].start


def _dotted(message: Message, token: Token) -> int:
    """Where the name ends, with the dot of an initial."""
    initial = token.end - token.start == 1 and message.data[token.end : token.end + 1] == b"."
    return token.end + initial


def _enumerated(
    message: Message, tokens: tuple[Token, ...], candidates: list[int], seeds: set[int]
) -> Iterator[int]:
    """Ann, Grace and May: a word that may be a name, in one list with a name."""
    for index in candidates:
        token = tokens[index]
        if index in seeds or token.kind not in (Word.EITHER, Word.SURNAME) or token.capital < message.cased:
            continue
        for other in (index - 1, index + 1, index - 2, index + 2):
            if other in seeds and _listing(message, tokens, min(index, other), max(index, other)):
                yield index


def _listing(message: Message, tokens: tuple[Token, ...], left: int, right: int) -> bool:
    between = message.lower[tokens[left].end : tokens[right].start].strip()
    return between in (b",", b"and", b"&", b", and", b"or", b"/")


def _listed(message: Message, tokens: tuple[Token, ...], candidates: list[int]) -> Iterator[int]:
    """Words that are a name by themselves."""
    foreign = _is_foreign(tokens)
    for index in candidates:
        token = tokens[index]
        if token.kind not in NAMES or len(token.word) < SHORT or token.has_digit:
            continue
        if foreign and (token.kind is not Word.GIVEN or not _is_believed(message, token)):
            continue
        named = _is_given if token.kind is Word.GIVEN else _stands_out
        if named(message, tokens, index):
            yield index


def _is_believed(message: Message, token: Token) -> bool:
    """A given name in a text of another language."""
    return token.word not in FOREIGN and token.capital >= message.cased


def _is_given(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    return not (_is_acronym(message, tokens[index]) or is_place(message, tokens, index))


def _is_foreign(tokens: tuple[Token, ...]) -> bool:
    """Small words of another language, or more unknown words than typing errors explain: trust no capital."""
    telling = sum(
        (token.kind is Word.UNKNOWN or token.word in FOREIGN_ONLY) and _is_small(token) for token in tokens
    )
    small = sum(map(_is_small, tokens)) if telling else 0
    return small >= FEW and telling > SHARE * small


def _is_small(token: Token) -> bool:
    return not token.capital and len(token.word) > 1 and token.word.isalpha()


def _is_acronym(message: Message, token: Token) -> bool:
    written = message.data[token.start : token.end]
    return message.cased and len(written) <= 4 and written.isupper()


def _stands_out(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """A capital where English has none, on a word that is no brand or place; not in a title of capitals."""
    token = tokens[index]
    if not (message.cased and token.capital and _is_written_like_one(message.data[token.start : token.end])):
        return False
    if token.first:
        return name_cues.subject(message, tokens, index) and not in_phrase(tokens, index)
    if in_phrase(tokens, index) or _in_place(message, tokens, index):
        return False
    if token.kind is not Word.EITHER:
        return True
    return not any(map(_is_titled, tokens[max(0, index - 1) : index] + tokens[index + 1 : index + 2]))


def _is_titled(token: Token) -> bool:
    """A capital on a word that is nobody's name: the word beside it is part of a title."""
    return token.capital and not token.first and token.kind in (Word.ORDINARY, Word.PROPER)


def _is_written_like_one(written: bytes) -> bool:
    return len(written) == 1 or written[1:].islower() or _inner_capital(written)


def _in_place(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """A run of capitals behind "in" or before "Hotel": a place or a house, unless it holds a given name."""
    first, last = _run(message, tokens, index)
    if any(token.kind is Word.GIVEN for token in tokens[first : last + 1]):
        return False
    if first and tokens[first - 1].word in LOCATIVE:
        return True
    return any(token.word in LANDMARKS for token in tokens[first : last + 2])


def _run(message: Message, tokens: tuple[Token, ...], index: int) -> tuple[int, int]:
    """The first and the last word of the run of capitals that `index` is in."""
    first = last = index
    while index - first < RUN and not tokens[first].first and _capitals(message, tokens, first - 1):
        first -= 1
    while last - index < RUN and _capitals(message, tokens, last):
        last += 1
    return first, last


def _capitals(message: Message, tokens: tuple[Token, ...], at: int) -> bool:
    """The words at `at` and behind it are joined and both begin with a capital."""
    if at < 0 or at + 1 >= len(tokens):
        return False
    left, right = tokens[at], tokens[at + 1]
    return left.capital and right.capital and _joined(message, left, right)


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


def _ends_name(token: Token) -> bool:
    """No part of any name."""
    return token.has_digit or token.word[:1] == BARRIER or token.word in name_cues.NEVER


def _continues(message: Message, tokens: tuple[Token, ...], at: int) -> bool:
    """A word behind a name that still belongs to it."""
    token, before = tokens[at], tokens[at - 1]
    if _ends_name(token):
        return False
    if len(token.word) == 1:
        return token.capital or not (message.cased or token.word in ARTICLES)
    if token.word in PARTICLES:
        return _leads_on(message, tokens[at + 1 : at + 2])
    if message.cased and before.capital:
        return token.capital or (before.kind is Word.GIVEN and _is_surname(token))
    return _is_part(message, token, len(tokens))


def _is_part(message: Message, token: Token, words: int) -> bool:
    """A suffix, a short name, a name of the lists; in a short text a word that may be one."""
    if token.kind is Word.UNKNOWN:
        return not message.cased
    if token.kind is Word.EITHER and words <= name_cues.BARE:
        return True
    return token.kind is Word.GIVEN or token.word in AFTER_NAMES or _is_surname(token)


def _leads_on(message: Message, behind: tuple[Token, ...]) -> bool:
    """A particle is part of a name when one follows: van Dijk."""
    return bool(behind) and (behind[0].capital or not message.cased) and behind[0].kind in NAMES


def _is_surname(token: Token) -> bool:
    return token.kind is Word.SURNAME or token.word in lexicon.surname_words()


def _left(message: Message, tokens: tuple[Token, ...], index: int) -> int:
    first = index
    while (
        first and _joined(message, tokens[first - 1], tokens[first]) and _precedes(message, tokens[first - 1])
    ):
        first -= 1
    return first


def _precedes(message: Message, token: Token) -> bool:
    """A word before a name that belongs to it: an initial, a capital, in small letters another name."""
    if _ends_name(token):
        return False
    if len(token.word) == 1:
        return token.capital
    if message.cased:
        return token.capital and token.kind in NAMES
    return token.kind in (Word.SURNAME, Word.GIVEN) or token.word in TWO_LETTERS


def may_name(message: Message) -> bool:
    """A given name, an unusual word with a capital or behind a greeting, or what introduces a name."""
    if not name_cues.TRIGGERS.isdisjoint(message.words):
        return True
    known, unlisted = lexicon.classes(), 0
    for word in message.unusual:
        if word[0] in DIGITS:
            continue
        kind = known.get(word, Word.UNKNOWN)
        unlisted += kind in name_cues.UNLISTED
        if unlisted > 1 or kind is Word.GIVEN or b"'" in word or _introduced(message, word, kind):
            return True
    return False


def _introduced(message: Message, word: bytes, kind: Word) -> bool:
    if message.cased and _has_capital(message, word):
        return True
    return kind in (Word.EITHER, Word.SURNAME) and not name_cues.BEFORE.isdisjoint(message.words)


def _has_capital(message: Message, word: bytes) -> bool:
    at = message.lower.find(word)
    while at >= 0:
        if message.data[at] in CAPITALS:
            return True
        at = message.lower.find(word, at + len(word))
    return False


RECOGNIZERS = (Recognizer("person", people, needs=may_name),)
