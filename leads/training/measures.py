"""What was measured, and the page that tells it."""

from collections.abc import Iterable
from dataclasses import dataclass

HEAD = """# What the reading of messages reaches, measured

Written by `manage.py enrichment_report --write`. How it works and what it learned from:
[enrichment.md](../enrichment.md).

- Sets by others are not part of this repository: `CUSTOMEROPS_DATA` names their folder. "Trained on" and
  "folds" mean that the same trainer learned from the set's own earlier or other part, and that the
  result was thrown away. "The shipped model" is the one in this repository: it never saw airline tweets,
  TweetEval, Bitext, tickets.
- Of Banking77 only the train part was at hand, so tenths of it are held back; of CLINC150, train and
  validation.
- A template of ours is judged by a model that saw neither the template nor any message about the trade.
- N-grams, lists of words and the weight of their senses were chosen while looking at Banking77 and airline
  tweets, some six settings each, and at TweetEval, some thirty: expect a little less of the next set.
- The rules of opting out were written together with their tests, which are therefore no measure of recall.
  Texts by others are one of false alarms: most of those few do ask for it.
- Times are of one thread of a machine that others were using as well.

"""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure; `target` is what was asked for."""

    name: str
    what: str
    value: float
    target: float | None = None

    @property
    def reached(self) -> bool:
        """No target, or as much as it asks for."""
        return self.target is None or self.value >= self.target


def table(measures: Iterable[Measure]) -> str:
    """Markdown."""
    return "\n".join(["| set | measure | value | target |", "|---|---|---|---|", *map(row, measures)])


def row(measure: Measure) -> str:
    """One line of the table."""
    target = (
        "-" if measure.target is None else f"≥ {measure.target:.2f}{'' if measure.reached else ' (missed)'}"
    )
    return f"| {measure.name} | {measure.what} | {measure.value:.3f} | {target} |"


def document(measures: Iterable[Measure]) -> str:
    """The page that is kept in docs/enrichment."""
    return f"{HEAD}{table(measures)}\n"
