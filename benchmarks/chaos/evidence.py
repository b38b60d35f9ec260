"""What is known when a run is over: values only, from the rows, the journal, the sinks and the callers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.chaos.journal import Entry
from benchmarks.chaos.killing import Kill

ONCE = "once"  # the sink that takes the same id once


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A follow-up at the end. `person` is the lead's external id: what an effect is an effect on."""

    id: str
    person: str
    sink: str
    status: str
    reason: str
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a sink wrote down: that it was asked, then that it did it."""

    at: float
    sink: str
    key: str
    person: str
    receipt: str
    effect: bool


@dataclass(frozen=True, slots=True)
class Goodbye:
    """A person answered or opted out. `told_at` is when we said that we know; None: we never did."""

    person: str
    what: str
    asked_at: float
    told_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A counter's last value, what the journal says it should be, and how much may be missing from it.

    Who is killed between a commit and its count has counted too little: by no more than it wrote just then.
    """

    name: str
    value: float
    written: int
    may_lack: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All of it. `promised` are the people of whom we said that we took them in."""

    rows: Sequence[Row]
    deliveries: Sequence[Delivery]
    journal: Mapping[str, Sequence[Entry]]  # of each follow-up, in order
    kills: Sequence[Kill]
    goodbyes: Sequence[Goodbye]
    promised: frozenset[str]
    counted: Sequence[Counted] = ()
    longest_recovery: float = 10.0  # that is allowed, p99
    went_back: Sequence[str] = field(default_factory=tuple)  # counters that once showed less than before

    def silent(self) -> Iterator[Row]:
        """The rows of people who never said anything."""
        talked = {goodbye.person for goodbye in self.goodbyes}
        return (row for row in self.rows if row.person not in talked)

    def effects(self) -> dict[str, list[Delivery]]:
        """By person: each is to hear from us once."""
        found: dict[str, list[Delivery]] = {}
        for delivery in self.deliveries:
            if delivery.effect:
                found.setdefault(delivery.person, []).append(delivery)
        return found
