"""Whether models that learned from corrections may be used: better somewhere, and worse nowhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256 as sha256_of
from typing import Any

from leads.enrichment import enrich
from leads.signals import Intent
from leads.training.adapting import adapted_part
from leads.training.examples import Example
from leads.training.invented import invented
from leads.training.vectors import features_of
from leads.training.written import whole
from leads.understanding import languages
from leads.understanding.artifact import LABELS, Models, digest, dump, linear_of, load, parse
from leads.understanding.words import words_of

FOLDS = 3
FEWEST = 8  # corrections of a task before it is touched: fewer can be judged by nobody
STEPS = (1.0, 0.5, 0.25)  # how far towards the corrections; the first that harms nothing is taken
EVERY = 12  # one of so many of our invented texts judges, and REHEARSED others are learned again
REHEARSED = 4
OWN_SEED = 1  # other fillings and slips than those the shipped models learned from

Figures = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Adapted:
    """What came of it: `data` is a document to serve, None when what there is stays. `figures` by task."""

    data: bytes | None
    sha256: str
    figures: Figures
    corrections: str

    @property
    def serves(self) -> bool:
        """Better somewhere, worse nowhere."""
        return self.data is not None


@dataclass(frozen=True, slots=True)
class Own:
    """What stays the same in all tries: the models there are, our own texts, and how texts are read."""

    models: Models
    rehearsed: Sequence[Example]
    judge: Sequence[Example]
    read: Callable[[str], list[str]]


def adapt(base: bytes, sha256: str, corrections: Sequence[Example]) -> Adapted:
    """Models that learned from corrections, if better on those they did not see, and no worse on our own."""
    document = parse(base, sha256)
    texts = learnable(corrections)
    rehearsed, judge = _texts(EVERY)
    own = Own(load(base, sha256), rehearsed, judge, cache(features_of))
    parts, figures = dict(document["parts"]), dict[str, dict[str, float]]()
    for task in LABELS:
        said = [example for example in texts if example.label(task)]
        for step in STEPS if len(said) >= FEWEST else ():
            part, figures[task] = _tried(document, task, said, step, own)
            if _is_better(figures[task]):
                parts[task] = part
            if parts[task] is part or not _helps(figures[task]):
                break
    if parts == document["parts"]:
        return Adapted(None, "", figures, fingerprint(corrections))
    source = {**document["source"], "corrections": len(texts), "base": sha256}
    data = dump({**document, "parts": parts, "source": source})
    return Adapted(data, digest(data), figures, fingerprint(corrections))


def learnable(corrections: Sequence[Example]) -> list[Example]:
    """Those a model can learn from, mixed: rules decide who is left alone, other languages are not known."""
    known = [
        example
        for example in corrections
        if example.intent != Intent.OPT_OUT and not languages.is_foreign(words_of(example.text))
    ]
    return sorted(known, key=lambda example: sha256_of(repr(example).encode()).digest())


def fingerprint(corrections: Sequence[Example]) -> str:
    """The same for the same corrections, in any order: nothing to do when nobody corrected anything since."""
    told = sorted(repr((each.text, each.intent, each.sentiment, each.urgency)) for each in corrections)
    return sha256_of("\n".join(told).encode()).hexdigest()


def _tried(
    document: Mapping[str, Any], task: str, said: Sequence[Example], step: float, own: Own
) -> tuple[dict[str, Any], dict[str, float]]:
    """A part so far moved; shares that are right before and after: of held-back corrections, of our own."""
    known, before = document["parts"][task], own.models

    def moved(texts: Sequence[Example]) -> tuple[dict[str, Any], Models]:
        part = adapted_part(known, texts, own.rehearsed, task=task, step=step, read=own.read)
        changed: dict[str, Any] = {task: linear_of(part, task)}
        return part, replace(before, **changed)

    part, after = moved(said)
    held = 0.0
    for fold in range(FOLDS):
        test = said[fold::FOLDS]
        held += len(test) * _right(moved([one for one in said if one not in test])[1], test, task)
    return part, {
        "step": step,
        "corrections": len(said),
        "corrections_before": round(_right(before, said, task), 4),
        "corrections_after": round(held / len(said), 4),
        "own_before": round(_right(before, own.judge, task), 4),
        "own_after": round(_right(after, own.judge, task), 4),
    }


def _helps(figures: Mapping[str, float]) -> bool:
    return figures["corrections_after"] > figures["corrections_before"]


def _is_better(figures: Mapping[str, float]) -> bool:
    return _helps(figures) and figures["own_after"] >= figures["own_before"]


def _right(models: Models, examples: Sequence[Example], task: str) -> float:
    told = [getattr(enrich(example.text, models=models), task).label for example in examples]
    right = [label == example.label(task) for label, example in zip(told, examples, strict=True)]
    return float(sum(right) / len(right))


@cache
def _texts(every: int) -> tuple[list[Example], list[Example]]:
    """Our own texts that are learned again, and those that judge."""
    texts = [example for example in invented(seed=OWN_SEED) if example.intent != Intent.OPT_OUT]
    rehearsed = [example for place in range(REHEARSED) for example in texts[place::every]]
    return [*whole(), *rehearsed], [*whole(), *texts[every // 2 :: every]]
