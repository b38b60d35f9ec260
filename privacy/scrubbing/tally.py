"""What a scrub saw and did, in numbers that can be added, kept and signed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

SAMPLES = 12


class Problem(StrEnum):
    """Why something was left as it is."""

    NOT_TEXT = "not_text"  # bytes that are no UTF-8: compressed, pickled, a bitmap
    KEY_NAME = "key_name"  # the name of a key holds something personal; whoever reads it looks for that name
    FIELD_NAME = "field_name"  # the same of a field of a hash or a stream
    UNKNOWN_TYPE = "unknown_type"  # a type that no command here reads
    TOO_LARGE = "too_large"
    BUSY = "busy"  # written faster than it could be replaced
    REFUSED = "refused"  # the server refused the write


class Sample(NamedTuple):
    """Where something was found, of which kinds, and its shape with every letter and digit masked."""

    place: str
    kinds: str
    shape: str


@dataclass(slots=True)
class Tally:
    """`merged` counts members of sets that became equal to another by redaction."""

    keys: int = 0
    values: int = 0
    changed: int = 0
    withheld: int = 0
    merged: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    @property
    def unscrubbable(self) -> int:
        """Everything that was found and left."""
        return self.problems.total()

    def add(self, other: "Tally") -> None:
        """Take in what another saw."""
        self.keys += other.keys
        self.values += other.values
        self.changed += other.changed
        self.withheld += other.withheld
        self.merged += other.merged
        self.kinds.update(other.kinds)
        self.problems.update(other.problems)
        self.samples.extend(other.samples[: max(0, SAMPLES - len(self.samples))])

    def sample(self, place: str, kinds: Counter[str], shape: str) -> None:
        """Remember a few, one of each place and kind."""
        sample = Sample(place, ", ".join(sorted(kinds)) or "withheld", shape)
        if len(self.samples) < SAMPLES and sample[:2] not in [known[:2] for known in self.samples]:
            self.samples.append(sample)

    def figures(self) -> dict[str, Any]:
        """For JSON; without the samples."""
        return {
            "keys": self.keys,
            "values": self.values,
            "changed": self.changed,
            "withheld": self.withheld,
            "merged": self.merged,
            "kinds": {str(kind): times for kind, times in sorted(self.kinds.items())},
            "problems": {str(problem): times for problem, times in sorted(self.problems.items())},
        }

    @classmethod
    def of(cls, figures: Mapping[str, Any]) -> "Tally":
        """From `figures()`."""
        plain: dict[str, Any] = {
            name: int(figures[name]) for name in ("keys", "values", "changed", "withheld", "merged")
        }
        return cls(kinds=Counter(figures["kinds"]), problems=Counter(figures["problems"]), **plain)


def shape(text: str, *, longest: int = 40) -> str:
    """The form of a text without a letter or digit of it."""
    masked = "".join("#" if c.isdigit() else "x" if c.isalpha() else c for c in text[:longest])
    return masked + ("…" if len(text) > longest else "")
