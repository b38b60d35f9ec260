"""Choosing the recipe on earlier time folds: how many pairs, how strong, how much the recent past counts.

The time budget never meets a clock: it buys candidates by an estimate from the number of rows, and the
candidates come in a fixed order. The same data and the same budget give the same recipe on any machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from modeling.binning import Codes, code_all
from modeling.boosting import Recipe
from modeling.calibration import level, sigmoid
from modeling.dataset import Dataset, Floats, Labels
from modeling.periods import Split, forward_folds, span_days
from modeling.quality import log_loss
from modeling.training import Coded, Inputs, code_leads, fit_tables

MOST_ROWS = 20_000  # of one fold's past, and of its later part
MOST_ALTOGETHER = 6 * MOST_ROWS  # the later part of a fold is a sixth of them
SECONDS_A_FIT = 0.1
SECONDS_A_LINE = 0.1
SECONDS_A_CELL = 0.3e-8  # for each row, feature and iteration
SHORTEST_HALF_LIFE = 7.0  # days
WORTHWHILE = 0.0002  # nats; a smaller gain does not buy a more complex recipe
HOPELESS = 0.003  # nats; worse than this on the newest fold, and the older ones are not asked


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
    tried: list[tuple[Recipe, float | None]]
    unseen: Unseen


class _Fold:
    """One step of the past: what each recipe would have said of the leads that came next."""

    def __init__(self, split: Split, inputs: Inputs, seed: int) -> None:
        self.past = split.past.sampled(MOST_ROWS)
        self.later = split.later.sampled(MOST_ROWS)
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


@dataclass
class _Trial:
    """What a recipe said of each fold's later leads, the newest fold first, and how wrong it was."""

    recipe: Recipe
    logits: list[Floats] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    hopeless: bool = False

    @property
    def loss(self) -> float | None:
        """In nats; None for one that was given up before all folds were asked."""
        return None if self.hopeless else float(np.mean(self.losses))

    def beats(self, other: "_Trial") -> bool:
        """Whether it gains enough; fewer pairs may cost a trifle, a simpler card is easier to trust."""
        if self.hopeless:
            return False
        gain = float(np.mean(other.losses) - np.mean(self.losses))
        return gain > (-WORTHWHILE / 2 if self.recipe.pairs < other.recipe.pairs else WORTHWHILE)


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
        self.folds = [_Fold(split, inputs, seed) for split in forward_folds(past.sampled(MOST_ALTOGETHER))]
        self.moves = bool(inputs.moving)
        self.leads = len(past)
        self.left = seconds
        self.seconds = seconds
        self.on_progress = on_progress
        self.days = span_days(past.matures_at)
        self.tried: list[tuple[Recipe, float | None]] = []

    def run(self, start: Recipe) -> Tuned:
        """Tune from a first recipe, which is always tried."""
        if not self.folds:
            return Tuned(start, [], _joined([]))
        best = self._trial(start, None)
        for choices in self._kinds():
            for change in choices:
                recipe = change(best.recipe)
                if any(recipe == known for known, _ in self.tried) or not self._affordable(recipe):
                    continue
                trial = self._trial(recipe, best)
                if trial.beats(best):
                    best = trial
        return Tuned(best.recipe, self.tried, self._unseen(best))

    def _kinds(self) -> list[Sequence[Callable[[Recipe], Recipe]]]:
        half_lives = [round(self.days / part, 1) for part in (4, 8, 2)]
        return [
            [_with(steady=False)] if self.moves else [],
            [_with(half_life_days=days) for days in half_lives if days >= SHORTEST_HALF_LIFE],
            [
                _with(iterations=450),
                _with(iterations=80, leaf_leads=60),
                _with(iterations=40, leaf_leads=100, l2=10.0),
            ],
            [_with(pairs=3), _with(pairs=24), _with(pairs=0)],
            [_with(linear=0.0), _with(linear=1.0)],
        ]

    def _affordable(self, recipe: Recipe) -> bool:
        return self.left >= sum(fold.cost(self._paced(recipe)) for fold in self.folds)

    def _paced(self, recipe: Recipe) -> Recipe:
        return recipe.paced(self.leads)

    def _trial(self, recipe: Recipe, best: _Trial | None) -> _Trial:
        """The newest fold is asked first; where it calls the recipe hopeless, the others need not be."""
        trial = _Trial(recipe)
        for k, fold in enumerate(reversed(self.folds)):
            self.left -= fold.cost(self._paced(recipe))
            logits = fold.logits(self._paced(recipe))
            trial.logits.append(logits)
            trial.losses.append(_levelled_loss(logits, fold.later.converted))
            if best is not None and trial.losses[k] > best.losses[k] + HOPELESS:
                trial.hopeless = True
                break
        self.tried.append((recipe, trial.loss))
        self.on_progress(min(1.0, 1 - self.left / max(self.seconds, 1e-9)) if self.seconds else 1.0)
        return trial

    def _unseen(self, trial: _Trial) -> Unseen:
        newest_last = zip(reversed(trial.logits), self.folds, strict=True)
        return _joined([(logits, fold.later.converted) for logits, fold in newest_last])


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
