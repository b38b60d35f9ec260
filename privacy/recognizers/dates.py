"""Dates of birth: by a word of birth near them, or because they are too long ago for an appointment."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime

from privacy.kinds import Kind
from privacy.patterns import pattern
from privacy.recognizers.base import Message, Recognizer, Span
from privacy.recognizers.calendar import DATE, YEAR

FULL_YEAR = pattern(YEAR + rb"\b")
_BORN = rb"\b(?:d\.?o\.?b\.?|born|birth ?date|birth ?day|date of birth|birth|b-?day|bday)\b"
BORN = pattern(_BORN, any_case=True)
BORN_OR_YEAR = pattern(_BORN + rb"|" + YEAR + rb"\b", any_case=True)
CUE_REACH = 60  # bytes between the cue and the date, either way
ADULT = 14  # a full date at least so many years back is of a birth more often than of a booking
SHORT = pattern(rb"\b\d{6}\b|\b\d{8}\b|\b" + YEAR + rb"\b")


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


RECOGNIZERS = (
    Recognizer(
        "birth date",
        birth_dates,
        digits=True,
        needs=lambda message: BORN_OR_YEAR.search(message.data) is not None,
    ),
)
