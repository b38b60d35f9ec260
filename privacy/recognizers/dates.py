"""Dates: which digits are a calendar date, and which dates are of somebody's birth."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime

from privacy.kinds import Kind
from privacy.patterns import Match, pattern
from privacy.recognizers.base import Message, Recognizer, Span

MONTHS = (
    rb"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    rb"|nov(?:ember)?|dec(?:ember)?)"
)
YEAR = rb"(?:1[89]\d\d|20\d\d)"
NUMERIC = (
    rb"\b" + YEAR + rb"[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])\b"
    rb"|\b(?:0?[1-9]|[12]\d|3[01])([-/. ])(?:0?[1-9]|[12]\d|3[01])[-/. ](?:" + YEAR + rb"|\d\d)\b"
)
WORDED = (
    rb"\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?: of)?[ -]" + MONTHS + rb"\.?,?(?:[ -]'?(?:" + YEAR + rb"|\d\d))?\b"
    rb"|\b" + MONTHS + rb"\.? (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\b(?:,? (?:of )?'?" + YEAR + rb")?"
)
DATE = pattern(NUMERIC + rb"|" + WORDED, any_case=True)
CLOCK = pattern(rb"\b[0-2]?\d[:.h][0-5]\d(?:[:.][0-5]\d(?:\.\d+)?)?(?: ?[ap]\.?m\b\.?)?|\b\d{1,4} ?[ap]\.?m\b", any_case=True)
AMOUNT = pattern(rb"[$\xa4] ?\d[\d,]*(?:\.\d+)?|\b\d{1,3}(?:,\d{3})+(?:\.\d+)?\b|\b\d+\.\d{2}\b|\b\d+(?:\.\d+)? ?%")
FULL_YEAR = pattern(YEAR + rb"\b")
BORN = pattern(
    rb"\b(?:d\.?o\.?b\.?|born|birth ?date|birth ?day|date of birth|birth|b-?day|bday)\b", any_case=True
)
CUE_REACH = 60  # bytes between the cue and the date, either way
ADULT = 14  # a full date at least so many years back is of a birth more often than of a booking
SEPARATORS = (b".", b"-", b" ", b"/")
SHORT = pattern(rb"\b\d{6}\b|\b\d{8}\b|\b" + YEAR + rb"\b")


def masked(message: Message) -> bytes:
    """The text with dates, times and amounts of money blanked, for those who look for other numbers."""
    data = message.data
    for expression in (DATE, CLOCK, AMOUNT):
        data = _blanked(data, expression.finditer(data))
    return data


def _blanked(data: bytes, matches: Iterator[Match]) -> bytes:
    pieces, at = [], 0
    for match in matches:
        start, end = match.span()
        if not _goes_on(data, start, end):
            pieces += [data[at:start], b"\x1e" * (end - start)]
            at = end
    return b"".join([*pieces, data[at:]]) if pieces else data


def _goes_on(data: bytes, start: int, end: int) -> bool:
    """More digits follow behind a separator, as in 01.23.45.67.89: no date and no amount."""
    before, after = data[max(0, start - 2) : start], data[end : end + 2]
    return (after[:1] in SEPARATORS and after[1:].isdigit()) or (before[1:] in SEPARATORS and before[:1].isdigit())


def birth_dates(message: Message) -> Iterator[Span]:
    """Dates near a word of birth, and full dates too long ago for an appointment."""
    data = message.data
    cues = sorted(edge for match in BORN.finditer(data) for edge in match.span())
    oldest = datetime.now(UTC).year - ADULT
    for match in DATE.finditer(data):
        start, end = match.span()
        year = FULL_YEAR.search(data[start:end])
        if _near(cues, start, end) or (year is not None and int(year.group()) <= oldest):
            yield Span(start, end, Kind.BIRTH_DATE)
    if cues:
        for match in SHORT.finditer(data):
            if _near(cues, *match.span()):
                yield Span(*match.span(), Kind.BIRTH_DATE)


def _near(edges: list[int], start: int, end: int) -> bool:
    """Some cue ends shortly before the date or begins shortly after it."""
    at = bisect_left(edges, start - CUE_REACH)
    return at < len(edges) and edges[at] <= end + CUE_REACH


RECOGNIZERS = (Recognizer("birth date", birth_dates, lambda message: message.has_digit),)
