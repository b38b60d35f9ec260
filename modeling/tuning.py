"""Choosing the recipe on earlier time folds: how many pairs, how strong, how much the recent past counts.

The time budget never meets a clock: it buys candidates by an estimate from the number of rows, and the
candidates come in a fixed order. The same data and the same budget give the same recipe on any machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from modeling.binning import sample_of
from modeling.calibration import level, sigmoid
from modeling.dataset import Dataset, Floats, Labels
from modeling.periods import Split, forward_folds, span_days
from modeling.quality import log_loss
from modeling.training import Fitted, Inputs, Recipe, fit

MOST_ROWS = 20_000  # of one fold's past, and of its later part
SECONDS_A_FIT = 0.25
SECONDS_A_CELL = 0.8e-8  # for each row, feature and iteration
SHORTEST_HALF_LIFE = 7.0  # days
WORTHWHILE = 0.0002  # nats; a smaller gain does not buy a more complex recipe


@dataclass(frozen=True)
class Unseen:
    """Scores of a recipe's fold models on leads they had not seen, oldest fold first."""

    logits: Floats
    converted: Labels
    fold: Floats


@dataclass(frozen=True)
class Tuned:
    """The recipe chosen, what was tried with its loss, and the chosen recipe's unseen scores."""

    recipe: Recipe
    tried: list[tuple[Recipe, float]]
    unseen: Unseen


def sampled(leads: Dataset, most: int) -> Dataset:
    """Every k-th lead."""
    return leads if len(leads) <= most else leads.take(np.arange(len(leads))[sample_of(len(leads), most)])


class Tuner:
    """Walks through the candidates, one kind of choice after the other, keeping what helps."""

    def __init__(
        self,
        *,
        past: Dataset,
        inputs: Inputs,
        seed: int,
        seconds: float,
        on_progress: Callable[[float], None],
    ) -> None:
        folds = forward_folds(past)
        self.folds = [Split(sampled(f.past, MOST_ROWS), sampled(f.later, MOST_ROWS)) for f in folds]
        self.inputs = inputs
        self.seed = seed
        self.left = seconds
        self.seconds = seconds
        self.on_progress = on_progress
        self.days = span_days(past.matures_at)
        self.tried: list[tuple[Recipe, float]] = []
        self.scores: dict[Recipe, Unseen] = {}

    def run(self, start: Recipe) -> Tuned:
        """Tune from a first recipe, which is always tried."""
        if not self.folds:
            return Tuned(start, [], _joined([]))
        best, loss = start, self._loss(start)
        for choices in self._kinds():
            for change in choices:
                candidate = change(best)
                if candidate in self.scores or not self._affordable(candidate):
                    continue
                candidate_loss = self._loss(candidate)
                # fewer pairs may cost a trifle: a simpler card is easier to read and to trust
                gain = -WORTHWHILE / 2 if candidate.pairs < best.pairs else WORTHWHILE
                if candidate_loss < loss - gain:
                    best, loss = candidate, candidate_loss
        return Tuned(best, self.tried, self.scores[best])

    def _kinds(self) -> list[Sequence[Callable[[Recipe], Recipe]]]:
        half_lives = [round(self.days / part, 1) for part in (4, 8, 2)]
        return [
            [_with(steady=False)] if self.inputs.moving else [],
            [_with(half_life_days=days) for days in half_lives if days >= SHORTEST_HALF_LIFE],
            [
                _with(iterations=450),
                _with(iterations=80, leaf_leads=60),
                _with(iterations=40, leaf_leads=100, l2=10.0),
            ],
            [_with(pairs=3), _with(pairs=24), _with(pairs=0)],
        ]

    def _affordable(self, recipe: Recipe) -> bool:
        return self.left >= sum(self._cost(fold.past, recipe) for fold in self.folds)

    def _cost(self, past: Dataset, recipe: Recipe) -> float:
        cells = len(past) * len(self.inputs.chosen(recipe)) * (recipe.iterations + 60)
        return SECONDS_A_FIT + SECONDS_A_CELL * cells

    def _loss(self, recipe: Recipe) -> float:
        parts = []
        for fold in self.folds:
            self.left -= self._cost(fold.past, recipe)
            fitted = fit(leads=fold.past, inputs=self.inputs, recipe=recipe, seed=self.seed)
            parts.append((fitted.logits(fold.later), fold.later.converted))
        self.scores[recipe] = _joined(parts)
        loss = float(np.mean([_levelled_loss(logits, converted) for logits, converted in parts]))
        self.tried.append((recipe, loss))
        self.on_progress(min(1.0, 1 - self.left / max(self.seconds, 1e-9)) if self.seconds else 1.0)
        return loss


def _levelled_loss(logits: Floats, converted: Labels) -> float:
    """Log-loss at the right level: the level is calibration's work, not the recipe's."""
    return log_loss(sigmoid(logits + level(logits, converted)), converted)


def _with(**changes: float | bool | None) -> Callable[[Recipe], Recipe]:
    return lambda recipe: replace(recipe, **changes)  # type: ignore[arg-type] # checked by the dataclass's users


def _joined(parts: list[tuple[Floats, Labels]]) -> Unseen:
    if not parts:
        return Unseen(np.zeros(0), np.zeros(0, dtype=np.int8), np.zeros(0))
    return Unseen(
        logits=np.concatenate([logits for logits, _ in parts]),
        converted=np.concatenate([converted for _, converted in parts]),
        fold=np.concatenate([np.full(len(logits), float(k)) for k, (logits, _) in enumerate(parts)]),
    )


__all__ = ["Fitted", "Tuned", "Tuner", "Unseen", "sampled"]
