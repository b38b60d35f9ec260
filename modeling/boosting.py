"""The booster behind a scorecard, and the recipe it is fitted by. Imported by training processes only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from modeling.binning import Codes
from modeling.dataset import Floats, Ints, Labels

ONE_THREAD = 50_000  # on fewer leads threads wait for each other longer than they work
MOST_FITTED = 250_000  # evenly drawn from a million, 400,000 moved the AUC by less than 0.0001
MANY = 100_000  # leads from which on the booster takes bigger steps

Groups = Sequence[set[int]] | str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What tuning may choose.

    `half_life_days` None: old leads count like new ones. `steady`: features that move with time stay out.
    `linear`: the share of the linear model in the average of it and the trees.
    """

    pairs: int = 12
    iterations: int = 200
    learning_rate: float = 0.08
    leaves: int = 8
    leaf_leads: int = 20
    l2: float = 1.0
    half_life_days: float | None = None
    steady: bool = True
    linear: float = 0.5

    def paced(self, leads: int) -> "Recipe":
        """Half the steps, twice as long, where there are many leads and each step is dear."""
        if leads < MANY:
            return self
        return replace(self, iterations=self.iterations // 2, learning_rate=self.learning_rate * 2)


def boosted(
    codes: Codes,
    converted: Labels,
    weights: Floats | None,
    *,
    recipe: Recipe,
    groups: Groups,
    constraints: Sequence[int] | None = None,
    seed: int,
) -> HistGradientBoostingClassifier:
    """A fitted booster that joins only the features of one group in one tree."""
    booster = HistGradientBoostingClassifier(
        max_iter=recipe.iterations,
        learning_rate=recipe.learning_rate,
        max_leaf_nodes=recipe.leaves,
        min_samples_leaf=recipe.leaf_leads,
        l2_regularization=recipe.l2,
        interaction_cst=groups,
        monotonic_cst=constraints,
        early_stopping=False,  # it would hold back a random tenth, and stop by it
        random_state=seed,
    )
    rows, row_weights = thinned(converted, weights, MOST_FITTED)
    # of OpenMP alone: its limit is each thread's own, so fits may run side by side
    with threadpool_limits(1 if len(codes) < ONE_THREAD else None, user_api="openmp"):
        return booster.fit(codes[rows], converted[rows], sample_weight=row_weights)


def thinned(converted: Labels, weights: Floats | None, most: int) -> tuple[slice | Ints, Floats | None]:
    """About `most` leads, drawn as often as they weigh, evenly over time and the same every time.

    The rarer kind of ending fills up to half of them; what is drawn has the weight of what is left out.
    """
    n = len(converted)
    if n <= most:
        return slice(None), weights
    weight = np.ones(n) if weights is None else weights
    kinds = sorted((np.flatnonzero(converted == kind) for kind in (0, 1)), key=len)
    rarer = _drawn(kinds[0], weight, most // 2)
    rows = np.concatenate([rarer, _drawn(kinds[1], weight, most - len(rarer))])
    stands_for = np.empty(n)
    for kind, drawn in zip(kinds, (rarer, rows[len(rarer) :]), strict=True):
        stands_for[drawn] = _standing(weight, kind, drawn)
    rows.sort()
    return rows, stands_for[rows]


def _drawn(rows: Ints, weight: Floats, most: int) -> Ints:
    if len(rows) <= most:
        return rows
    due = np.cumsum(weight[rows]) * (most / weight[rows].sum())
    return np.asarray(rows[np.diff(np.floor(due), prepend=0.0) > 0])


def _standing(weight: Floats, kind: Ints, drawn: Ints) -> Floats:
    """The weight of what was drawn, so that it weighs as much as all of its kind."""
    if len(drawn) == len(kind) or len(drawn) == 0:
        return weight[drawn]
    # each was drawn as often as it weighs: those drawn once weigh the same, heavier ones their own
    level = np.maximum(weight[drawn], weight[kind].sum() / len(drawn))
    return np.asarray(level * (weight[kind].sum() / level.sum()))
