"""The document of the three models, from our own texts and those that may be borrowed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leads.training.borrowed import CREDITS, READERS, borrowed
from leads.training.examples import Example
from leads.training.fitting import Recipe, Task, document_of, fit
from leads.training.invented import invented
from leads.training.written import written
from leads.understanding.artifact import LABELS, SCHEMA

RECIPES = {
    "intent": Recipe(strength=0.3, most=10_000),
    "sentiment": Recipe(strength=0.12, most=32_000, topics=False),
    "urgency": Recipe(strength=0.3, most=4_000),
}
# Our own texts know less of moods than those by others; elsewhere each weighs as much as it is told.
INVENTED_MOOD, WRITTEN_MOOD = 0.1, 2.0


def examples(folder: Path | None, *, seed: int) -> list[Example]:
    """What the models learn from, in one order."""
    return [*invented(seed=seed), *written(), *(borrowed(folder) if folder else [])]


def trained(texts: Sequence[Example], *, credits: Sequence[str] = (), seed: int = 0) -> dict[str, Any]:
    """The document of models fitted to `texts`. Same texts and seed: same bytes."""
    parts = {
        name: document_of(fit(task_of(texts, name), labels=labels, recipe=RECIPES[name], seed=seed))
        for name, labels in LABELS.items()
    }
    return {
        "schema": SCHEMA,
        "parts": parts,
        "source": {"texts": len(texts), "seed": seed, "credits": list(credits)},
    }


def task_of(texts: Sequence[Example], name: str) -> Task:
    """The texts that say something of a task."""
    known = [(each, label) for each in texts if (label := each.label(name)) is not None]
    return Task(
        [each.text for each, _ in known],
        [label for _, label in known],
        [_weight(each, name) for each, _ in known],
        [each.group for each, _ in known],
    )


def credits_of(folder: Path | None) -> list[str]:
    """Whose texts in the folder had a say."""
    there = [name for name, read in READERS.items() if folder and next(iter(read(folder)), None)]
    return [f"{name}: {CREDITS[name]}" for name in there]


def _weight(example: Example, name: str) -> float:
    if name != "sentiment" or example.weight < 1.0:
        return example.weight
    return INVENTED_MOOD if example.intent is not None and example.weight == 1.0 else WRITTEN_MOOD
