"""Reads single fields of a JSON body, and notes for each fault a pointer to it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from leads.attributes import Fault, escape
from privacy.keeping import kept_values
from privacy.kinds import Surface

LONGEST_NAME = 200
MOST_UNKNOWN = 10  # names that are told of one object
LONGEST_ID = 200
CLOCK_SKEW = timedelta(minutes=5)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


class RefusedError(Exception):
    """The body does not fit."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


def object_of(body: object, keys: frozenset[str], faults: list[Fault], at: str) -> Mapping[str, object]:
    """The body, with a fault for each key that is not known. Raises RefusedError when it is no object."""
    if not isinstance(body, dict):
        raise RefusedError([Fault(at, "must be an object")])
    if not keys.issuperset(body):
        known = ", ".join(sorted(keys))
        faults.extend(
            Fault(f"{at}/{escape(key)}", f"is not known here; known are {known}")
            for key in _told([key for key in body if key not in keys])
        )
    return body


def _told(unknown: Sequence[str]) -> Iterable[str]:
    """So many names that an answer may repeat, without what is personal in them."""
    names = {key[:LONGEST_NAME] + "…" * (len(key) > LONGEST_NAME): None for key in unknown[:MOST_UNKNOWN]}
    return kept_values(names, surface=Surface.LEAD_ATTRIBUTES)


def wrong_text(value: str, longest: int) -> str | None:
    """What is wrong with a string."""
    if len(value) > longest:
        return f"is longer than {longest} characters"
    return "must not contain the character NUL" if "\0" in value else None  # Postgres cannot store it


def text_of(fields: Mapping[str, object], key: str, longest: int, faults: list[Fault], at: str) -> str | None:
    """A string of at most `longest` characters, None when it is left out."""
    value = fields.get(key)
    if value is None:
        return None
    wrong = wrong_text(value, longest) if isinstance(value, str) else "must be text"
    if wrong:
        faults.append(Fault(f"{at}/{key}", wrong))
        return None
    return str(value)


def moment_of(fields: Mapping[str, object], key: str, faults: list[Fault], at: str) -> datetime | None:
    """An ISO 8601 date or moment; without an offset it is UTC."""
    value = fields.get(key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None:
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    faults.append(Fault(f"{at}/{key}", "must be an ISO 8601 moment, such as 2026-11-23T09:30:00Z"))
    return None


def sent_moment(
    fields: Mapping[str, object], key: str, faults: list[Fault], at: str, now: datetime
) -> datetime | None:
    """A moment that has come, as far as clocks agree; None when it is left out."""
    moment = moment_of(fields, key, faults, at)
    if moment is not None and moment > now + CLOCK_SKEW:
        faults.append(Fault(f"{at}/{key}", "is in the future"))
    elif moment is not None and moment < EARLIEST:
        faults.append(Fault(f"{at}/{key}", "is before 1970"))
    return moment
