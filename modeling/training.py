"""Fitting one scorecard by one recipe: bins, pairs, booster, tables. `tuning` chooses the recipe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from modeling.binning import Codes, code_all, fit_bins, sample_of, whole_numbers
from modeling.dataset import Dataset, Floats, Ints, Labels
from modeling.features import Bins, FeatureSpec
from modeling.tables import Tables, centred, read_tables, verify

PAIR_SAMPLE = 50_000
ONE_THREAD = 50_000
PAIR_FEATURES = 40  # only the strongest features are looked at in pairs
PAIR_GROUPS = 10
PAIR_SMOOTHING = 30.0
VERIFIED_ROWS = 20_000
MOST_FITTED = 400_000
MANY = 100_000  # leads from which on the booster takes bigger steps
DIRECTIONS = {"free": 0, "increasing": 1, "decreasing": -1}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What tuning may choose.

    `half_life_days` None: old leads count like new ones. `steady`: features that move with time stay out.
    """

    pairs: int = 12
    iterations: int = 200
    learning_rate: float = 0.08
    leaves: int = 8
    leaf_leads: int = 20
    l2: float = 1.0
    half_life_days: float | None = None
    steady: bool = True

    def paced(self, leads: int) -> "Recipe":
        """Half the steps, twice as long, where there are many leads and each step is dear."""
        if leads < MANY:
            return self
        return replace(self, iterations=self.iterations // 2, learning_rate=self.learning_rate * 2)


@dataclass(frozen=True, slots=True)
class Inputs:
    """The features to learn from: which, which of them move with time, whose numbers are names, and which
    way each may go.
    """

    specs: tuple[FeatureSpec, ...]
    moving: frozenset[str] = frozenset()
    as_names: frozenset[str] = frozenset()
    directions: Mapping[str, str] | None = None

    def chosen(self, recipe: Recipe) -> tuple[FeatureSpec, ...]:
        """The features a recipe uses; all of them where nothing would be left."""
        steady = tuple(spec for spec in self.specs if spec.name not in self.moving)
        return steady if recipe.steady and steady else self.specs

    def constraint(self, spec: FeatureSpec) -> int:
        """1 when more may only help, -1 when it may only hurt."""
        return DIRECTIONS[(self.directions or {}).get(spec.name, "free")]


@dataclass(frozen=True)
class Fitted:
    """Tables over bins, with how many training leads fell into each bin."""

    bins: tuple[Bins, ...]
    tables: Tables
    support: list[Ints]
    integers: tuple[bool, ...]
    n_train: int

    def logits(self, leads: Dataset) -> Floats:
        """The log-odds of any leads."""
        return self.tables.logits(code_all(self.bins, leads))


def fit(*, leads: Dataset, inputs: Inputs, recipe: Recipe, seed: int) -> Fitted:
    """A scorecard of `leads`, not yet calibrated on later ones."""
    specs = inputs.chosen(recipe)
    bins = tuple(fit_bins(spec, leads, as_names=spec.name in inputs.as_names) for spec in specs)
    codes = code_all(bins, leads)
    weights = recency_weights(leads, recipe.half_life_days)
    support = [np.bincount(codes[:, k], minlength=b.size) for k, b in enumerate(bins)]
    constraints = [inputs.constraint(spec) for spec in specs]
    # on few leads threads wait for each other longer than they work
    with threadpool_limits(1 if len(leads) < ONE_THREAD else None):
        tables = fit_tables(codes, leads.converted, weights, bins, constraints, recipe, seed)
    return Fitted(
        bins=bins,
        tables=centred(tables, codes, support),
        support=support,
        integers=tuple(whole_numbers(spec, leads) for spec in specs),
        n_train=len(leads),
    )


def recency_weights(leads: Dataset, half_life_days: float | None) -> Floats | None:
    """1 for the newest lead, half of it for each half-life before. No clock: same data, same weights."""
    if half_life_days is None or len(leads) == 0:
        return None
    age = (leads.matures_at.max() - leads.matures_at) / np.timedelta64(1, "D")
    return np.asarray(0.5 ** (age / half_life_days), dtype=np.float64)


def fit_tables(
    codes: Codes,
    converted: Labels,
    weights: Floats | None,
    bins: Sequence[Bins],
    constraints: list[int],
    recipe: Recipe,
    seed: int,
) -> Tables:
    """The booster's tables, verified against the booster."""
    pairs = choose_pairs(codes, converted, bins, recipe, seed)
    groups = [set(pair) for pair in pairs] + [{k} for k in range(len(bins))]
    rows, row_weights = thinned(len(codes), weights)
    paced = recipe.paced(len(codes))
    booster = _booster(paced, paced.iterations, seed, groups, constraints)
    booster.fit(codes[rows], converted[rows], sample_weight=row_weights)
    tables = read_tables(booster.decision_function, [b.size for b in bins], pairs)
    verify(tables, booster.decision_function, codes[sample_of(len(codes), VERIFIED_ROWS)])
    return tables


def thinned(n: int, weights: Floats | None) -> tuple[slice | Ints, Floats | None]:
    """At most MOST_FITTED leads, drawn as often as they weigh, evenly over time and the same every time."""
    if n <= MOST_FITTED:
        return slice(None), weights
    share = np.full(n, 1.0 / n) if weights is None else weights / weights.sum()
    due = np.cumsum(share) * MOST_FITTED
    rows = np.flatnonzero(np.diff(np.floor(due), prepend=0.0) > 0)
    return rows, np.maximum(1.0, share[rows] * MOST_FITTED)


def _booster(
    recipe: Recipe,
    iterations: int,
    seed: int,
    groups: list[set[int]] | str,
    constraints: list[int] | None,
) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=iterations,
        learning_rate=recipe.learning_rate,
        max_leaf_nodes=recipe.leaves,
        min_samples_leaf=recipe.leaf_leads,
        l2_regularization=recipe.l2,
        interaction_cst=groups,
        monotonic_cst=constraints,
        early_stopping=False,  # it would hold back a random tenth, and stop by it
        random_state=seed,
    )


