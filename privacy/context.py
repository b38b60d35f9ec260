"""What is known beforehand: the person's own name, mail and phone, and the question that was just asked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from privacy.kinds import Kind
from privacy.lexicon import Word, listed
from privacy.normalization import BARRIER, normalise
from privacy.patterns import pattern
from privacy.recognizers.bare import FILLERS
from privacy.recognizers.base import Message, Span, Token
from privacy.recognizers.calendar import DATE


@dataclass(frozen=True, slots=True)
class Context:
    """All optional. `asked` is the last thing we said to the person, in our own words.

    `region` is the ISO 3166 country whose phone numbers need no prefix; alone it tells nothing.
    """

    known_name: str = ""
    known_email: str = ""
    known_phone: str = ""
    asked: str = ""
    asked_for: frozenset[Kind] | None = None  # what `asked` asks for, where that was found out before
    region: str = "US"

    def __bool__(self) -> bool:
        return bool(self.known_name or self.known_email or self.known_phone or self.asked)


NOTHING = Context()
# What a question asks for. It must ask ("?", "please", "provide"), or be hardly more than the thing itself.
QUESTIONS: tuple[tuple[Kind, bytes], ...] = (
    (
        Kind.SECRET,
        rb"maiden|pet you|first pet|security question|secret question|secret answer|password|passcode"
        rb"|\bpin\b|one[- ]time|verification code|\botp\b|cvv|security code",
    ),
    (Kind.USERNAME, rb"user ?name|user id|log ?in (?:name|id)|screen ?name|handle"),
    (Kind.BIRTH_DATE, rb"date of birth|birth ?da(?:te|y)|\bdob\b|when were you born|how old"),
    (Kind.EMAIL, rb"e-?mail"),
    (Kind.PHONE, rb"phone|mobile|cell|contact number|call ?back number|reach you"),
    (Kind.POSTCODE, rb"zip|post(?:al)? ?code"),
    (Kind.ADDRESS, rb"\baddress|where do you live|street"),
    (Kind.NATIONAL_ID, rb"\bssn\b|social security|national (?:id|insurance)|passport|licen[cs]e"),
    (Kind.CARD, rb"card number|(?:credit|debit) card|last four|last 4"),
    (
        Kind.ACCOUNT,
        rb"account|booking (?:number|reference|id|code)|confirmation|order (?:number|id)|reservation "
        rb"(?:number|code|id)|policy|reference|ticket|tracking|member|flight id|record locator|customer "
        rb"(?:id|number)",
    ),
    (
        Kind.PERSON,
        rb"\bname|who (?:am i|is (?:this|calling|it)|are you|should i|do i|would)|(?:speaking|talking"
        rb"|chatting) (?:with|to)\b|under (?:what|which)|to whom|who(?:m)? (?:to|would|will|should|do"
        rb"|are|is)",
    ),
)
_QUESTIONS = tuple((kind, pattern(expression, any_case=True)) for kind, expression in QUESTIONS)
ASKS = pattern(
    rb"\?|\b(?:please|provide|may i|can i|could i|could you|can you|need your|i'?ll (?:just )?need|tell "
    rb"me|give me|what|which|who|whom|enter|confirm|share|let me know|have your|verify)\b",
    any_case=True,
)
WORDY = (Kind.SECRET, Kind.USERNAME, Kind.PERSON)
# The first that was asked for names the kind of a number; a secret only when nothing else was.
NUMERIC = (*(kind for kind, _ in QUESTIONS if kind not in WORDY), Kind.SECRET)
EVASIVE = listed("cues/context_evasive")
ANSWER = 6  # words an answer has at most to be taken whole
LONGEST_QUESTION = 10_000  # characters at the end of what we said
SHORT = 3  # words beside the fillers of an answer that is nothing else
NAMES = (Word.GIVEN, Word.SURNAME, Word.UNKNOWN, Word.EITHER)
LINE = 14  # words an address has at most


def asked_kinds(question: str) -> frozenset[Kind]:
    """What the question asks for; empty when it asks for nothing personal."""
    data = normalise(question).data
    if ASKS.search(data) is None and len(data.split()) > ANSWER:
        return frozenset()
    return frozenset(kind for kind, expression in _QUESTIONS if expression.search(data) is not None)


def asking(context: Context, question: str) -> Context:
    """The context after a question, which is read once for all that answer it: its end, where one stands."""
    end = question[-LONGEST_QUESTION:]
    return replace(context, asked=end, asked_for=asked_kinds(end) if end else frozenset())


def _asked_for(context: Context) -> frozenset[Kind]:
    if context.asked_for is not None:
        return context.asked_for
    return asked_kinds(context.asked) if context.asked else frozenset()


def answered(message: Message, context: Context) -> Iterator[Span]:
    """What a bare answer to the question gives away."""
    kinds = _asked_for(context)
    numeric = next(filter(kinds.__contains__, NUMERIC), None)
    wordy = next(filter(kinds.__contains__, WORDY), None)
    if numeric is not None:
        yield from _with_digits(message, numeric)
    if wordy is not None:
        yield from _words(message, wordy)
    if Kind.ADDRESS in kinds:
        yield from _address(message)
    if Kind.BIRTH_DATE in kinds:
        yield from (Span(*match.span(), Kind.BIRTH_DATE) for match in DATE.finditer(message.data))


def _with_digits(message: Message, kind: Kind) -> Iterator[Span]:
    for token in message.tokens:
        if not token.has_digit:
            continue
        digits = sum(48 <= byte <= 57 for byte in token.word)
        if digits >= 3 or (digits and len(message.tokens) <= ANSWER):
            yield Span(token.start, token.end, kind)


def _words(message: Message, kind: Kind) -> Iterator[Span]:
    """Every word but the fillers of a short answer; of a longer one its capitals and unusual words."""
    tokens = message.tokens
    if any(token.word in EVASIVE for token in tokens):
        return
    sentence = [token for token in tokens if token.word not in FILLERS]
    numbered = any(map(_is_number, tokens))
    short = len(sentence) <= SHORT
    for token in sentence:
        if _is_number(token):
            continue
        if (short and not numbered) or _stands_out(message, token, short=short):
            yield Span(token.start, token.end, kind)


def _is_number(token: Token) -> bool:
    """Or what was replaced before."""
    return token.has_digit or token.word[:1] == BARRIER


def _stands_out(message: Message, token: Token, *, short: bool) -> bool:
    """In a longer answer: a word that may be a name, or any with a capital that is no place."""
    if not message.cased:
        return token.kind in NAMES and len(message.tokens) <= 2 * ANSWER
    return (
        token.capital and token.kind is not Word.PROPER and (short or not token.first or token.kind in NAMES)
    )


def _address(message: Message) -> Iterator[Span]:
    tokens = [token for token in message.tokens if token.word not in FILLERS]
    if 0 < len(tokens) <= LINE and any(token.has_digit for token in tokens):
        yield Span(tokens[0].start, tokens[-1].end, Kind.ADDRESS)


def known(message: Message, context: Context) -> Iterator[Span]:
    """The person's own details wherever they stand, however they are written."""
    names = {word for word in normalise(context.known_name).data.lower().split() if len(word) > 1}
    address = normalise(context.known_email).data.lower().strip()
    for token in message.tokens:
        if names and (token.word in names or token.word.strip(b"'") in names):
            yield Span(token.start, token.end, Kind.PERSON)
    if address:
        for part in dict.fromkeys((address, address.partition(b"@")[0])):
            yield from _occurrences(message, part, Kind.EMAIL)
    digits = bytes(byte for byte in normalise(context.known_phone).data if 48 <= byte <= 57)
    if len(digits) >= 7:
        yield from _phone(message, digits)


def _occurrences(message: Message, value: bytes, kind: Kind) -> Iterator[Span]:
    at = message.lower.find(value) if len(value) > 2 else -1
    while at >= 0:
        end = at + len(value)
        if not (message.lower[max(0, at - 1) : at].isalnum() or message.lower[end : end + 1].isalnum()):
            yield Span(at, end, kind)
        at = message.lower.find(value, end)


def _phone(message: Message, digits: bytes) -> Iterator[Span]:
    """The number with any separators, its last seven digits, or its last four standing alone."""
    positions = [at for at, byte in enumerate(message.data) if 48 <= byte <= 57]
    plain = bytes(message.data[at] for at in positions)
    for value in (digits, digits[-10:], digits[-7:]):
        at = plain.find(value)
        while at >= 0:
            yield Span(positions[at], positions[at + len(value) - 1] + 1, Kind.PHONE)
            at = plain.find(value, at + len(value))
    for token in message.tokens:
        if token.word == digits[-4:]:
            yield Span(token.start, token.end, Kind.PHONE)
