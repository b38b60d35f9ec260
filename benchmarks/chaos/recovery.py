"""How long work lies about when the process that had it dies. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.chaos.journal import Entry
from benchmarks.chaos.killing import Kill

HELD = ("claimed", "sending")


@dataclass(frozen=True, slots=True)
class Orphan:
    """A row whose holder was killed; `seconds` until it was claimed again or finished, None: never."""

    followup: str
    kill: Kill
    status: str
    seconds: float | None


def orphans(journal: Mapping[str, Sequence[Entry]], kills: Sequence[Kill]) -> Iterator[Orphan]:
    """Every row that a killed process held."""
    killed: dict[int, list[Kill]] = {}
    for kill in kills:
        killed.setdefault(kill.pid, []).append(kill)
    for followup, entries in journal.items():
        for place, entry in enumerate(entries):
            if entry.status not in HELD:
                continue
            until = entries[place + 1].at if place + 1 < len(entries) else None
            for kill in killed.get(pid_of(entry.holder), ()):
                if entry.at <= kill.at and (until is None or kill.at < until):
                    yield Orphan(followup, kill, entry.status, _seconds(entries[place + 1 :], kill))


def pid_of(holder: str) -> int:
    """`host:pid`, or 0."""
    pid = holder.split(":")[1] if ":" in holder else ""
    return int(pid) if pid.isdecimal() else 0


def _seconds(later: Sequence[Entry], kill: Kill) -> float | None:
    """Given back as `pending` is not yet worked on."""
    return next((entry.at - kill.at for entry in later if entry.status != "pending"), None)


def percentile(seconds: Sequence[float], share: float) -> float:
    """The smallest that is not below `share` of all; 0 of none."""
    ordered = sorted(seconds)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
