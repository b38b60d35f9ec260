"""Measured on our own texts: templates and trades that a model never saw, messages by hand, and the time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import quantiles
from time import perf_counter

from leads.enrichment import enrich
from leads.training.borrowed import borrowed
from leads.training.examples import Example
from leads.training.fitting import Fitted, fit
from leads.training.invented import invented, templates, trades
from leads.training.judging import accuracy, calibration_error, macro_f1
from leads.training.measures import Measure
from leads.training.shipping import RECIPES, task_of
from leads.training.written import whole, written
from leads.understanding.artifact import LABELS

PARTS = 5
JUDGED = 3  # of the parts
LENGTH = 180  # characters of the messages that are timed
TIMES = 2_000


def unseen_shapes(*, seed: int = 0) -> Iterator[Measure]:
    """Three folds: most templates about most trades teach, the others about the other trades judge."""
    found: dict[str, list[tuple[str, str, float]]] = {name: [] for name in LABELS}
    for part in range(JUDGED):
        teach, judge = _split(part, seed)
        for name in LABELS:
            found[name] += _judged(_model([*teach, *written()], name), judge, name)
    for name, triples in found.items():
        yield from _measures("Own templates and trades, unseen, own texts only", name, triples)


def handwritten(folder: Path | None, *, seed: int = 0) -> Iterator[Measure]:
    """Messages by hand, by a model that learned from all but them."""
    others = borrowed(folder) if folder else []
    moods = [example for example in written() if example.intent is None]
    for name in LABELS:
        model = _model([*invented(seed=seed), *moods, *others], name)
        yield from _measures(
            f"Own {len(whole())} messages by hand, unseen", name, _judged(model, whole(), name)
        )


def speed() -> Iterator[Measure]:
    """One message after the other, each new, in one thread."""
    random = Random(0)  # noqa: S311 - made-up texts
    pool = [example.text for example in invented()]
    times = []
    for _ in range(TIMES):
        text = " ".join(random.choices(pool, k=8))[:LENGTH]
        start = perf_counter()
        enrich(text)
        times.append(1000 * (perf_counter() - start))
    cuts = quantiles(times, n=100)
    yield Measure(f"Time of {TIMES:,} messages of {LENGTH} characters", "p50, milliseconds", cuts[49])
    yield Measure(f"Time of {TIMES:,} messages of {LENGTH} characters", "p99, milliseconds", cuts[98])


def _split(part: int, seed: int) -> tuple[list[Example], list[Example]]:
    shuffled = list(templates())
    Random(seed).shuffle(shuffled)  # noqa: S311 - an order
    names = sorted(trades())
    teach = [template for k, template in enumerate(shuffled) if k % PARTS != part]
    judge = [template for k, template in enumerate(shuffled) if k % PARTS == part]
    here = [name for k, name in enumerate(names) if k % PARTS != part]
    there = [name for k, name in enumerate(names) if k % PARTS == part]
    return invented(seed=seed, chosen=teach, within=here), invented(seed=seed, chosen=judge, within=there)


def _model(texts: Sequence[Example], name: str) -> Fitted:
    return fit(task_of(texts, name), labels=LABELS[name], recipe=replace(RECIPES[name], folds=3))


def _judged(model: Fitted, judge: Sequence[Example], name: str) -> list[tuple[str, str, float]]:
    shares = model.probabilities([example.text for example in judge])
    told = [(model.labels[row.argmax()], float(row.max())) for row in shares]
    return [(label, str(each.label(name)), sure) for (label, sure), each in zip(told, judge, strict=True)]


def _measures(name: str, task: str, triples: Sequence[tuple[str, str, float]]) -> Iterator[Measure]:
    told, true, sure = (list(column) for column in zip(*triples, strict=True))
    yield Measure(name, f"{task}: accuracy", accuracy(told, true))
    yield Measure(name, f"{task}: macro-F1", macro_f1(told, true))
    right = [one == other for one, other in zip(told, true, strict=True)]
    yield Measure(name, f"{task}: calibration error", calibration_error(sure, right))
