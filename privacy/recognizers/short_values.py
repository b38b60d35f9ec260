"""What is personal in a short value that stands alone, such as an attribute of a lead.

There a word with a capital is a city or a campaign more often than a person, and a long number is an id more
often than a telephone: only what its own form gives away counts.
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from privacy import lexicon
from privacy.kinds import Kind
from privacy.lexicon import Word
from privacy.patterns import Pattern, pattern
from privacy.recognizers import addresses, checks, codes, internet, numbers, phones, secrets, streets
from privacy.recognizers.base import Message, Span, Token
from privacy.recognizers.name_places import LANDMARKS, in_phrase
from privacy.recognizers.number_cues import CUES

# Who is logged in, whose page it is, or what opens a door. Other addresses tell where a lead came from.
TELLING_URL = pattern(
    rb"[a-z][a-z0-9+.-]*://[^\s/?#@\x1f]+@[^\s\x1f]*"
    rb"|(?:[a-z][a-z0-9+.-]*://|\b)(?:[a-z0-9-]+\.)*(?:linkedin\.com/(?:in|pub)|facebook\.com|instagram\.com"
    rb"|twitter\.com|x\.com|t\.me|wa\.me|github\.com|tiktok\.com|xing\.com/profile)/@?[a-z0-9._+%-]{2,}"
    rb"[^\s\x1f]*"
    rb"|[?&][a-z_-]*(?:token|password|passwd|pwd|secret|api_?key|sessionid|first_?name|last_?name|full_?name"
    rb"|phone|mobile)=[^&\s\x1f]+",
    any_case=True,
)
WRITTEN_PHONE = pattern(rb"(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}|\+\d[\d .()/-]{6,20}\d")
TRUNK = pattern(rb"00?[1-9][\d .()/-]{6,16}\d|\(0\d{2,5}\)[\d ./-]{4,12}\d")
# ISO/IEC 7812: what the payment networks issue, with its length.
CARD = pattern(
    rb"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"
    rb"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35\d{14}|62\d{14,17}"
)
# British and Canadian, as they are printed, and alone.
POSTCODE = pattern(
    rb"[A-PR-UWYZ][A-HK-Y]?\d[A-HJKPSTUW\d]? \d[ABD-HJLNP-UW-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d"
)
GLUED_EMAIL = pattern(
    rb"\b[a-z0-9._-]{3,} ?(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|protonmail|gmx|rediffmail)[ .]?"
    rb"(?:com|net|org|de|fr|in|couk)\b",
    any_case=True,
)
KEY = pattern(
    rb"[A-Za-z0-9]*(?:[a-z]\d[A-Za-z0-9]*[A-Z]|[A-Z]\d[A-Za-z0-9]*[a-z]|[a-z][A-Z][A-Za-z0-9]*\d)[A-Za-z0-9]*"
)
JOINTS = bytes(byte if chr(byte).isalnum() and byte < 128 else 32 for byte in range(256))
STREETS = streets.STRONG_BEHIND | frozenset(b"rue calle avenida rua viale piazza".split())
TITLES = frozenset(b"mr mrs ms herr frau".split())
BLOB = 20  # characters of the shortest data: URI that is looked for
PIECE = 20  # letters and digits of a key in a row
FEW = 7  # digits of the shortest number that tells a person
BARE = (10, 11)  # digits of a telephone number that is written without any sign
NAME = (2, 3)  # words of a full name that stands alone


def open_values(message: Message) -> Iterator[Span]:
    """In a value whose name says nothing of it."""
    parts: list[Iterable[Span]] = [closed_values(message), _full_names(message)]
    if message.has_digit:
        parts += [internet.ip_addresses(message), _bare_phones(message), _streets(message)]
    if not message.words.isdisjoint(secrets.USER_WORDS):
        parts.append(_usernames(message))
    return chain.from_iterable(parts)


def closed_values(message: Message) -> Iterator[Span]:
    """In a value that is one of a list, or an id."""
    parts: list[Iterable[Span]] = [_matching(message, TELLING_URL, Kind.URL), codes.access_tokens(message)]
    if 64 in message.signs or b"at" in message.words:
        parts += [internet.emails(message), internet.handles(message), internet.spoken_emails(message)]
    if not message.words.isdisjoint(secrets.PASSWORD_WORDS):
        parts.append(secrets.passwords(message))
    if len(message.data) >= BLOB:
        parts += [_matching(message, internet.DATA_URI, Kind.DATA), _keys(message)]
    if len(message.data) > FEW:
        parts.append(_matching(message, GLUED_EMAIL, Kind.EMAIL))
    if message.has_digit:
        parts += [_numbers(message), internet.mac_addresses(message), numbers.ibans(message)]
        parts += [codes.lettered_ids(message), codes.insurance_numbers(message), codes.vehicles(message)]
        if POSTCODE.fullmatch(message.data.strip()) is not None:
            parts.append([Span(0, len(message.data), Kind.POSTCODE)])
    return chain.from_iterable(parts)


def _matching(message: Message, expression: Pattern, kind: Kind) -> Iterator[Span]:
    for match in expression.finditer(message.data):
        yield Span(*match.span(), kind)


def _numbers(message: Message) -> Iterator[Span]:
    """Cards, telephone numbers with the signs of one, social security numbers."""
    for start, end, text, digits in _runs(message):
        if CARD.fullmatch(digits) is not None and checks.card(digits.decode()):
            yield Span(start, end, Kind.CARD)
        elif checks.formatted_ssn(text):
            yield Span(start, end, Kind.NATIONAL_ID)
        elif WRITTEN_PHONE.fullmatch(text) is not None:
            yield Span(start, end, Kind.PHONE)


def _bare_phones(message: Message) -> Iterator[Span]:
    """Digits that can be dialled: all there is, or behind a cue."""
    cued = any(CUES.get(word) is Kind.PHONE for word in message.words)
    for start, end, text, digits in _runs(message):
        if (cued or message.data.strip() == text) and _can_be_dialled(text, digits, message.region):
            yield Span(start, end, Kind.PHONE)


def _can_be_dialled(text: bytes, digits: bytes, region: str) -> bool:
    """Ten digits, or with the zero of a trunk call; at home in a smaller country any valid number."""
    written = text.decode("latin-1")
    if region not in phones.REGIONS and phones.dials(written, region):
        return True
    bare = len(digits) in BARE and (text.isdigit() or len(text.split()) == len(digits))
    return (bare or TRUNK.fullmatch(text) is not None) and phones.is_phone(written, region)


def _runs(message: Message) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Where each number of seven digits or more stands, how it is written, and its digits."""
    for match in numbers.RUN.finditer(message.masked):
        text = match.group()
        digits = text.translate(None, numbers.NO_DIGITS)
        start, end = match.span()
        in_word = message.data[max(0, start - 1) : start].isalpha() or message.data[end : end + 1].isalpha()
        if len(digits) >= FEW and not in_word:
            yield start, end, text, digits


