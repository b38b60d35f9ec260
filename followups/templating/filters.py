"""What may be done to a value inside a message. None raises, works long, or makes much out of little."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.template import defaultfilters
from django.utils.dateformat import format as spelled

LONGEST_VALUE = 500
MOST_DECIMALS = 10
# day, month, year, weekday, clock: nothing that needs a time zone, in which the first and last year have gaps
_DATE_LETTERS = frozenset("djDlSmnMFbyYHisgGhaAPf")
_LETTERS = re.compile(r"\\.|[A-Za-z]")
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Filter:
    """`apply` gets the value, and the argument where there is one. `fault` says what an argument lacks.

    `example` is how it is written; one that `fills` never leaves an empty value empty.
    """

    apply: Callable[..., Any]
    example: str
    fault: Callable[[object], str] = lambda argument: ""
    fills: bool = False


def _text(change: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda value: change(str(value))[:LONGEST_VALUE]


def _default(value: Any, words: str) -> Any:
    return value or words


def _yesno(value: Any, words: str) -> str:
    yes, no = words.split(",")
    return yes if value else no


def _truncatechars(value: Any, length: int) -> str:
    return str(defaultfilters.truncatechars(str(value), length))


def _truncatewords(value: Any, number: int) -> str:
    return str(defaultfilters.truncatewords(str(value), number))


def _floatformat(value: Any, decimals: int = -1) -> Any:
    """What is no number stays as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 10**15:
        return value
    return defaultfilters.floatformat(value, decimals)


def _date(value: Any, form: str) -> Any:
    """What is no date stays as it is."""
    moment = _moment(value)
    return value if moment is None else spelled(moment, form)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(), tzinfo=UTC)
    if not isinstance(value, str) or not _ISO.match(value):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    # a clock without a zone is shown as it was written
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _words_fault(argument: object) -> str:
    if not isinstance(argument, str) or not argument.strip():
        return 'needs words in quotes, as in |default:"there"'
    return ""


def _two_words_fault(argument: object) -> str:
    words = argument.split(",") if isinstance(argument, str) else []
    right = len(words) == 2 and all(word.strip() for word in words)
    return "" if right else 'needs two words in quotes, as in |yesno:"yes,no"'


def _date_fault(argument: object) -> str:
    if not isinstance(argument, str) or not argument.strip():
        return 'needs quotes, as in |date:"j F Y"'
    if len(argument) > 50:
        return "is written in at most 50 characters"
    letters = {letter for letter in _LETTERS.findall(argument) if not letter.startswith("\\")}
    if unknown := sorted(letters - _DATE_LETTERS):
        return f"does not know {', '.join(unknown)}; words of your own go outside of the braces"
    return ""


def _whole(least: int, most: int) -> Callable[[object], str]:
    def fault(argument: object) -> str:
        right = isinstance(argument, int) and least <= argument <= most
        return "" if right else f"needs a whole number from {least} to {most}"

    return fault


FILTERS: Mapping[str, Filter] = {
    "capfirst": Filter(_text(lambda text: text[:1].upper() + text[1:]), "capfirst"),
    "date": Filter(_date, 'date:"j F Y"', _date_fault),
    "default": Filter(_default, 'default:"there"', _words_fault, fills=True),
    "floatformat": Filter(_floatformat, "floatformat:2", _whole(-MOST_DECIMALS, MOST_DECIMALS)),
    "lower": Filter(_text(str.lower), "lower"),
    "title": Filter(_text(lambda text: str(defaultfilters.title(text))), "title"),
    "truncatechars": Filter(_truncatechars, "truncatechars:40", _whole(2, LONGEST_VALUE)),
    "truncatewords": Filter(_truncatewords, "truncatewords:5", _whole(1, LONGEST_VALUE)),
    "upper": Filter(_text(str.upper), "upper"),
    "yesno": Filter(_yesno, 'yesno:"yes,no"', _two_words_fault, fills=True),
}
