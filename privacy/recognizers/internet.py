"""E-mail addresses in every spelling, URLs, IP and MAC addresses, social handles, data: URIs and base64."""

import ipaddress
from collections.abc import Iterator

from privacy.kinds import Kind
from privacy.lexicon import Word
from privacy.patterns import pattern
from privacy.recognizers.base import Message, Recognizer, Span, Token

# RFC 5321 local parts without quotes, and quoted ones; spaces around @ and before the dot are typing.
EMAIL = pattern(
    rb"(?:\"[^\"\x1f\n]{1,64}\"|[a-z0-9!#$%&'*+/=?^_`{|}~\xaa-][a-z0-9.!#$%&'*+/=?^_`{|}~\xaa-]*)"
    rb"(?:[ \t]?(?:@|[\[({<] ?(?:@|at) ?[\])}>])[ \t]?[a-z0-9\xaa-]+"
    rb"(?:[ \t]?(?:\.|[\[({<] ?(?:\.|dot) ?[\])}>])[ \t]?[a-z0-9\xaa-]+)+"
    rb"|@(?:[a-z0-9\xaa-]{3,}|\[[0-9a-f.:]{3,39}\]))",
    any_case=True,
)
SPOKEN_EMAIL = pattern(
    # name at example dot com; name@example dot com
    rb"\b[a-z0-9_+-]+(?:(?:\.| (?:dot|underscore|dash|hyphen|plus|minus|period|point) )[a-z0-9_+-]+)*"
    rb"(?: ?@ ?| at(?: the rate(?: of)?)? | arroba )[a-z0-9-]+(?:\.[a-z0-9-]+)*(?: (?:dot|period|point) "
    rb"[a-z0-9-]{2,})+\b"
    # john dot smith at example.com
    rb"|\b[a-z0-9_+-]+(?: (?:dot|underscore|dash|hyphen|period|point) [a-z0-9_+-]+)+"
    rb"(?: ?@ ?| at(?: the rate(?: of)?)? | arroba )[a-z0-9-]+(?:\.[a-z0-9-]{2,})+\b",
    any_case=True,
)
ANSWER = 5  # words of a message that can be hardly more than the address
MAIL_WORDS = frozenset(b"email emails mail e-mail id address".split())
ENDINGS = (b"com", b"net", b"org", b"edu", b"couk", b"coin", b"gov", b"mail")
PROVIDERS = frozenset(
    b"gmail googlemail yahoo ymail hotmail msn aol icloud rediff rediffmail protonmail gmx zoho com".split()
)
GLUED_PROVIDER = pattern(
    rb"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|live|msn|aol|icloud|rediff|rediffmail|protonmail"
    rb"|gmx|zoho|mail)"
    rb"(?:com|in|couk|net|org|fr|de|ca)?\z"
)
URL = pattern(
    rb"[a-z][a-z0-9+.-]*://[^\s<>\"\x1f]+|\bwww\.[^\s<>\"\x1f]{3,}"
    rb"|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|co|me|info|biz|edu|gov|ly|in|uk|de|fr|eu|us|ca"
    rb"|au)/[^\s<>\"\x1f]+",
    any_case=True,
)
IPV4 = pattern(rb"\b(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?\b")
IPV6 = pattern(
    rb"(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4})(?:%[a-z0-9]+)?(?:/\d{1,3})?",
    any_case=True,
)
MAC = pattern(
    rb"\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5,7}\b|\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b", any_case=True
)
HANDLE = pattern(rb"(?:^|[^a-z0-9_@.\xaa])(@[a-z0-9_\xaa][a-z0-9_.\xaa]*[a-z0-9_\xaa])", any_case=True)
DATA_URI = pattern(
    rb"\bdata:[a-z0-9.+/;=,-]{0,100}base64,[a-z0-9+/=_\s-]*|\bdata:[a-z]+/[^\s\x1f]+", any_case=True
)
BASE64 = pattern(rb"[A-Za-z0-9+/_-]{48,}={0,2}")
HEX_KEY = pattern(rb"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12,}\b", any_case=True)


# The same three in one look.
BLOB = pattern(rb"(?i:\bdata:)|[A-Za-z0-9+/_-]{32}")
BLOB_SIGNS = frozenset(b":+/_-")
BLOB_WORD = 32
OPENING = frozenset(b"[({<")


def emails(message: Message) -> Iterator[Span]:
    """name@example.com, with a bracketed or spaced at and dot."""
    for match in EMAIL.finditer(message.data):
        yield Span(*match.span(), Kind.EMAIL)


def spoken_emails(message: Message) -> Iterator[Span]:
    """name at example dot com."""
    for match in SPOKEN_EMAIL.finditer(message.data):
        yield Span(*match.span(), Kind.EMAIL)


