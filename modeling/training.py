"""Fitting one scorecard by one recipe: bins, pairs, booster, tables. `tuning` chooses the recipe."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modeling.binning import Codes, code_all, fit_bins, whole_numbers
from modeling.boosting import Recipe, boosted
from modeling.dataset import Dataset, Floats, Ints, Times, sample_of
from modeling.features import Bins, FeatureSpec
from modeling.linear import linear_tables
from modeling.pairs import Pair, ranked_pairs
from modeling.tables import Tables, centred, read_tables, verify

VERIFIED_ROWS = 20_000
DIRECTIONS = {"free": 0, "increasing": 1, "decreasing": -1}


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
class Coded:
    """Leads ready for a booster: made once, fitted by as many recipes as one likes."""

    leads: Dataset
    bins: tuple[Bins, ...]
    codes: Codes
    constraints: list[int]
    seed: int

    @property
    def sizes(self) -> list[int]:
        """The number of bins of each feature."""
        return [bins.size for bins in self.bins]

    @cached_property
    def support(self) -> list[Ints]:
        """How many of the leads are in each bin of each feature."""
        return [np.bincount(self.codes[:, k], minlength=size) for k, size in enumerate(self.sizes)]

    @cached_property
    def pairs(self) -> list[Pair]:
        """Pairs of features, the most telling first."""
        return ranked_pairs(self.codes, self.leads.converted, self.sizes, seed=self.seed)


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
    coded = code_leads(leads, inputs, recipe, seed=seed)
    tables = fit_tables(coded, recipe, verified=True)
    return Fitted(
        bins=coded.bins,
        tables=tables,
        support=coded.support,
        integers=tuple(whole_numbers(bins.spec, leads) for bins in coded.bins),
        n_train=len(leads),
    )


def code_leads(leads: Dataset, inputs: Inputs, recipe: Recipe, *, seed: int) -> Coded:
    """Bins chosen on `leads`, for this recipe and all that use the same features."""
    specs = inputs.chosen(recipe)
    bins = tuple(fit_bins(spec, leads, as_names=spec.name in inputs.as_names) for spec in specs)
    return Coded(
        leads=leads,
        bins=bins,
        codes=code_all(bins, leads),
        constraints=[inputs.constraint(spec) for spec in specs],
        seed=seed,
    )


def fit_tables(coded: Coded, recipe: Recipe, *, verified: bool) -> Tables:
    """What the recipe as it is makes of the leads; `verified`: the trees' tables are held against them."""
    if recipe.linear == 0:
        return fit_trees(coded, recipe, verified=verified)
    if recipe.linear == 1:
        return fit_linear(coded, recipe)
    return fit_trees(coded, recipe, verified=verified).blended(fit_linear(coded, recipe), recipe.linear)


def fit_trees(coded: Coded, recipe: Recipe, *, verified: bool) -> Tables:
    """The tables of a booster."""
    pairs = coded.pairs[: recipe.pairs] if recipe.pairs else []
    booster = boosted(
        coded.codes,
        coded.leads.converted,
        recency_weights(coded.leads.matures_at, recipe.half_life_days),
        recipe=recipe,
        groups=[set(pair) for pair in pairs] + [{k} for k in range(len(coded.bins))],
        constraints=coded.constraints,
        seed=coded.seed,
    )
    tables = read_tables(booster.decision_function, coded.sizes, pairs)
    if verified:
        rows = sample_of(len(coded.codes), VERIFIED_ROWS)
        verify(tables, booster.decision_function, coded.codes[rows])
    return centred(tables, coded.codes, coded.support)


def fit_linear(coded: Coded, recipe: Recipe) -> Tables:
    """The tables of the linear model."""
    tables = linear_tables(
        coded.codes,
        coded.leads.converted,
        recency_weights(coded.leads.matures_at, recipe.half_life_days),
        bins=coded.bins,
        support=coded.support,
        constraints=coded.constraints,
    )
    return centred(tables, coded.codes, coded.support)


def recency_weights(matures_at: Times, half_life_days: float | None) -> Floats | None:
    """1 for the newest lead, half of it for each half-life before. No clock: same data, same weights."""
    if half_life_days is None or len(matures_at) == 0:
        return None
    age = (matures_at.max() - matures_at) / np.timedelta64(1, "D")
    return np.asarray(0.5 ** (age / half_life_days), dtype=np.float64)
