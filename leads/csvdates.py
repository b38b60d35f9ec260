"""Which of the usual ways of writing a date a column uses, and reading it. Naive times are UTC."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_TIME = (
    r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?)?\s*(?:Z|UTC|GMT|[+-]00:?00)?"
)
_PARTS = re.compile(r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})" + _TIME)
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3})[a-z]*\.?,?[ -](\d{2,4})" + _TIME)
_NAME_DAY = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{2,4})" + _TIME)
_EPOCH = re.compile(r"(\d{9,10}|\d{12,13}|\d{15,16})(\.\d+)?")
_SERIAL = re.compile(r"[1-9]\d{4}([.,]\d+)?")
_ZONE = re.compile(r" +(?=[+-]\d\d:?\d\d$)")
_DAY_OF_WEEK = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +")
SPREADSHEET = datetime(1899, 12, 30, tzinfo=UTC)  # day 0 of Excel and its kin
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")

Read = Callable[[str], datetime]


class DateError(ValueError):
    """The cell is no date of this column's kind."""


def iso(text: str) -> datetime:
    """ISO 8601, with or without a day, a time, a zone and the dashes."""
    month_alone = len(text) == 7 and text[4] == "-"
    try:
        found = datetime.fromisoformat(f"{text}-01" if month_alone else _ZONE.sub("", text))
    except ValueError:
        raise DateError(text) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def epoch(text: str) -> datetime:
    """Seconds, milliseconds or microseconds since 1970."""
    if not _EPOCH.fullmatch(text):
        raise DateError(text)
    value = float(text)
    return datetime.fromtimestamp(value / (1e6 if value >= 1e14 else 1e3 if value >= 1e11 else 1), tz=UTC)


def serial(text: str) -> datetime:
    """Days since the end of 1899, as a spreadsheet keeps them: 45292.5 is noon of 1 January 2024."""
    if not _SERIAL.fullmatch(text):
        raise DateError(text)
    return SPREADSHEET + timedelta(seconds=round(float(text.replace(",", ".")) * 86_400))


def day_first(text: str) -> datetime:
    """31/12/2017, 31.12.17 23:59."""
    first, second, year, *time = _match(_PARTS, text)
    return _build(year, second, first, time, text)


def month_first(text: str) -> datetime:
    """12/31/2017, 12/31/17 11:59 PM."""
    first, second, year, *time = _match(_PARTS, text)
    return _build(year, first, second, time, text)


def year_first(text: str) -> datetime:
    """2017/12/31, 2017.12.31, 2017-1-5."""
    year, month, day, *time = _match(_PARTS, text)
    if len(year) != 4:
        raise DateError(text)
    return _build(year, month, day, time, text)


def named(text: str) -> datetime:
    """31 Dec 2017, 31-Dec-17, Dec 31, 2017, December 31 2017; a day of the week may stand before."""
    text = _DAY_OF_WEEK.sub("", text, count=1)
    if found := _DAY_NAME.fullmatch(text):
        day, name, year, *time = found.groups(default="")
    else:
        name, day, year, *time = _match(_NAME_DAY, text)
    return _build(year, str(MONTHS.get(name.lower(), 0)), day, time, text)


KINDS: dict[str, Read] = {
    "ISO 8601": iso,
    "year/month/day": year_first,
    "day/month/year": day_first,
    "month/day/year": month_first,
    "a month's name": named,
    "seconds or milliseconds since 1970": epoch,
    "a spreadsheet's day number": serial,
}
NUMBERS = frozenset({"seconds or milliseconds since 1970", "a spreadsheet's day number"})


def sniff_kind(sample: Sequence[str]) -> str | None:
    """The kind that reads most of the sample, None when none reads half of it.

    When day and month could stand either way in every cell, the order in which the column rises most steadily
    wins, because histories are mostly written in time order, then the one that spans less time; then the
    separator decides (12/31 but 31.12.).
    """
    read = {kind: _read_all(KINDS[kind], sample) for kind in KINDS}
    kind = max(read, key=lambda name: len(read[name]))
    if len(read[kind]) * 2 < max(len(sample), 1) or not sample:
        return None
    dmy, mdy = read["day/month/year"], read["month/day/year"]
    if kind not in ("day/month/year", "month/day/year") or len(dmy) != len(mdy):
        return kind
    if _order(dmy) != _order(mdy):
        return "day/month/year" if _order(dmy) > _order(mdy) else "month/day/year"
    return "month/day/year" if "/" in sample[0] else "day/month/year"


def reads(read: Read, text: str) -> bool:
    """Whether the cell is a date of that kind."""
    try:
        read(text)
    except DateError:
        return False
    return True


def is_iso(text: str) -> bool:
    """Whether an attribute's text is an ISO date; 20171231 is a number there."""
    return bool(_ISO.fullmatch(text))


def canonical(text: str, read: Read) -> str:
    """The date as ISO text: a bare date stays one, a time is given in UTC."""
    found = read(text)
    return f"{found:%Y-%m-%dT%H:%M:%SZ}" if ":" in text else f"{found:%Y-%m-%d}"


def _match(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    if found := pattern.fullmatch(text):
        return found.groups(default="")
    raise DateError(text)


def _build(year: str, month: str, day: str, time: Sequence[str], text: str) -> datetime:
    hour, minute, second, half = time
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    years = int(year)
    if len(year) == 2:
        years += 2000 if years < 70 else 1900
    elif len(year) != 4:
        raise DateError(text)
    try:
        return datetime(years, int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=UTC)
    except ValueError:
        raise DateError(text) from None


def _read_all(read: Read, sample: Sequence[str]) -> list[datetime]:
    found = []
    for text in sample:
        try:
            found.append(read(text))
        except DateError:
            continue
    return found


def _order(dates: Sequence[datetime]) -> tuple[int, float]:
    rising = sum(earlier <= later for earlier, later in pairwise(dates))
    return rising, -(max(dates) - min(dates)).total_seconds()
