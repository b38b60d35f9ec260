"""Which digits are a date, a time of day, money or a version: they are no number of anything else."""

from collections.abc import Iterator

from privacy.patterns import Match, pattern

MONTHS = (
    rb"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    rb"|oct(?:ober)?"
    rb"|nov(?:ember)?|dec(?:ember)?)"
)
YEAR = rb"(?:1[89]\d\d|20\d\d)"
NUMERIC = (
    rb"\b" + YEAR + rb"[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])\b"
    rb"|\b(?:0?[1-9]|[12]\d|3[01])([-/. ])(?:0?[1-9]|[12]\d|3[01])[-/. ](?:" + YEAR + rb"|\d\d)\b"
)
WORDED = (
    rb"\b(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?: of)?[ -]"
    + MONTHS
    + rb"\.?,?(?:[ -]'?(?:"
    + YEAR
    + rb"|\d\d))?\b"
    rb"|\b" + MONTHS + rb"\.? (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?\b(?:,? (?:of )?'?" + YEAR + rb")?"
)
DATE = pattern(NUMERIC + rb"|" + WORDED, any_case=True)
_CLOCK = rb"\b[0-2]?\d[:.h][0-5]\d(?:[:.][0-5]\d(?:\.\d+)?)?(?: ?[ap]\.?m\b\.?)?|\b\d{1,4} ?[ap]\.?m\b"
_AMOUNT = rb"[$\xa4] ?\d[\d,]*(?:\.\d+)?|\b\d{1,3}(?:,\d{3})+(?:\.\d+)?\b|\b\d+\.\d{2}\b|\b\d+(?:\.\d+)? ?%"
# A day without its year: 2/28 - 3/14.
_DAY = rb"\b(?:(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])|(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2]))\b"
_ORDINAL = rb"\b\d{1,4}(?:st|nd|rd|th)\b"
CLOCK, AMOUNT = pattern(_CLOCK, any_case=True), pattern(_AMOUNT, any_case=True)
ORDINAL, DAY = pattern(_ORDINAL, any_case=True), pattern(_DAY)
# Chrome/120.0.6099.71
_VERSION = rb"\b[A-Za-z]+/\d+(?:\.\d+)+"
VERSION = pattern(_VERSION)
ANY = pattern(b"|".join((NUMERIC, WORDED, _CLOCK, _AMOUNT, _ORDINAL, _DAY, _VERSION)), any_case=True)
SEPARATORS = (b".", b"-", b" ", b"/")
BLANK = b"\x1e"


def masked(data: bytes) -> bytes:
    """The text with dates, times, amounts and versions blanked, for those who look for other numbers."""
    if ANY.search(data) is None:
        return data
    for expression in (DATE, CLOCK, AMOUNT, ORDINAL, DAY, VERSION):
        data = _blanked(data, expression.finditer(data))
    return data


def _blanked(data: bytes, matches: Iterator[Match]) -> bytes:
    pieces, at = [], 0
    for match in matches:
        start, end = match.span()
        if not _goes_on(data, start, end):
            pieces += [data[at:start], BLANK * (end - start)]
            at = end
    return b"".join([*pieces, data[at:]]) if pieces else data


def _goes_on(data: bytes, start: int, end: int) -> bool:
    """More digits follow behind a separator, as in 01.23.45.67.89: no date and no amount."""
    before, after = data[max(0, start - 2) : start], data[end : end + 2]
    return (after[:1] in SEPARATORS and after[1:].isdigit()) or (
        before[1:] in SEPARATORS and before[:1].isdigit()
    )
