"""What was measured, and the page that tells it."""

from collections.abc import Iterable
from dataclasses import dataclass

HEAD = """# What the reading of messages reaches, measured

Written by `manage.py enrichment_report --write`. How it works and what it learned from: [enrichment.md](../enrichment.md).

- Sets by others are not part of this repository: `CUSTOMEROPS_DATA` names their folder. "Trained on" means that the
  same trainer learned from the set's own earlier or train part, and that the result was thrown away; "the shipped
  model" is the one in this repository. It never saw airline tweets, TweetEval, Bitext or any help-desk ticket.
- Of our own messages, a template is judged by a model that saw neither the template nor any message about the trade.
- Weights of n-grams and the two lists of words were chosen while looking at Banking77, airline and TweetEval figures, at
  most six settings each.

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
    return "\n".join(["| set | measure | value | target |", "|---|---|---|---|", *map(_row, measures)])


def _row(measure: Measure) -> str:
    target = (
        "-" if measure.target is None else f"≥ {measure.target:.2f}{'' if measure.reached else ' (missed)'}"
    )
    return f"| {measure.name} | {measure.what} | {measure.value:.3f} | {target} |"


def document(measures: Iterable[Measure]) -> str:
    """The page that is kept in docs/enrichment."""
    return f"{HEAD}{table(measures)}\n"
