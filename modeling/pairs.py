"""Which two features say more together: the pairs that explain most of what single features leave over.

The idea is FAST of Lou et al. 2013, "Accurate Intelligible Models with Pairwise Interactions".
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from modeling.binning import Codes
from modeling.boosting import Recipe, boosted, thinned
from modeling.dataset import Floats, Ints, Labels
from modeling.tables import read_tables

SAMPLE = 50_000
SINGLES = Recipe(iterations=60)  # the model of single features that is asked what it leaves over
FEATURES = 40  # only the strongest are looked at in pairs
GROUPS = 10
SMOOTHING = 30.0

Pair = tuple[int, int]


def ranked_pairs(codes: Codes, converted: Labels, sizes: Sequence[int], *, seed: int) -> list[Pair]:
    """Pairs of the strongest features, the most telling first; `sizes`: how many bins each feature has."""
    if len(sizes) < 2:
        return []
    rows, weights = thinned(converted, None, SAMPLE)
    sample, labels = codes[rows], converted[rows]
    booster = boosted(sample, labels, weights, recipe=SINGLES, groups="no_interactions", seed=seed)
    weights = np.ones(len(labels)) if weights is None else weights
    rest = weights * (labels - booster.predict_proba(sample)[:, 1])
    strongest = sorted(_by_strength(booster, sample, sizes)[:FEATURES])
    grouped = {k: _grouped(sample[:, k], sizes[k]) for k in strongest}
    gains = [(-_gain(grouped[i], grouped[j], rest, weights), i, j) for i, j in combinations(strongest, 2)]
    return [(i, j) for _, i, j in sorted(gains)]


def _by_strength(booster: HistGradientBoostingClassifier, sample: Codes, sizes: Sequence[int]) -> list[int]:
    if len(sizes) <= FEATURES:
        return list(range(len(sizes)))
    tables = read_tables(booster.decision_function, sizes, [])
    spread = [float(np.var(table[sample[:, k]])) for k, table in enumerate(tables.singles)]
    return sorted(range(len(sizes)), key=lambda k: (-spread[k], k))


def _grouped(codes: Codes, size: int) -> Ints:
    """Neighbouring bins put together into about ten groups of similar size."""
    counts = np.bincount(codes, minlength=size)
    before = np.cumsum(counts) - counts
    group = (before * GROUPS) // max(1, len(codes))
    return np.asarray(group[codes], dtype=np.int64)


def _gain(first: Ints, second: Ints, rest: Floats, weights: Floats) -> float:
    cell = first * GROUPS + second
    leads = np.bincount(cell, weights=weights, minlength=GROUPS**2)
    sums = np.bincount(cell, weights=rest, minlength=GROUPS**2)
    return float(np.sum(sums**2 / (leads + SMOOTHING)))
