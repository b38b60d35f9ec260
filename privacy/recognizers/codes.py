"""Codes of letters and digits: by cue, national ids with letters, vehicles, access tokens."""

from collections.abc import Iterator

from privacy.kinds import Kind
from privacy.lexicon import Word
from privacy.patterns import pattern
from privacy.recognizers import checks
from privacy.recognizers.base import Message, Recognizer, Span, Token
from privacy.recognizers.name_cues import NEVER
from privacy.recognizers.number_cues import AMOUNT_WORDS, CUES, LINKS, VAGUE

LETTERED_ID = pattern(
    rb"\b(?:[XYZ]?\d{7,8}[A-Z]{1,2}|[A-Z]{5}\d{4}[A-Z]|\d{6}[-+A]\d{3}[0-9A-Z]"
    rb"|[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]"
    rb"|[A-Z]{4}\d{6}[A-Z]{6}[A-Z0-9]\d|\d{17}X)\b",
    any_case=True,
)
# National insurance numbers have no check digit, only a form (HMRC NIM39110).
NINO = pattern(rb"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b", any_case=True)
VIN = pattern(rb"\b[A-HJ-NPR-Z0-9]{17}\b", any_case=True)
# A digit beside a letter or a joint, with everything that is joined to it.
LONG_CODE = pattern(
    rb"\b[A-Z]*(?:[A-Z][-_/]?\d|\d[-_/]?[A-Z])[A-Z0-9]*(?:[-_/][A-Z0-9]+)*\b"
    rb"|\b\d+(?:[-_/]?[A-Z0-9]+)*[A-Z][A-Z0-9]*(?:[-_/][A-Z0-9]+)*\b",
    any_case=True,
)
TOKEN = pattern(
    rb"\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|\bgh[pousr]_[A-Za-z0-9]{20,}|\bAKIA[A-Z0-9]{12,}"
    rb"|\bxox[abprs]-[A-Za-z0-9-]{8,}"
    rb"|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+){1,2}|\bglpat-[A-Za-z0-9_-]{16,}|\bAIza[A-Za-z0-9_-]{20,}"
    rb"|\b[Bb]earer [A-Za-z0-9._~+/=-]{8,}"
)
TOKEN_SIGNS = frozenset(b"_-")
CODE_CUES = {word: kind for word, kind in CUES.items() if kind not in (Kind.CARD, Kind.PHONE, Kind.POSTCODE)}
NO_CODE = LINKS | NEVER | frozenset(CUES)
LONGEST = 6  # tokens of one dictated code: t 5 s 3 a 6


def is_mixed(message: Message) -> bool:
    """A letter and a digit stand together."""
    return message.mixed


def lettered_ids(message: Message) -> Iterator[Span]:
    """DNI, NIE, PAN, codice fiscale, CURP, hetu."""
    for match in LETTERED_ID.finditer(message.data):
        if checks.lettered_id(match.group().decode("latin-1").upper()):
            yield Span(*match.span(), Kind.NATIONAL_ID)


def insurance_numbers(message: Message) -> Iterator[Span]:
    """AB 12 34 56 C."""
    for match in NINO.finditer(message.data):
        yield Span(*match.span(), Kind.NATIONAL_ID)


def vehicles(message: Message) -> Iterator[Span]:
    """Vehicle identification numbers: seventeen characters with letters and digits."""
    for match in VIN.finditer(message.data):
        text = match.group()
        if not text.isdigit() and sum(byte < 58 for byte in text) >= 3:
            yield Span(*match.span(), Kind.VEHICLE)


def access_tokens(message: Message) -> Iterator[Span]:
    """Keys of well-known services, JWTs, bearer tokens."""
    for match in TOKEN.finditer(message.data):
        yield Span(*match.span(), Kind.SECRET)


def may_be_token(message: Message) -> bool:
    """A sign that most tokens have, or how the others begin."""
    if not TOKEN_SIGNS.isdisjoint(message.signs):
        return True
    data = message.data
    return b"AKIA" in data or b"AIza" in data or b"eyJ" in data or b"earer " in data


def long_codes(message: Message) -> Iterator[Span]:
    """Seven or more letters and digits, four of them digits: an order or a record, without any cue."""
    for match in LONG_CODE.finditer(message.masked):
        text = match.group()
        digits = sum(48 <= byte <= 57 for byte in text)
        letters = sum(byte > 64 and byte != 95 for byte in text)
        if digits >= 4 and letters and digits + letters >= 7:
            yield Span(*match.span(), Kind.ACCOUNT)


def cued_codes(message: Message) -> Iterator[Span]:
    """booking number hk 5487, license plate is 432 LSA, confirmation: QK7ZP2."""
    tokens, done = message.tokens, 0
    for index, token in enumerate(tokens):
        kind = CODE_CUES.get(token.word)
        if index < done or kind is None or (token.word in VAGUE and kind != Kind.ACCOUNT):
            continue
        telling, first = _nearest(tokens, index, kind)
        last = _code_end(message, tokens, first)
        code = tokens[first:last]
        done = first
        if _is_long_enough(code) and not _amount(tokens, first, last):
            yield from (Span(part.start, part.end, telling) for part in code)


def _nearest(tokens: tuple[Token, ...], index: int, kind: Kind) -> tuple[Kind, int]:
    """The last telling cue of a row of cues and links, and where the row ends."""
    at = index + 1
    while at < len(tokens) and (_links(tokens[at]) or tokens[at].word in CUES):
        if tokens[at].word not in VAGUE:
            kind = CODE_CUES.get(tokens[at].word, kind)
        at += 1
    return kind, at


def _code_end(message: Message, tokens: tuple[Token, ...], first: int) -> int:
    last = first
    for at in range(first, min(first + LONGEST, len(tokens))):
        if is_code(message, tokens[at]):
            last = at + 1
        elif not is_dictated(tokens, at):
            break
    return last


def _is_long_enough(code: tuple[Token, ...]) -> bool:
    digits = sum(48 <= byte <= 57 for part in code for byte in part.word)
    return digits >= 2 and sum(len(part.word) for part in code) >= 4


def _links(token: Token) -> bool:
    return token.word in LINKS and not token.has_digit and len(token.word) > 1


def _amount(tokens: tuple[Token, ...], first: int, last: int) -> bool:
    return last - first == 1 and last < len(tokens) and tokens[last].word in AMOUNT_WORDS


def is_dictated(tokens: tuple[Token, ...], at: int) -> bool:
    """A single letter between digits, even if it is a word: q 5 i 3."""
    return len(tokens[at].word) == 1 and at + 1 < len(tokens) and tokens[at + 1].has_digit


def is_code(message: Message, token: Token) -> bool:
    """A token that a dictated code can be made of: digits, or a few letters."""
    if token.has_digit:
        return True
    if token.dated or len(token.word) > 4 or b"'" in token.word or token.word in NO_CODE:
        return False
    capitals = message.cased and message.data[token.start : token.end].isupper()
    return len(token.word) <= 3 or capitals or token.kind != Word.ORDINARY


RECOGNIZERS = (
    Recognizer("lettered id", lettered_ids, digits=True, needs=is_mixed),
    Recognizer("insurance number", insurance_numbers, digits=True),
    Recognizer("vehicle", vehicles, digits=True, needs=is_mixed),
    Recognizer("access token", access_tokens, needs=may_be_token),
    Recognizer("long code", long_codes, digits=True, needs=is_mixed),
    Recognizer("cued code", cued_codes, digits=True, words=frozenset(CODE_CUES)),
)
