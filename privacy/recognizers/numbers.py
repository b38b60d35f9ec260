"""Numbers: cards, accounts, phones, ids. One look at each run of digits and at the words around it."""

from collections.abc import Iterator
from typing import NamedTuple

from privacy.kinds import Kind
from privacy.patterns import pattern
from privacy.recognizers import calendar, checks, phones
from privacy.recognizers.base import DIGITS, SPLIT, Message, Recognizer, Span
from privacy.recognizers.number_cues import (
    AMOUNT_BEFORE,
    AMOUNT_WORDS,
    CUES,
    LINKS,
    MONEY_BEFORE,
    REACH,
    VAGUE,
)

# Digits with at most three separators between neighbours: 4111-1111 1111.1111, (555) 123-4567, 5 5 5 1 2 3.
RUN = pattern(rb"\+?\(?\d(?:[ \t\-.()/_*#~]{0,3}\d)*")
EXTENSION = pattern(rb" ?(?:x|ext\.?|extension) ?\d{1,6}", any_case=True)
AROUND = 72  # bytes before a number in which its cue is looked for
_CUE_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789'$.\xa4\x1f")
_SPLIT = bytes(byte if byte in _CUE_BYTES else 32 for byte in range(256))
IBAN = pattern(rb"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", any_case=True)
SPELLED = pattern(
    rb"\b(?:(?:double|triple) )?(?:zero|oh|nought|one|two|three|four|five|six|seven|eight|nine|\d)"
    rb"(?:[ ,.-]{1,3}(?:(?:and|double|triple|dash|hyphen) )?(?:zero|oh|nought|one|two|three|four|five"
    rb"|six|seven|eight|nine|\d)){3,}\b",
    any_case=True,
)
DIGIT_WORDS = frozenset(b"zero oh nought one two three four five six seven eight nine".split())
NO_DIGITS = bytes(byte for byte in range(256) if byte not in DIGITS)
LONG, MEDIUM = 7, 5  # a run of so many digits is personal without a cue


# A number behind these is to be reckoned with.
ARITHMETIC = frozenset(
    tuple(pair.split())
    for pair in (b"divided by", b"multiplied by", b"root of", b"sum of", b"percent of", b"power of")
)


SHARE_OF = calendar.BLANK + b" of "  # 38% of
OPERATORS = (b" + ", b" * ", b" = ", b" x ", b" / ", b" % ")


class Run(NamedTuple):
    """A run of digits with what stands around it."""

    start: int
    end: int
    text: bytes
    digits: str
    before: list[bytes]
    after: bytes
    reckoned: bool  # a sign of arithmetic stands on either side


def numbers(message: Message) -> Iterator[Span]:
    """Every number that is personal by its checksum, its form, its length or its cue."""
    data = message.masked
    for match in RUN.finditer(data):
        run = _run(message, data, *match.span())
        kind = kind_of(run, message.region)
        if kind is not None:
            end = run.end
            if kind == Kind.PHONE:
                extension = EXTENSION.match(message.data, end)
                end = extension.end() if extension else end
            yield Span(run.start, end, kind)


def _run(message: Message, data: bytes, start: int, end: int) -> Run:
    text = data[start:end]
    before = message.lower[max(0, start - AROUND) : start].translate(_SPLIT).split()
    after = message.lower[end : end + 24].translate(_SPLIT).split(maxsplit=1)
    digits = text.translate(None, NO_DIGITS).decode("ascii")
    left = data[max(0, start - 5) : start]
    reckoned = data[end : end + 3] in OPERATORS or left.endswith(OPERATORS) or left == SHARE_OF
    return Run(start, end, text, digits, before, after[0] if after else b"", reckoned)


def kind_of(run: Run, region: str) -> Kind | None:
    """What the number is; None when it is an amount, a time or too short to say."""
    count = len(run.digits)
    if 13 <= count <= 19 and checks.card(run.digits):
        return Kind.CARD
    cue = cue_of(run)
    if _is_amount(run, cue):
        return None
    if count >= LONG:
        return _long_kind(run, cue, region)
    if cue is not None and count >= (3 if cue is Kind.SECRET else 4):
        return cue
    return Kind.POSTCODE if count >= MEDIUM else None


def _long_kind(run: Run, cue: Kind | None, region: str) -> Kind:
    if checks.formatted_ssn(run.text):
        return Kind.NATIONAL_ID
    if cue is not None and cue != Kind.POSTCODE:
        return cue
    if phones.is_phone(run.text.decode("latin-1"), region):
        return Kind.PHONE
    return Kind.NATIONAL_ID if checks.national_id(run.digits) else Kind.NUMBER


def cue_of(run: Run) -> Kind | None:
    """The kind that the words before (or right after) the number name."""
    vague: Kind | None = None
    for word in reversed(run.before[-REACH:]):
        kind = CUES.get(word)
        if kind is None:
            if word not in LINKS and not word[-1:].isdigit():
                break
        elif word not in VAGUE:
            return kind
        else:
            vague = vague or kind
    return vague


def _is_amount(run: Run, cue: Kind | None) -> bool:
    previous = run.before[-1] if run.before else b""
    if previous.endswith(MONEY_BEFORE) and (previous[-1:] in b"$\xa4" or previous in MONEY_BEFORE):
        return True
    if run.after in AMOUNT_WORDS:
        return True
    if cue is not None or len(run.digits) > 6:
        return False
    return previous in AMOUNT_BEFORE or tuple(run.before[-2:]) in ARITHMETIC or run.reckoned


def ibans(message: Message) -> Iterator[Span]:
    """Bank accounts, by mod 97."""
    for match in IBAN.finditer(message.data):
        start, end = match.span()
        length = checks.iban_length(message.data[start:end])
        if length:
            yield Span(start, start + length, Kind.IBAN)


def spelled(message: Message) -> Iterator[Span]:
    """five five five, one two three four."""
    for match in SPELLED.finditer(message.data):
        if not DIGIT_WORDS.isdisjoint(match.group().lower().translate(SPLIT).split()):
            yield Span(*match.span(), Kind.NUMBER)


RECOGNIZERS = (
    Recognizer("iban", ibans, digits=True, needs=lambda message: message.mixed),
    Recognizer("number", numbers, digits=True),
    Recognizer("spelled number", spelled, words=DIGIT_WORDS),
)
