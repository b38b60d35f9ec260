"""The rival everybody knows: logistic regression on one-hot words and standardised numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from modeling.binning import numbers_of, words_of
from modeling.dataset import Dataset, Floats
from modeling.features import FeatureSpec

WORDS = 40  # the most frequent words of a feature get an indicator each
FEWEST = 10  # leads a word needs for one
FARTHEST = 8.0  # standard deviations; a number beyond them counts as this far
LARGEST_FIT = 100_000  # leads; more change no digit that is shown


@dataclass(frozen=True)
class _Encoded:
    """What is remembered of one feature of the training leads. `words` are the texts with an indicator."""

    spec: FeatureSpec
    mean: float | None
    spread: float
    words: tuple[str, ...]

    def columns(self, leads: Dataset) -> list[Floats]:
        found = []
        if self.mean is not None:
            numbers = numbers_of(self.spec, leads)
            numbers = np.full(len(leads), np.nan) if numbers is None else numbers
            missing = np.isnan(numbers)
            scaled = np.clip((numbers - self.mean) / self.spread, -FARTHEST, FARTHEST)
            found += [np.where(missing, 0.0, scaled), missing.astype(np.float64)]
        return found + self._indicators(leads)

    def _indicators(self, leads: Dataset) -> list[Floats]:
        column = words_of(self.spec, leads)
        if column is None or column.codes is None:
            return [np.zeros(len(leads)) for _ in self.words]
        place = {word: code for code, word in enumerate(column.vocabulary)}
        # -2 is no code, so that a word these leads have not yet seen is nowhere
        return [(column.codes == place.get(word, -2)).astype(np.float64) for word in self.words]


def _remember(spec: FeatureSpec, leads: Dataset) -> _Encoded:
    numbers = numbers_of(spec, leads)
    mean, spread = None, 1.0
    if numbers is not None and not bool(np.isnan(numbers).all()):
        mean, spread = float(np.nanmean(numbers)), float(np.nanstd(numbers)) or 1.0
    words: tuple[str, ...] = ()
    column = words_of(spec, leads)
    if column is not None and column.codes is not None:
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.vocabulary))
        common = [code for code in np.argsort(-counts, kind="stable")[:WORDS] if counts[code] >= FEWEST]
        words = tuple(column.vocabulary[code] for code in common)
    return _Encoded(spec=spec, mean=mean, spread=spread, words=words)


@dataclass(frozen=True)
class Logistic:
    """A fitted logistic regression."""

    features: tuple[_Encoded, ...]
    weights: Floats
    base: float

    def scores(self, leads: Dataset) -> Floats:
        """The probability of each lead."""
        logits = np.clip(_matrix(self.features, leads) @ self.weights + self.base, -30, 30)
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float64)


def fit(leads: Dataset, specs: Sequence[FeatureSpec]) -> Logistic | None:
    """Learn from `leads`; None while only one kind of ending is known."""
    leads = leads.sampled(LARGEST_FIT)
    if len(np.unique(leads.converted)) < 2:
        return None
    features = tuple(_remember(spec, leads) for spec in specs)
    # Newton's steps on the exact Hessian: converges where lbfgs needs hundreds of rounds
    model = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=200)
    model.fit(_matrix(features, leads), leads.converted)
    return Logistic(features=features, weights=model.coef_[0], base=float(model.intercept_[0]))


def _matrix(features: Sequence[_Encoded], leads: Dataset) -> Floats:
    columns = [column for feature in features for column in feature.columns(leads)]
    return np.column_stack([np.zeros(len(leads)), *columns])
