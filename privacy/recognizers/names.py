"""People's names: lists, capitals, and the words that introduce a name."""

from collections.abc import Iterator

from privacy import lexicon
from privacy.kinds import Kind
from privacy.lexicon import Word, listed
from privacy.recognizers import name_cues
from privacy.recognizers.base import CAPITALS, Message, Recognizer, Span, Token

NAMES = (Word.GIVEN, Word.SURNAME, Word.EITHER, Word.UNKNOWN)
PARTICLES = listed("cues/names_particles")
LOCATIVE = frozenset(b"in at near inside outside around via".split())
SAINTS = frozenset(
    b"san santa santo sao st saint los las el new port fort lake mount mt ho ras la las".split()
)
LANDMARKS = listed("cues/names_landmarks")
FOREIGN = (
    0.4  # above this share of unknown words the text is in no language we know: an unknown word says nothing
)
TWO_LETTERS = frozenset(
    b"li wu yu xu hu lu bo ng vo ho jo ed al cy ty mo le".split()
)  # names only beside a name
SUFFIXES = frozenset(b"jr sr ii iii iv md phd esq psyd dds".split())
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
    cased = message.cased and not _foreign(tokens, candidates)
    for index in candidates:
        token = tokens[index]
        if (
            token.kind is Word.ORDINARY
            or token.kind is Word.PROPER
            or len(token.word) < SHORT
            or token.has_digit
        ):
            continue
        if token.word[:1] == b"\x1f":
            continue
        if token.kind == Word.GIVEN:
            if not (
                _is_landmark(tokens, index) or _is_acronym(message, token) or _in_town(message, tokens, index)
            ):
                yield index
        elif cased and token.capital and _stands_out(message, tokens, index):
            yield index


def _is_landmark(tokens: tuple[Token, ...], index: int) -> bool:
    """San Diego, St. Louis, Beverly Hills."""
    before = tokens[index - 1].word if index else b""
    after = tokens[index + 1].word if index + 1 < len(tokens) else b""
    return before in SAINTS or after in LANDMARKS


def _in_town(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """in reno; not in john's name, and not with a surname behind it."""
    token = tokens[index]
    if message.cased or not index or tokens[index - 1].word != b"in":
        return False
    if message.lower[token.end : token.end + 2] == b"'s":
        return False
    return index + 1 == len(tokens) or tokens[index + 1].kind in (Word.ORDINARY, Word.PROPER)


def _is_acronym(message: Message, token: Token) -> bool:
    written = message.data[token.start : token.end]
    return message.cased and len(written) <= 4 and written.isupper()


def _foreign(tokens: tuple[Token, ...], candidates: list[int]) -> bool:
    unknown = [tokens[index] for index in candidates]
    unknown = [
        token for token in unknown if token.kind is Word.UNKNOWN and not token.capital and not token.has_digit
    ]
    if len(unknown) < 2:
        return False
    small = sum(not token.capital and not token.has_digit and len(token.word) > 2 for token in tokens)
    return small >= 4 and sum(len(token.word) > 2 for token in unknown) > FOREIGN * small


def _stands_out(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """A capital where English has none, on a word that is no brand or place; not in a title of capitals."""
    token = tokens[index]
    written = message.data[token.start : token.end]
    if len(written) > 1 and not written[1:].islower() and not _inner_capital(written):
        return False
    if token.first:
        return name_cues.subject(message, tokens, index)
    if _in_place(message, tokens, index):
        return False
    if token.kind == Word.EITHER:
        near = [tokens[i] for i in (index - 1, index + 1) if 0 <= i < len(tokens)]
        return not any(
            other.capital and other.kind in (Word.ORDINARY, Word.PROPER) and not other.first for other in near
        )
    return True


def _in_place(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """A run of capitals behind "in" or before "Hotel": a place or a house, unless it holds a given name."""
    first, last = index, index
    while (
        first
        and tokens[first - 1].capital
        and not tokens[first].first
        and _joined(message, tokens[first - 1], tokens[first])
    ):
        first -= 1
    while (
        last + 1 < len(tokens)
        and tokens[last + 1].capital
        and _joined(message, tokens[last], tokens[last + 1])
    ):
        last += 1
    before = tokens[first - 1].word if first else b""
    after = tokens[last + 1].word if last + 1 < len(tokens) else b""
    run = tokens[first : last + 1]
    if any(token.kind == Word.GIVEN for token in run):
        return False
    return before in LOCATIVE or after in LANDMARKS or any(token.word in LANDMARKS for token in run)


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
        return (
            at + 1 < len(tokens)
            and (tokens[at + 1].capital or not message.cased)
            and tokens[at + 1].kind in NAMES
        )
    if message.cased and tokens[at - 1].capital:
        return token.capital or (_is_surname(token) and tokens[at - 1].kind == Word.GIVEN)
    if token.word in SUFFIXES:
        return True
    if token.kind in (Word.SURNAME, Word.GIVEN, Word.UNKNOWN) or token.word in TWO_LETTERS:
        return True
    return token.word in lexicon.surname_words() or (
        token.kind == Word.EITHER and len(tokens) <= name_cues.BARE
    )


def _is_surname(token: Token) -> bool:
    return token.kind == Word.SURNAME or token.word in lexicon.surname_words()


def _left(message: Message, tokens: tuple[Token, ...], index: int) -> int:
    first = index
    while first and _joined(message, tokens[first - 1], tokens[first]):
        token = tokens[first - 1]
        if token.has_digit or token.word[:1] == b"\x1f" or token.word in name_cues.NEVER:
            break
        initial = len(token.word) == 1 and token.capital and token.word not in (b"i", b"a")
        capital = message.cased and token.capital and token.kind in NAMES and len(token.word) > 1
        listed = not message.cased and (token.kind in (Word.SURNAME, Word.GIVEN) or token.word in TWO_LETTERS)
        if not (initial or capital or listed):
            break
        first -= 1
    return first


def may_name(message: Message) -> bool:
    """A given name, an unusual word with a capital or behind a greeting, or what introduces a name."""
    if not name_cues.TRIGGERS.isdisjoint(message.words):
        return True
    known, unlisted = lexicon.classes(), 0
    for word in message.unusual:
        kind = known.get(word.strip(b"'"), Word.UNKNOWN)
        if kind == Word.UNKNOWN and b"'" in word:
            return True  # with 's or in quotation marks: look closely
        if kind == Word.GIVEN or (message.cased and _has_capital(message, word)):
            return True
        unlisted += kind in name_cues.UNLISTED and not word.isdigit()
        if unlisted > 1 or (
            kind in (Word.EITHER, Word.SURNAME) and not name_cues.BEFORE.isdisjoint(message.words)
        ):
            return True
    return False


def _has_capital(message: Message, word: bytes) -> bool:
    at = message.lower.find(word)
    while at >= 0:
        if message.data[at] in CAPITALS:
            return True
        at = message.lower.find(word, at + 1)
    return False


RECOGNIZERS = (Recognizer("person", people, needs=may_name),)
