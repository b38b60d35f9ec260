"""Hours as people write them, one line each: `mon-fri 09:00-17:00`. Read into documents and back."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from followups.documents import DAYS

_LINE = re.compile(
    r"(?P<days>[a-z ,\-]*?)\s*(?P<start>\d{1,2}:\d\d)\s*(?:-|\u2013|to)\s*(?P<end>\d{1,2}:\d\d)"
)
_EVERY = ("", "every day", "daily")


class LineError(ValueError):
    """A line cannot be read; the message says what one looks like."""


def windows(text: str) -> list[dict[str, object]]:
    """As a document has them. Raises LineError."""
    return [_window(line.strip()) for line in text.splitlines() if line.strip()]


def spelled(windows: Sequence[Mapping[str, object]]) -> str:
    """What `windows` reads as the same."""
    return "\n".join(_spelled(window) for window in windows)


def dates(text: str) -> list[str]:
    """Days, one a line or with commas between. Raises LineError."""
    found = [part for part in re.split(r"[\s,]+", text) if part]
    for part in found:
        try:
            date.fromisoformat(part)
        except ValueError as error:
            raise LineError(f"{part!r} is no day such as 2026-12-25") from error
    return found


def _window(line: str) -> dict[str, object]:
    found = _LINE.fullmatch(line.lower())
    if not found:
        raise LineError(f"{line!r} cannot be read; write 21:00-08:00, or mon-fri 09:00-17:00")
    times = {"start": found["start"].zfill(5), "end": found["end"].zfill(5)}
    days = found["days"].strip()
    return times if days in _EVERY else {"days": _days(days, line), **times}


def _days(text: str, line: str) -> list[str]:
    chosen: set[int] = set()
    for part in re.split(r"[\s,]+", re.sub(r"\s*-\s*", "-", text)):
        first, dash, last = part.partition("-")
        ends = [_number(name, line) for name in ((first, last) if dash else (first,))]
        chosen |= _span(ends[0], ends[-1])
    return [DAYS[number] for number in sorted(chosen)]


def _number(name: str, line: str) -> int:
    if len(name) >= 3 and name[:3] in DAYS:
        return DAYS.index(name[:3])
    raise LineError(f"{name!r} in {line!r} is no day; days are {', '.join(DAYS)}")


def _span(first: int, last: int) -> set[int]:
    """From a day to a day, over the weekend if it has to be."""
    return {(first + number) % 7 for number in range((last - first) % 7 + 1)}


def _spelled(window: Mapping[str, object]) -> str:
    numbers = sorted(DAYS.index(day) for day in window.get("days") or DAYS)  # type: ignore[attr-defined]
    times = f"{window['start']}-{window['end']}"
    return times if len(numbers) == 7 else f"{_told(numbers)} {times}"


def _told(numbers: Sequence[int]) -> str:
    is_run = len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1
    return (
        f"{DAYS[numbers[0]]}-{DAYS[numbers[-1]]}" if is_run else ",".join(DAYS[number] for number in numbers)
    )