def _keys(message: Message) -> Iterator[Span]:
    """Long base64: in one of its pieces capitals, small letters and digits are mixed. No slug is."""
    for match in internet.BASE64.finditer(message.data):
        pieces = match.group().translate(JOINTS).split()
        if any(len(piece) >= PIECE and KEY.fullmatch(piece) is not None for piece in pieces):
            yield Span(*match.span(), Kind.DATA)


def _usernames(message: Message) -> Iterator[Span]:
    """login: jdoe; not Instagram: stories."""
    for span in secrets.usernames(message):
        if lexicon.classes().get(message.lower[span.start : span.end]) is not Word.ORDINARY:
            yield span


def _full_names(message: Message) -> Iterator[Span]:
    """Sarah Miller, Mr Freeman: nothing but a given name with a surname, or a title with one."""
    tokens = message.tokens
    if len(tokens) not in NAME or message.has_digit or message.signs - frozenset(b".-'"):
        return
    if _is_full_name(message, tokens):
        yield Span(tokens[0].start, tokens[-1].end, Kind.PERSON)


def _is_full_name(message: Message, tokens: tuple[Token, ...]) -> bool:
    first, last = tokens[0], tokens[-1]
    if any(map(_is_acronym, message.data.split())):
        return False
    if first.word in TITLES:
        return last.capital
    if first.kind is not Word.GIVEN or in_phrase(tokens, 0) or last.word in LANDMARKS:
        return False
    if not message.cased:
        return last.kind is Word.SURNAME
    return _may_be_surname(last) and all(token.capital for token in tokens)


def _is_acronym(written: bytes) -> bool:
    return len(written) > 1 and written.isupper()


def _may_be_surname(token: Token) -> bool:
    return token.kind in (Word.SURNAME, Word.UNKNOWN) or token.word in lexicon.surname_words()


def _streets(message: Message) -> Iterable[Span]:
    """18 Larkspur Lane, Hauptstrasse 5, PO Box 2290."""
    strong = not message.words.isdisjoint(STREETS) or any(map(streets.is_compound, message.unusual))
    if strong or addresses.BOX.search(message.data) is not None:
        return addresses.addresses(message)
    return ()