def glued_emails(message: Message) -> Iterator[Span]:
    """namegmailcom, name 89 gmail com: what is left when a system drops the signs."""
    tokens = message.tokens
    for index, token in enumerate(tokens):
        last = _ending(tokens, index)
        if last is None:
            continue
        first = _beginning(message, tokens, index)
        if first == index == last and GLUED_PROVIDER.search(token.word) is None and _is_talk(message):
            continue  # a shop: walmartcom
        yield Span(tokens[first].start, tokens[last].end, Kind.EMAIL)


def _is_talk(message: Message) -> bool:
    """More than an address, and not about one."""
    return len(message.tokens) > ANSWER and MAIL_WORDS.isdisjoint(message.words)


def _beginning(message: Message, tokens: tuple[Token, ...], index: int) -> int:
    """The first token of an address whose domain is at index: a name and its number may stand before it."""
    first = index
    bare = GLUED_PROVIDER.match(tokens[index].word) is not None
    if index and tokens[index - 1].word.isdigit():
        first, bare = index - 1, True
    if bare and first and _joins(message, tokens[first - 1], tokens[first]):
        first -= 1
    return first


def _ending(tokens: tuple[Token, ...], index: int) -> int | None:
    """The last token of an address whose domain is at index."""
    word = tokens[index].word
    following = tokens[index + 1].word if index + 1 < len(tokens) else b""
    if following == b"com" and GLUED_PROVIDER.search(word) is not None:
        return index + 1
    unknown = tokens[index].kind not in (Word.ORDINARY, Word.PROPER, Word.EITHER)
    if unknown and len(word) >= 7 and word.endswith(ENDINGS):
        return index
    return None


def _joins(message: Message, left: Token, right: Token) -> bool:
    ordinary = left.kind == Word.ORDINARY or left.word.endswith(ENDINGS)
    return not ordinary and left.word.isalnum() and message.data[left.end : right.start] == b" "


def has_ending(message: Message) -> bool:
    """Some unusual word ends like a domain, or a provider or com stands alone."""
    return not PROVIDERS.isdisjoint(message.words) or any(word.endswith(ENDINGS) for word in message.unusual)


def urls(message: Message) -> Iterator[Span]:
    """Web addresses, and any URL that can carry credentials."""
    for match in URL.finditer(message.data):
        start, end = match.span()
        while end > start + 1 and message.data[end - 1] in b".,;:!?)]}'":
            end -= 1
        yield Span(start, end, Kind.URL)


def ip_addresses(message: Message) -> Iterator[Span]:
    """IPv4 and IPv6, checked."""
    for expression in (IPV4, IPV6):
        for match in expression.finditer(message.data):
            text = match.group().decode("latin-1").partition("%")[0]
            if _is_address(text) or _is_address(text.rstrip(":")):
                yield Span(*match.span(), Kind.IP)


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_interface(text)
    except ValueError:
        return False
    return address.version == 4 or text.count(":") > 2 or len(text) > 6


def mac_addresses(message: Message) -> Iterator[Span]:
    """Hardware addresses of six or eight pairs."""
    for match in MAC.finditer(message.data):
        yield Span(*match.span(), Kind.MAC)


def has_separators(message: Message) -> bool:
    """As many as six pairs or three fours have between them."""
    data = message.data
    return data.count(b":") + data.count(b"-") >= 5 or data.count(b".") >= 2


def handles(message: Message) -> Iterator[Span]:
    """@somebody."""
    for match in HANDLE.finditer(message.data):
        yield Span(*match.span(1), Kind.USERNAME)


def blobs(message: Message) -> Iterator[Span]:
    """data: URIs, long base64 and hexadecimal keys: nobody can read them, so nothing vouches for them."""
    for match in DATA_URI.finditer(message.data):
        yield Span(*match.span(), Kind.DATA)
    for match in BASE64.finditer(message.data):
        yield Span(*match.span(), Kind.DATA)
    for match in HEX_KEY.finditer(message.data):
        yield Span(*match.span(), Kind.DEVICE)


def may_be_blob(message: Message) -> bool:
    """A long word, or one that signs may join to others."""
    joined = not BLOB_SIGNS.isdisjoint(message.signs)
    return (joined or max(map(len, message.unusual), default=0) >= BLOB_WORD) and (
        BLOB.search(message.data) is not None
    )


RECOGNIZERS = (
    Recognizer("blob", blobs, needs=may_be_blob),
    Recognizer("url", urls, needs=lambda message: 47 in message.signs or b"www." in message.lower),
    Recognizer(
        "email",
        emails,
        needs=lambda message: (
            64 in message.signs or (b"at" in message.words and not OPENING.isdisjoint(message.signs))
        ),
    ),
    Recognizer(
        "spoken email",
        spoken_emails,
        words=frozenset((b"dot", b"period", b"point", b"underscore", b"dash", b"hyphen")),
    ),
    Recognizer("glued email", glued_emails, needs=has_ending),
    Recognizer(
        "ip",
        ip_addresses,
        needs=lambda message: 58 in message.signs or (46 in message.signs and message.has_digit),
    ),
    Recognizer("mac", mac_addresses, needs=has_separators),
    Recognizer("handle", handles, signs=frozenset(b"@")),
)
