"""The booster behind a scorecard, and the recipe it is fitted by. Imported by training processes only."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

# Before scikit-learn loads its OpenMP: a thread that spins long while it waits takes the processor from the
# web workers, one that sleeps at once wakes late. A fit on two idle cores took 2.4 s as it comes, 2.6 s so
# and 3.1 s with no spinning; beside two busy processes 7.7 s, 4.7 s and 8.3 s.
os.environ.setdefault("GOMP_SPINCOUNT", "20000")

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from modeling.binning import Codes
from modeling.dataset import Floats, Ints, Labels

ONE_THREAD = 50_000  # on fewer leads threads wait for each other longer than they work
MOST_FITTED = 250_000  # more moved no AUC by 0.0005, at a million leads
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
    rows, row_weights = thinned(len(codes), weights)
    with threadpool_limits(1 if len(codes) < ONE_THREAD else None):
        return booster.fit(codes[rows], converted[rows], sample_weight=row_weights)


def thinned(n: int, weights: Floats | None) -> tuple[slice | Ints, Floats | None]:
    """At most MOST_FITTED leads, drawn as often as they weigh, evenly over time and the same every time."""
    if n <= MOST_FITTED:
        return slice(None), weights
    share = np.full(n, 1.0 / n) if weights is None else weights / weights.sum()
    due = np.cumsum(share) * MOST_FITTED
    rows = np.flatnonzero(np.diff(np.floor(due), prepend=0.0) > 0)
    return rows, np.maximum(1.0, share[rows] * MOST_FITTED)
