"""How streets are called, in a dozen languages, before or behind their name."""

from collections.abc import Iterator

from privacy.lexicon import Word, listed
from privacy.patterns import pattern
from privacy.recognizers.base import Message, Token
from privacy.recognizers.name_cues import NEVER

BEHIND = listed("cues/streets_behind")
# With these a street is believed without its number.
STRONG_BEHIND = frozenset(
    b"street avenue ave road rd boulevard blvd lane ln nagar colony salai strasse straat gasse utca".split()
)
ANSWER = 12  # words of a message that can be hardly more than the address
FRONT = listed("cues/streets_front")
NAMES_OF_STREETS = BEHIND | FRONT
COMPOUND_ENDINGS = (
    b"strasse",
    b"strase",
    b"str",
    b"gasse",
    b"weg",
    b"platz",
    b"allee",
    b"ring",
    b"ufer",
    b"damm",
    b"laan",
    b"straat",
    b"plein",
    b"gracht",
    b"kade",
    b"dreef",
    b"gade",
    b"vej",
    b"gata",
    b"gatan",
    b"vagen",
    b"vegen",
    b"veien",
    b"stigen",
    b"katu",
    b"tie",
    b"kuja",
    b"polku",
    b"utca",
    b"stien",
    b"plads",
    b"torv",
    b"straede",
    b"markt",
)
JOINERS = listed("cues/streets_joiners")
STATES = (
    rb"AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY"
    rb"|NC|ND|OH"
    rb"|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR"
    # in small letters without those that are words
    rb"|ak|az|ar|ca|ct|fl|ga|il|ia|ks|ky|md|mn|ms|mt|ne|nv|nh|nj|nm|ny|nc|nd|ri|sc|sd|tn|tx|ut|vt|va|wa"
    rb"|wv|wi|wy|dc"
    rb"|(?i:alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia"
    rb"|hawaii|idaho"
    rb"|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota"
    rb"|mississippi"
    rb"|missouri|montana|nebraska|nevada|hampshire|jersey|mexico|york|carolina|dakota|ohio|oklahoma|oregon"
    rb"|pennsylvania|tennessee|texas|utah|vermont|virginia|washington|wisconsin|wyoming)"
)
# Behind a cue: a number, words that begin with a capital or a digit, commas and line ends between.
_PIECE = rb"(?:#? ?\d[\w/-]*|[A-Z\xaa][\w'.\xaa-]*|d[aeiou]l?|de la|van|von|der|of|the|u\.|utca|tee|mnt)"
AFTER_CUE = pattern(
    rb"(?:#? ?\d[\w/-]*(?:[ ,.]{1,2}\s{0,3}"
    + _PIECE
    + rb"){1,9}|"
    + _PIECE
    + rb"(?:[ ,.]{1,2}\s{0,3}"
    + _PIECE
    + rb"){0,5}[ ,.]{1,2}\s{0,3}\d[\w/-]*"
    rb"(?:[ ,.]{0,2}\s{1,3}" + _PIECE + rb"){0,8})"
)
HOUSE = pattern(rb"\d{1,6}[a-z]?(?:[-/]\d{1,5}[a-z]?)?\z")
# A code of five digits, or a number with a capital behind it: what else an address can begin with.
SEED = pattern(rb"\d{5}|\d[A-Za-z]?(?:[-/]\d{1,5}[A-Za-z]?)?[ ,.#\xa4-]{1,3}[A-Z\xaa]")
COMPOUND = 6  # letters of a street's name in one word, at least one more
NAME_WORDS = 4  # words of a street's name


def found(message: Message) -> Iterator[tuple[int, int]]:
    """Start and end of each street with its number, or of a street whose name is no ordinary word."""
    tokens = message.tokens
    for index, token in enumerate(tokens):
        if token.word in NAMES_OF_STREETS:
            yield from _named(message, tokens, index)
        elif token.kind is Word.ORDINARY:
            continue
        if _is_compound(token):
            yield from _compound(message, tokens, index)
        if token.has_digit:
            yield from _foreign(message, tokens, index)


