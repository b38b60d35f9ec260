"""Street addresses and postcodes: a number beside a street, a box, a flat, a code, or what follows a cue."""

from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter

from privacy.kinds import Kind
from privacy.lexicon import Word
from privacy.patterns import pattern
from privacy.recognizers import streets
from privacy.recognizers.base import Message, Recognizer, Span, Token

_BOX = (
    rb"(?:\b\d{1,4} )?\b(?:p\.? ?o\.? ?box|post ?box|postfach|apartado|bo[i\xaa]te postale|casella "
    rb"postale|locked bag|psc|cmr|unit \d+,? box|lock ?box) ?#?\d+"
    rb"(?:,? box \d+)?|(?:\buss \w+\s+)?\b[adf]po,? a[aep],? \d{5}(?:-\d{4})?\b"
)
_UNIT = (
    rb"\b(?:apartment|apt|suite|ste|unit|flat|floor|room|rm|building|bldg|lot|space|trailer)\b\.? ?#? "
    rb"?(?:\d{1,5}[a-z]?|[a-z]\d{0,4})\b"
    rb"|# ?[a-z]?\d{1,5}[a-z]?\b"
)
_US_TAIL = rb"\b(?:" + streets.STATES + rb")\.?,? ?\d{5}(?:-\d{4})?\b"
# Royal Mail, Canada Post, PostNL.
POSTCODE = pattern(
    rb"\b(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY]) "
    rb"?\d[ABD-HJLNP-UW-Z]{2}"
    rb"|[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?-?\d[ABCEGHJ-NPRSTV-Z]\d|[1-9]\d{3} ?[A-RT-Z][A-Z]"
    rb"|[a-pr-uwyz](?:\d{1,2}|[a-hk-y]\d{1,2}|\d[a-hjkpstuw]|[a-hk-y]\d[abehmnprvwxy]) ?\d[abd-hjlnp-uw-z]{2}"
    rb"|[abceghj-nprstvxy]\d[abceghj-nprstv-z] \d[abceghj-nprstv-z]\d)\b"
)
_CUE = (
    rb"\b(?:address(?:es)?(?: to| is| as|'s)*(?: the same)?(?: to| is)?|(?:live|lives|living|reside"
    rb"|resides|located|stay|staying|office is|house is|residence is|home is) (?:at|on)"
    rb"|(?:sent|send|ship|shipped|deliver|delivered|mail|mailed|moved|moving|relocated|forward|forwarded"
    rb"|meet me|pick me up|pickup)(?: it| them| my \w+)?(?: back)? (?:to|at|from))\b[ \t]*[:=-]?\s*"
)
BOX, UNIT, CUE = (pattern(expression, any_case=True) for expression in (_BOX, _UNIT, _CUE))
US_TAIL = pattern(_US_TAIL)
# All of them in one look.
PART = pattern(b"(?i:" + b"|".join((_BOX, _UNIT, _CUE)) + b")|" + _US_TAIL)
LINE = 90  # bytes of an address behind its cue
GAP = 56  # bytes between two parts of one address
PARTS = 4  # words that may stand in that gap


def addresses(message: Message) -> Iterator[Span]:
    """Parts first; then the parts of one address with the town between them become one span."""
    parts = sorted(set(_parts(message)))
    if not parts:
        return
    start, end = parts[0]
    for first, last in parts[1:]:
        if first <= end or _between(message, end, first):
            end = max(end, last)
        else:
            yield from _whole(message, start, end)
            start, end = first, last
    yield from _whole(message, start, end)


def _whole(message: Message, start: int, end: int) -> Iterator[Span]:
    yield Span(start, _tail(message, end), Kind.ADDRESS)


def _parts(message: Message) -> Iterator[tuple[int, int]]:
    yield from streets.found(message)
    if PART.search(message.data) is None:
        return
    for expression in (BOX, UNIT, US_TAIL):
        for match in expression.finditer(message.data):
            if expression is not UNIT or _is_unit(message, *match.span()):
                yield match.span()
    yield from _cued(message)


def _is_unit(message: Message, start: int, end: int) -> bool:
    """A flat, not "unit b": there is a digit in it, and another number near."""
    near = message.lower[max(0, start - LINE) : start] + message.lower[end : end + 8]
    return any(48 <= byte <= 57 for byte in message.data[end - 2 : end]) and any(
        48 <= byte <= 57 for byte in near
    )


def _cued(message: Message) -> Iterator[tuple[int, int]]:
    """What follows "my address is", when it begins like an address."""
    for cue in CUE.finditer(message.data):
        start = cue.end()
        line = streets.AFTER_CUE.match(message.data, start, min(len(message.data), start + LINE))
        if line is not None and line.end() > start:
            yield start, line.end()


def _between(message: Message, end: int, start: int) -> bool:
    """Nothing but a town stands between two parts: few words, no sentence."""
    if start - end > GAP:
        return False
    gap = message.data[end:start]
    if b"\x1f" in gap or b"?" in gap or b"!" in gap or b". " in gap.strip():
        return False
    tokens = message.tokens
    inside = tokens[_index(tokens, end) : _index(tokens, start)]
    ordinary = sum(token.kind == Word.ORDINARY and not token.capital for token in inside)
    return len(inside) <= 2 * PARTS and ordinary <= (1 if message.cased else PARTS // 2)


def _tail(message: Message, end: int) -> int:
    """Past the town, the state, the country and the code that follow: ", Springfield, IL 62704"."""
    stop = end
    for token in _following(message, end):
        between = message.data[stop : token.start]
        separated = (
            between.strip(b" \t") in (b",", b"\n", b",\n", b"\n,", b"-", b"/")
            or b"," in between
            or b"\n" in between
        )
        if len(between) > 4 or b"." in between or between.strip(b" \t\n,/-"):
            break
        if not _is_place(message, token, separated=separated):
            break
        stop = token.end
    return stop


def _following(message: Message, end: int) -> tuple[Token, ...]:
    first = _index(message.tokens, end)
    return message.tokens[first : first + 2 * PARTS]


def _index(tokens: tuple[Token, ...], place: int) -> int:
    """The first token that begins at `place` or behind it."""
    return bisect_left(tokens, place, key=itemgetter(0))


def _is_place(message: Message, token: Token, *, separated: bool) -> bool:
    if token.word[:1] == b"\x1f":
        return False
    if token.has_digit:
        return len(token.word) >= 4 or separated
    if message.cased:
        return token.capital or token.word in streets.JOINERS
    return token.kind != Word.ORDINARY or token.word in streets.JOINERS


def postcodes(message: Message) -> Iterator[Span]:
    """British, Canadian and Dutch codes; plain digits belong to the numbers."""
    for match in POSTCODE.finditer(message.data):
        yield Span(*match.span(), Kind.POSTCODE)


def may_hold_address(message: Message) -> bool:
    """A word for a street, a flat or a box, a cue, or a number with a capital or an unusual word."""
    if not message.words.isdisjoint(streets.STRONG_BEHIND):
        return True
    if not message.has_digit:
        return False
    if not message.words.isdisjoint(streets.NAMES_OF_STREETS) or PART.search(message.data) is not None:
        return True
    if streets.SEED.search(message.data) is not None:
        return True
    words = [word for word in message.unusual if not word.isdigit()]
    return any(map(streets.is_compound, words)) or (bool(words) and not message.cased)


RECOGNIZERS = (
    Recognizer("address", addresses, needs=may_hold_address),
    Recognizer("postcode", postcodes, digits=True),
)
