"""Choosing the recipe on earlier time folds: how many pairs, how strong, how much the recent past counts.

The time budget never meets a clock: it buys candidates by an estimate from the number of rows, and the
candidates come in a fixed order. The same data and budget give the same recipe, on a slow machine too.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from modeling.binning import Codes, code_all
from modeling.boosting import Recipe
from modeling.calibration import level, sigmoid
from modeling.dataset import Dataset, Floats, Labels
from modeling.periods import Split, forward_folds, span_days, usable
from modeling.quality import log_loss
from modeling.training import Coded, Inputs, code_leads, fit_tables

MOST_ROWS = 20_000  # of one fold's past, and of its later part, which is a sixth of all
MOST_ROWS_OF_RARE = 200_000  # where few leads convert, until they are ENOUGH
ENOUGH = 500
SECONDS_A_FIT = 0.1
SECONDS_A_LINE = 0.1
SECONDS_A_CELL = 0.3e-8  # for each row, feature and iteration
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


class _Fold:
    """One step of the past: what each recipe would have said of the leads that came next."""

    def __init__(self, split: Split, inputs: Inputs, seed: int, most: int) -> None:
        self.past = split.past.sampled(most)
        self.later = split.later.sampled(most)
        self.inputs = inputs
        self.seed = seed
        self._coded: dict[bool, tuple[Coded, Codes]] = {}
        self._logits: dict[Recipe, Floats] = {}

    def cost(self, recipe: Recipe) -> float:
        """About how many seconds it takes to hear of the recipe what is not known yet."""
        if recipe.linear == 1 or replace(recipe, linear=0) in self._logits:
            return SECONDS_A_LINE
        cells = len(self.past) * len(self.inputs.chosen(recipe)) * recipe.iterations
        return SECONDS_A_FIT + SECONDS_A_CELL * cells

    def logits(self, recipe: Recipe) -> Floats:
        """The log-odds of the later leads."""
        # an average of tables says the average of what they say, so each part is fitted once
        line = Recipe(steady=recipe.steady, half_life_days=recipe.half_life_days, linear=1)
        parts = {replace(recipe, linear=0): 1 - recipe.linear, line: recipe.linear}
        said = [share * self._known(part) for part, share in parts.items() if share]
        return np.asarray(np.sum(said, axis=0), dtype=np.float64)

    def _known(self, recipe: Recipe) -> Floats:
        if recipe not in self._logits:
            coded, later = self._codes(recipe)
            self._logits[recipe] = fit_tables(coded, recipe, verified=False).logits(later)
        return self._logits[recipe]

    def _codes(self, recipe: Recipe) -> tuple[Coded, Codes]:
        if recipe.steady not in self._coded:
            coded = code_leads(self.past, self.inputs, recipe, seed=self.seed)
            self._coded[recipe.steady] = coded, code_all(coded.bins, self.later)
        return self._coded[recipe.steady]


@dataclass(frozen=True)
class _Trial:
    """What a recipe said of each fold's later leads, and how wrong it was: its mean loss in nats."""

    recipe: Recipe
    logits: list[Floats]
    loss: float

    def beats(self, other: "_Trial") -> bool:
        """Whether it gains enough; fewer pairs may cost a trifle, a simpler card is easier to trust."""
        needed = -WORTHWHILE / 2 if self.recipe.pairs < other.recipe.pairs else WORTHWHILE
        return other.loss - self.loss > needed


