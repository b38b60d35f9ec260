"""What a policy says: steps, who is meant, when not to write, how often, and what stops it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from followups import zones

EVERY_DAY = frozenset(range(7))  # Monday is 0
LONGEST_DELAY = timedelta(days=365)
MOST_STEPS = 20
# outcomes after which nobody waits for more; one that is corrected to another state lets the rest go on
ENDINGS = frozenset({"booked", "ghosted", "unqualified", "spam"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One message. `after` counts from the moment the lead was enrolled, not from the step before."""

    after: timedelta
    channel: str
    body: str
    subject: str = ""
    receiver: str = ""  # the name of whom a channel hands it to, for channels that need one


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Which leads enter. An empty set means any; a lead without a score enters only where none is asked."""

    sources: frozenset[str] = frozenset()
    grades: frozenset[str] = frozenset()
    intents: frozenset[str] = frozenset()  # of the newest message
    score_from: float = 0.0
    score_to: float = 1.0

    @property
    def asks_for_a_score(self) -> bool:
        """Whether a lead without one stays outside."""
        return (self.score_from, self.score_to) != (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Window:
    """Local times from `start` until before `end` on some days. One that ends at its start lasts 24 hours;
    one that ends before it began goes on into the next day."""

    days: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a message may go out, in the lead's own time zone.

    `zone` stands in for leads whose time zone nobody told (those that have UTC), or nobody knows. Without
    `windows` every time is right that is not quiet.
    """

    zone: str = "UTC"
    quiet: tuple[Window, ...] = (Window(EVERY_DAY, time(21), time(8)),)
    quiet_dates: frozenset[date] = frozenset()
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many messages at most. None: no limit. A day of a lead is one of its time zone, of all policies
    together; a day of the policy is one of `Hours.zone`."""

    lead_per_day: int | None = 3
    policy_per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """What ends it for a lead. Opting out always does; no policy can say otherwise."""

    reply: bool = True
    outcome: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A policy as one version of it says. `hold_out` is the share of leads that get nothing, 0 to 0.9."""

    steps: tuple[Step, ...]
    conditions: Conditions = field(default_factory=Conditions)
    hours: Hours = field(default_factory=Hours)
    caps: Caps = field(default_factory=Caps)
    stops: Stops = field(default_factory=Stops)
    hold_out: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides whether a lead enters. `probability` None: it has no score."""

    source: str
    grade: str
    intent: str
    probability: float | None


def admits(conditions: Conditions, facts: Facts) -> bool:
    """Whether a lead is one of those that are meant."""
    if conditions.asks_for_a_score and facts.probability is None:
        return False
    score = facts.probability or 0.0
    return (
        _is_among(facts.source, conditions.sources)
        and _is_among(facts.grade, conditions.grades)
        and _is_among(facts.intent, conditions.intents)
        and (not conditions.asks_for_a_score or conditions.score_from <= score <= conditions.score_to)
    )


def unmet(conditions: Conditions, facts: Facts) -> list[str]:
    """What keeps a lead out, as sentences; none when it is one of those that are meant."""
    asked = (
        ("source", facts.source, conditions.sources),
        ("grade", facts.grade, conditions.grades),
        ("intent of its newest message", facts.intent, conditions.intents),
    )
    said = [
        f"its {what} is {value or 'not known'}, not {' or '.join(sorted(wanted))}"
        for what, value, wanted in asked
        if not _is_among(value, wanted)
    ]
    low, high = conditions.score_from, conditions.score_to
    if conditions.asks_for_a_score and (facts.probability is None or not low <= facts.probability <= high):
        score = "not known" if facts.probability is None else f"{facts.probability:.2f}"
        said.append(f"its score is {score}, not {low:g} to {high:g}")
    return said


def _is_among(value: str, wanted: frozenset[str]) -> bool:
    return not wanted or value in wanted


# as machines spell it that were never told where they are
_UTC = frozenset({"UTC", "UCT", "Universal", "Zulu", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu"})


def zone_of(hours: Hours, lead_zone: str) -> str:
    """Whose clock counts: nobody lives in UTC, it is what a lead has whose caller told nothing.

    Nor does anybody in a zone that this machine does not know.
    """
    told = lead_zone and lead_zone not in _UTC and zones.known(lead_zone) is not None
    return lead_zone if told else hours.zone


Faults = Mapping[str, list[str]]  # sentences by the place they are about, "steps.2.after"
