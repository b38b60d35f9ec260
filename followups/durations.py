"""How long after: `30m`, `2h`, `1d`, `2w`, and several of them as `1d 12h`. Pure."""

import re
from datetime import timedelta

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_PART = re.compile(r"([0-9]{1,6})\s*([mhdw])", re.IGNORECASE)
_WHOLE = re.compile(r"\s*(?:[0-9]{1,6}\s*[mhdw]\s*)+", re.IGNORECASE)


class DurationError(ValueError):
    """The text is no duration; the message says what one looks like."""


def parse(text: str) -> timedelta:
    """`"1d 12h"` as a timedelta. Raises DurationError."""
    if not _WHOLE.fullmatch(text):
        raise DurationError(f"{text!r} is no duration such as 30m, 2h, 1d or 1d 12h")
    parts = _PART.findall(text)
    return sum((int(number) * _UNITS[unit.lower()] for number, unit in parts), timedelta())


def parse_many(text: str) -> list[timedelta]:
    """`"30m,2h,1d"`, one for each step. Raises DurationError."""
    return [parse(part) for part in text.split(",")]


def spelled(duration: timedelta) -> str:
    """The shortest text that `parse` reads as the same; whole minutes only."""
    minutes = duration // _UNITS["m"]
    told = []
    for unit in ("w", "d", "h", "m"):
        size = _UNITS[unit] // _UNITS["m"]
        number, minutes = divmod(minutes, size) if unit != "w" or minutes % size == 0 else (0, minutes)
        told += [f"{number}{unit}"] if number else []
    return " ".join(told) or "0m"