def _named(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[tuple[int, int]]:
    word = tokens[index].word
    if word == b"route" and index and tokens[index - 1].word == b"en":
        return
    if word in BEHIND:
        yield from _behind(message, tokens, index)
    if word in FRONT:
        yield from _front(message, tokens, index)


def _near(message: Message, left: Token, right: Token) -> bool:
    between = message.data[left.end : right.start]
    return len(between) <= 3 and not between.strip(b" ,.#-\xa4") and b"\x1f" not in left.word + right.word


def _is_house(token: Token) -> bool:
    return token.has_digit and HOUSE.match(token.word) is not None


def _behind(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[tuple[int, int]]:
    """12 Old Mill Road; edson street."""
    first, end = index, tokens[index].end
    while first and index - first < NAME_WORDS and _near(message, tokens[first - 1], tokens[first]):
        first -= 1
        if tokens[first].word in NEVER and tokens[first].word not in JOINERS:
            return
        if _is_house(tokens[first]):
            if not message.data[tokens[first].end : tokens[first + 1].start].startswith(b"-"):
                first = _first_house(message, tokens, first)
                yield tokens[first].start, _house_behind(message, tokens, index, end)
            return
    yield from _unnumbered(message, tokens, index)


def _first_house(message: Message, tokens: tuple[Token, ...], first: int) -> int:
    """The first of several numbers before `first`."""
    while first and _is_house(tokens[first - 1]) and _near(message, tokens[first - 1], tokens[first]):
        first -= 1
    return first


def _unnumbered(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[tuple[int, int]]:
    """edson street, in a short answer: a number is missing and the name is no ordinary word."""
    if (
        not index
        or tokens[index].word not in STRONG_BEHIND
        or not _near(message, tokens[index - 1], tokens[index])
    ):
        return
    before = tokens[index - 1]
    if before.kind in (Word.GIVEN, Word.SURNAME, Word.UNKNOWN) and len(tokens) <= ANSWER:
        yield before.start, _house_behind(message, tokens, index, tokens[index].end)


def _house_behind(message: Message, tokens: tuple[Token, ...], index: int, end: int) -> int:
    """Kiraly utca 15."""
    if (
        index + 1 < len(tokens)
        and _is_house(tokens[index + 1])
        and _near(message, tokens[index], tokens[index + 1])
    ):
        return tokens[index + 1].end
    return end


def _front(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[tuple[int, int]]:
    """Via Roma 12, 12 rue de la Paix."""
    last = _number_behind(message, tokens, index)
    first = _first_house(message, tokens, index)
    if _is_house(tokens[last]) and last > index + 1:
        yield tokens[first].start, tokens[last].end
    elif first < index and index + 1 < len(tokens):
        last = min(index + 3, len(tokens) - 1)
        while last > index + 1 and tokens[last].kind == Word.ORDINARY and not tokens[last].capital:
            last -= 1
        yield tokens[first].start, tokens[last].end


def _number_behind(message: Message, tokens: tuple[Token, ...], index: int) -> int:
    """Where the name ends: at its number, at a word of another sentence, or because it gets too long."""
    last = index
    while last + 1 < len(tokens) and last - index < 2 * NAME_WORDS:
        behind = tokens[last + 1]
        if behind.word in NEVER or not _near(message, tokens[last], behind):
            break
        last += 1
        if _is_house(behind):
            break
    return last


def _is_compound(token: Token) -> bool:
    return token.kind != Word.ORDINARY and is_compound(token.word)


def is_compound(word: bytes) -> bool:
    """Hauptstrasse, Grootlaan, Skolevej."""
    return len(word) > COMPOUND and word.endswith(COMPOUND_ENDINGS)


def _compound(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[tuple[int, int]]:
    """Hauptstrasse 5, 21 Hugo de Grootlaan 177."""
    first, end = index, _house_behind(message, tokens, index, tokens[index].end)
    while first and index - first < 3 and tokens[first - 1].kind != Word.ORDINARY:
        if not _near(message, tokens[first - 1], tokens[first]):
            break
        first -= 1
        if _is_house(tokens[first]):
            break
    if end > tokens[index].end or _is_house(tokens[first]):
        yield tokens[first].start, end


def _foreign(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[tuple[int, int]]:
    """69 Roheline 43: a number, words that are no ordinary ones, and a number."""
    if not _is_house(tokens[index]):
        return
    last = _next_number(message, tokens, index)
    between = tokens[index + 1 : last]
    if not between or last >= len(tokens) or not _is_house(tokens[last]):
        return
    if len(between[0].word) <= 2 or between[0].word in JOINERS:
        return
    if _near(message, tokens[last - 1], tokens[last]) and all(_is_name(message, token) for token in between):
        yield tokens[index].start, tokens[last].end


def _next_number(message: Message, tokens: tuple[Token, ...], index: int) -> int:
    """The first token that is a number, or too far, or not near the one before."""
    last = index + 1
    while last < len(tokens) and last - index <= NAME_WORDS and not tokens[last].has_digit:
        if not _near(message, tokens[last - 1], tokens[last]):
            break
        last += 1
    return last


def _is_name(message: Message, token: Token) -> bool:
    if message.cased:
        return token.capital or token.word in JOINERS
    return token.kind in (Word.GIVEN, Word.SURNAME, Word.UNKNOWN)
