"""Reasons in words: "lead time is between 14 and 29 (1,204 past leads)" instead of "lead_time bin 4"."""

from dataclasses import dataclass
from datetime import date

from modeling.features import CREATED_AT, SOURCE, Bins, as_category

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST_VALUE = 60
CALENDAR = {"weekday": (1.0, 7.0), "month": (1.0, 12.0), "hour": (0.0, 23.0)}


@dataclass(frozen=True, slots=True)
class Wording:
    """What is needed to put a bin into words. `phrase` is a person's own wording, perhaps with {value}."""

    bins: Bins
    integer: bool = False
    phrase: str = ""


def worded(wording: Wording, *, code: int, value: object, support: int) -> str:
    """The reason as a clause, with how many past leads stand behind it."""
    leads = "no past lead" if support == 0 else f"{support:,} past lead{'' if support == 1 else 's'}"
    return f"{_clause(wording, code, as_category(value))} ({leads})"


def _clause(wording: Wording, code: int, value: object) -> str:
    what = description(wording, code, value)
    if wording.phrase and code != 0:
        # not str.format: a phrase is a person's text and may hold any braces
        return wording.phrase.replace("{value}", what)
    name = readable(wording.bins)
    if code == 0:
        return f"{name} is missing" if value is None else f"{name} is one never seen before"
    return f"{name} is {what}"


def readable(bins: Bins) -> str:
    """`lead_time` as "lead time", `arrives_on.days_ahead` as "days until arrives on"."""
    if bins.spec.input == CREATED_AT:
        return f"{bins.spec.transform} of arrival"
    if bins.spec.input == SOURCE:
        return "source"
    plain = " ".join(bins.spec.input.replace("_", " ").replace(".", " ").split())
    if bins.spec.transform == "days_ahead":
        return f"days until {plain}"
    return plain if bins.spec.transform == "value" else f"{bins.spec.transform} of {plain}"


def description(wording: Wording, code: int, value: object) -> str:
    """A bin as a range, or as the value itself where the bin holds one value or a name."""
    bins = wording.bins
    if bins.edges is not None and 1 <= code <= len(bins.edges) + 1:
        return _range(wording, code)
    named = bins.categories[code - bins.first_category] if code >= bins.first_category else None
    if named is None:
        return f"{_short(value)}, seldom seen before"
    return _short(named)


def _range(wording: Wording, code: int) -> str:
    edges = wording.bins.edges or ()
    low = edges[code - 2] if code >= 2 else None
    high = edges[code - 1] if code <= len(edges) else None
    first, last = CALENDAR.get(wording.bins.spec.transform, (None, None))
    if (wording.integer or first is not None) and high is not None:
        high = high - 1  # the bin ends below its upper edge
    return _named_range(wording, first if low is None else low, last if high is None else high)


def _named_range(wording: Wording, low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "known"
    if low is None:
        if wording.integer:
            # whole numbers are counts nearly always, and "0 or less" reads like a riddle
            return "0" if high == 0 else f"{_number(wording, high)} or less"
        return f"below {_number(wording, high)}"
    if high is None:
        return f"{_number(wording, low)} or more"
    if low == high:
        return _number(wording, low)
    return f"between {_number(wording, low)} and {_number(wording, high)}"


def _number(wording: Wording, number: float | None) -> str:
    if number is None:
        return ""
    whole = int(number)
    if wording.bins.spec.transform == "weekday" and 1 <= whole <= 7:
        return WEEKDAYS[whole - 1]
    if wording.bins.spec.transform == "month" and 1 <= whole <= 12:
        return date(2000, whole, 1).strftime("%B")
    if wording.bins.spec.transform == "hour":
        return f"{whole}:00"
    if wording.integer or number == whole:
        # plain digits below ten thousand: years and codes read badly with a comma
        return f"{whole:,}" if abs(whole) >= 10_000 else str(whole)
    return f"{number:.4g}"


def _short(value: object) -> str:
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
