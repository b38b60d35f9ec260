"""What changed from one version of a policy to the next, for people. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

NAMES = {
    "after": "after",
    "channel": "channel",
    "subject": "subject",
    "body": "text",
    "receiver": "receiver",
    "conditions": "who enters",
    "hours": "when",
    "caps": "at most",
    "stops": "what ends it",
    "hold_out": "held out",
    "lead_per_day": "a day to one lead",
    "policy_per_day": "a day in all",
    "score_from": "score from",
    "score_to": "score to",
    "quiet_dates": "quiet days",
    "zone": "time zone",
}
SHARES = ("held out", "who enters, score from", "who enters, score to")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing. Empty `before`: it is new; empty `after`: it is gone."""

    what: str
    before: str
    after: str


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """From one document, as `documents.written` writes it, to another."""
    found = list(_steps(before.get("steps", ()), after.get("steps", ())))
    for part in sorted((before.keys() | after.keys()) - {"steps"}):
        found += _compared(_named(part), before.get(part), after.get(part))
    return found


def _steps(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    for number, (one, other) in enumerate(zip_longest(before, after), 1):
        if one is None or other is None:
            yield Change(f"step {number}", _step(one), _step(other))
        else:
            yield from _compared(f"step {number}", one, other)


def _step(step: Mapping[str, Any] | None) -> str:
    return f"{step['after']}, {step['channel']}: {step['body']}" if step else ""


def _compared(what: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            yield from _compared(f"{what}, {_named(key)}", before.get(key), after.get(key))
        return
    yield Change(what, *(_percent(each) if what in SHARES else _told(each) for each in (before, after)))


def _named(key: str) -> str:
    return NAMES.get(key, key.replace("_", " "))


def _percent(share: Any) -> str:
    return f"{round(share * 100, 4):g} %" if isinstance(share, int | float) else _told(share)


def _told(value: Any) -> str:
    match value:
        case None:
            return "no limit"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_told, value)) or "none"
        case {"days": days, "start": start, "end": end}:
            return f"{' '.join(days) if len(days) < 7 else 'every day'} {start}-{end}"
    return str(value)