def choose_pairs(
    codes: Codes, converted: Labels, bins: Sequence[Bins], recipe: Recipe, seed: int
) -> list[tuple[int, int]]:
    """The pairs that explain most of what a model of single features leaves unexplained."""
    if recipe.pairs == 0 or len(bins) < 2:
        return []
    rows = sample_of(len(codes), PAIR_SAMPLE)
    sample, labels = codes[rows], converted[rows]
    booster = _booster(recipe, 60, seed, "no_interactions", None)
    booster.fit(sample, labels)
    rest = labels - booster.predict_proba(sample)[:, 1]
    grouped = [_grouped(sample[:, k], b.size) for k, b in enumerate(bins)]
    strongest = sorted(_by_strength(booster, sample, bins)[:PAIR_FEATURES])
    gains = [(-_gain(grouped[i], grouped[j], rest), i, j) for i, j in combinations(strongest, 2)]
    return [(i, j) for _, i, j in sorted(gains)[: recipe.pairs]]


def _by_strength(booster: HistGradientBoostingClassifier, sample: Codes, bins: Sequence[Bins]) -> list[int]:
    if len(bins) <= PAIR_FEATURES:
        return list(range(len(bins)))
    tables = read_tables(booster.decision_function, [b.size for b in bins], [])
    spread = [float(np.var(table[sample[:, k]])) for k, table in enumerate(tables.singles)]
    return sorted(range(len(bins)), key=lambda k: (-spread[k], k))


def _grouped(codes: Codes, size: int) -> Ints:
    """Neighbouring bins put together into about ten groups of similar size."""
    counts = np.bincount(codes, minlength=size)
    before = np.cumsum(counts) - counts
    group = (before * PAIR_GROUPS) // max(1, len(codes))
    return np.asarray(group[codes], dtype=np.int64)


def _gain(first: Ints, second: Ints, rest: Floats) -> float:
    cell = first * PAIR_GROUPS + second
    leads = np.bincount(cell, minlength=PAIR_GROUPS**2)
    sums = np.bincount(cell, weights=rest, minlength=PAIR_GROUPS**2)
    return float(np.sum(sums**2 / (leads + PAIR_SMOOTHING)))