class Tuner:
    """Walks through the candidates, one kind of choice after the other, keeping what helps.

    `pace`: how many leads will be fitted by the recipe in the end. The recipes told are those to fit them by.
    """

    def __init__(
        self,
        *,
        past: Dataset,
        pace: int,
        inputs: Inputs,
        seed: int,
        seconds: float,
        on_progress: Callable[[float], None],
    ) -> None:
        most = _most_rows(past.converted)
        folds = [_Fold(split, inputs, seed, most) for split in forward_folds(past.sampled(6 * most))]
        self.folds = [fold for fold in folds if usable(fold.past) and usable(fold.later)]
        self.moves = bool(inputs.moving)
        self.pace = pace
        self.left = seconds
        self.seconds = seconds
        self.on_progress = on_progress
        self.days = span_days(past.matures_at)
        self.tried: list[tuple[Recipe, float]] = []

    def run(self, start: Recipe) -> Tuned:
        """Tune from a first recipe, which is always tried."""
        if not self.folds:
            return Tuned(start.paced(self.pace), [], _joined([]))
        best = self._trial(start)
        for choices in self._kinds():
            for change in choices:
                recipe = change(best.recipe)
                if any(recipe == known for known, _ in self.tried) or not self._affordable(recipe):
                    continue
                trial = self._trial(recipe)
                if trial.beats(best):
                    best = trial
        tried = [(recipe.paced(self.pace), loss) for recipe, loss in self.tried]
        return Tuned(best.recipe.paced(self.pace), tried, self._unseen(best))

    def _kinds(self) -> list[Sequence[Callable[[Recipe], Recipe]]]:
        half_lives = [round(self.days / part, 1) for part in (4, 8, 2)]
        return [
            [_with(steady=False)] if self.moves else [],
            [_with(iterations=80, leaf_leads=60), _with(iterations=40, leaf_leads=100, l2=10.0), _more],
            [_with(half_life_days=days) for days in half_lives if days >= SHORTEST_HALF_LIFE],
            [_with(pairs=3), _with(pairs=24), _with(pairs=0)],
            [_with(linear=0.0), _with(linear=1.0)],
        ]

    def _affordable(self, recipe: Recipe) -> bool:
        return self.left >= self._cost(recipe)

    def _cost(self, recipe: Recipe) -> float:
        return sum(fold.cost(recipe.paced(self.pace)) for fold in self.folds)

    def _trial(self, recipe: Recipe) -> _Trial:
        paced = recipe.paced(self.pace)
        self.left -= self._cost(recipe)
        # a fit of a few thousand leads leaves half of two cores idle, but three of them do not
        with ThreadPoolExecutor(len(self.folds)) as threads:
            logits = list(threads.map(lambda fold: fold.logits(paced), self.folds))
        losses = map(_levelled_loss, logits, [fold.later.converted for fold in self.folds])
        trial = _Trial(recipe, logits, float(np.mean(list(losses))))
        self.tried.append((recipe, trial.loss))
        self.on_progress(min(1.0, 1 - self.left / max(self.seconds, 1e-9)) if self.seconds else 1.0)
        return trial

    def _unseen(self, trial: _Trial) -> Unseen:
        parts = zip(trial.logits, self.folds, strict=True)
        return _joined([(logits, fold.later.converted) for logits, fold in parts])


def _most_rows(converted: Labels) -> int:
    rarer = min(int(converted.sum()), len(converted) - int(converted.sum()))
    return int(np.clip(ENOUGH * len(converted) / max(1, rarer), MOST_ROWS, MOST_ROWS_OF_RARE))


def _levelled_loss(logits: Floats, converted: Labels) -> float:
    """Log-loss at the right level: the level is calibration's work, not the recipe's."""
    return log_loss(sigmoid(logits + level(logits, converted)), converted)


def _with(**changes: float | bool | None) -> Callable[[Recipe], Recipe]:
    return lambda recipe: replace(recipe, **changes)  # type: ignore[arg-type] # checked by the dataclass's users


def _more(recipe: Recipe) -> Recipe:
    """Twice as many trees and more, but not where fewer were better."""
    return replace(recipe, iterations=450) if recipe.iterations == Recipe().iterations else recipe


def _joined(parts: list[tuple[Floats, Labels]]) -> Unseen:
    if not parts:
        return Unseen(np.zeros(0), np.zeros(0, dtype=np.int8), np.zeros(0))
    return Unseen(
        logits=np.concatenate([logits for logits, _ in parts]),
        converted=np.concatenate([converted for _, converted in parts]),
        fold=np.concatenate([np.full(len(logits), float(k)) for k, (logits, _) in enumerate(parts)]),
    )
