"""The table of the redaction report: each corpus, both halves, one line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from privacy import madeup, unseen
from privacy.evaluation import HELD_OUT, TUNED, Sample, Score, corpora, half_of, score
from privacy.kinds import DETECTOR_VERSION

# What each corpus must reach: recall at least, or for a clean one the share touched at most.
TARGETS = {
    "synthetic templates": 0.90,
    "STAR users": 0.92,
    "MultiDoGO finance": 0.80,
    "MultiDoGO airline": 0.80,
    "MultiDoGO media": 0.80,
    "restaurant names": 0.92,
    "SGD addresses": 0.70,
}
CLEAN_TARGET = 0.01
HEAD = f"""# What redaction finds, measured

Written by `manage.py redaction_report --write`; detector version {DETECTOR_VERSION}.

- A marked value counts as found when every character of it that is not blank was replaced.
- Recognizers were changed while looking at the tuned half only; halves are split by template or conversation.
  CLINC150 is the exception: every message of it that was touched has been read, in both halves.
- Corpora by others are not part of this repository: `CUSTOMEROPS_DATA` names their folder.
- "Clean" means that nothing is marked in the corpus, not that nothing personal is in it. Many of CLINC150's
  requests name a person ("call me carrie"), so it is also counted without the intents that are about people;
  what the touched ones hold is told in redaction.md.
- Countries, companies and titles alone are not counted as personal.

"""


@dataclass(frozen=True, slots=True)
class Line:
    """One corpus: its score on the half that was looked at, and on the half that was not."""

    name: str
    tuned: Score
    held_out: Score

    @property
    def clean(self) -> bool:
        """Nothing is marked in it: what counts is how much was touched."""
        return not self.tuned.there and not self.held_out.there


def measure(folder: Path | None, *, share: float = 1.0) -> Iterator[Line]:
    """Every corpus of the folder that is there, then the invented ones. `share` takes every n-th sample."""
    for name, samples in (corpora(folder) if folder else {}).items():
        try:
            yield _line(name, samples(), share)
        except FileNotFoundError:
            continue
    yield _line("invented messages of many trades", madeup.samples(), share)
    yield _line("invented later, never looked at", unseen.samples(), share)
    yield _line("invented clean messages (clean)", madeup.clean_samples(), share)


def _line(name: str, samples: Iterable[Sample], share: float) -> Line:
    step = max(1, round(1 / share))
    halves: dict[str, list[Sample]] = {TUNED: [], HELD_OUT: []}
    for number, sample in enumerate(samples):
        if number % step == 0:
            halves[half_of(sample.group)].append(sample)
    return Line(name, score(halves[TUNED]), score(halves[HELD_OUT]))


def table(lines: Iterable[Line]) -> str:
    """Markdown."""
    rows = [
        "| corpus | texts | marked | tuned half | held-out half | target | by kind, held-out half |",
        "|---|---|---|---|---|---|---|",
    ]
    rows += [_row(line) for line in lines]
    return "\n".join(rows)


def _row(line: Line) -> str:
    texts = line.tuned.samples + line.held_out.samples
    if line.clean:
        shares = f"{line.tuned.share_touched:.2%} touched | {line.held_out.share_touched:.2%} touched"
        return f"| {line.name} | {texts:,} | - | {shares} | ≤ {CLEAN_TARGET:.0%} | |"
    marked = sum(line.tuned.there.values()) + sum(line.held_out.there.values())
    target = f"≥ {TARGETS[line.name]:.2f}" if line.name in TARGETS else "-"
    recalls = f"{line.tuned.recall:.3f} | {line.held_out.recall:.3f}"
    return f"| {line.name} | {texts:,} | {marked:,} | {recalls} | {target} | {_by_kind(line.held_out)} |"


def _by_kind(found: Score) -> str:
    there = sorted(found.there.items(), key=lambda kind: (-kind[1], kind[0]))
    return ", ".join(f"{kind} {found.found[kind] / count:.2f} of {count}" for kind, count in there)


def document(lines: Iterable[Line]) -> str:
    """The page that is kept in docs/privacy."""
    return f"{HEAD}{table(lines)}\n"
